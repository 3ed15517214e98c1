package proof

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxNote bounds a note from outside, in bytes.
const maxNote = 64 << 10

// Checkpoint is the state of a log: how many leaves it has, and the root of its tree.
type Checkpoint struct {
	Origin string // the name of the log, which is that of its key
	Size   int64
	Root   tlog.Hash
}

// Text is the checkpoint as it is signed (C2SP tlog-checkpoint).
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// ParseCheckpoint reads the text of a checkpoint; lines after the third are for others and are left alone.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errors.New("a checkpoint has three lines: the log's name, its size and its root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errors.New("the size of the checkpoint is not a number of leaves")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errors.New("the root of the checkpoint is not a hash")
	}
	c := Checkpoint{Origin: lines[0], Size: size}
	copy(c.Root[:], root)
	return c, nil
}

// Signer signs what a log says of itself.
type Signer struct {
	signer note.Signer
	chain  []string // public keys: its own, and those that vouched for it, the oldest last
}

// NewKey makes a key for a log of the given name: the private key, to be kept where the database's owner cannot read it, and
// the public one, to be given to everybody.
func NewKey(origin string) (private, public string, err error) {
	if origin == "" || strings.ContainsAny(origin, " +\n\t") {
		return "", "", errors.New("the name of a log has no spaces and no plus signs")
	}
	private, public, err = note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", "", fmt.Errorf("make a key: %w", err)
	}
	return private, public, nil
}

// NewSigner reads a private key that [NewKey] made, its public half, and the public keys that vouched for it, the oldest last.
func NewSigner(private, public string, earlier ...string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return nil, errors.New("the private key cannot be read")
	}
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("the public key cannot be read")
	}
	if s.Name() != v.Name() || s.KeyHash() != v.KeyHash() {
		return nil, errors.New("the private and the public key are not of one pair")
	}
	return &Signer{signer: s, chain: append([]string{strings.TrimSpace(public)}, earlier...)}, nil
}

// Origin is the name of the log.
func (s *Signer) Origin() string { return s.signer.Name() }

// Public is the public key, in one line.
func (s *Signer) Public() string { return s.chain[0] }

// Chain are the public keys of the log that this key follows: its own first, the oldest last.
func (s *Signer) Chain() []string { return s.chain }

// Keys trusts the oldest of the keys that this one follows, and what the vouchers lead to from it.
func (s *Signer) Keys(vouchers []string) (*Keys, error) {
	return NewKeys(s.chain[len(s.chain)-1], vouchers)
}

// Sign signs a text that ends with a line's end. The same text gives the same note.
func (s *Signer) Sign(text string) (string, error) {
	signed, err := note.Sign(&note.Note{Text: text}, s.signer)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return string(signed), nil
}

// voucherHeader begins the text by which an old key vouches for a new one.
const voucherHeader = "vcledger key rotation\n"

// Vouch signs another public key of the same log with this one: from now on the other one speaks for the log.
func (s *Signer) Vouch(public string) (string, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil || v.Name() != s.Origin() {
		return "", errors.New("the new key is not one of the same log")
	}
	return s.Sign(voucherHeader + strings.TrimSpace(public) + "\n")
}

// Keys are public keys of one log that are trusted: one that the reader was given, and those that it vouches for.
type Keys struct {
	verifiers []note.Verifier
	trusted   []TrustedKey // the same keys
}

// TrustedKey is a public key of a log, with the note by which an older one vouches for it; the oldest has none.
type TrustedKey struct{ Key, By, Voucher string }

// List are the keys in the order in which each was vouched for.
func (k *Keys) List() []TrustedKey { return k.trusted }

// NewKeys trusts a public key, and those that the vouchers lead to from it.
func NewKeys(public string, vouchers []string) (*Keys, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("the public key cannot be read: it looks like NAME+HASH+KEY, in one line")
	}
	k := &Keys{verifiers: []note.Verifier{v}, trusted: []TrustedKey{{Key: strings.TrimSpace(public)}}}
	for range vouchers { // in whatever order they stand
		for _, voucher := range vouchers {
			n, err := k.open(voucher)
			if err != nil {
				continue
			}
			key, ok := strings.CutPrefix(n.Text, voucherHeader)
			if !ok {
				continue
			}
			key = strings.TrimSuffix(key, "\n")
			next, err := note.NewVerifier(key)
			if err == nil && next.Name() == v.Name() && !k.has(next) {
				k.verifiers, k.trusted = append(k.verifiers, next), append(k.trusted, TrustedKey{key, k.signedBy(n), voucher})
			}
		}
	}
	return k, nil
}

func (k *Keys) has(v note.Verifier) bool {
	for _, known := range k.verifiers {
		if known.KeyHash() == v.KeyHash() {
			return true
		}
	}
	return false
}

// Trusts reports whether a public key is one of the keys.
func (k *Keys) Trusts(public string) bool {
	v, err := note.NewVerifier(public)
	return err == nil && v.Name() == k.verifiers[0].Name() && k.has(v)
}

// signedBy returns the key that signed a note that was opened.
func (k *Keys) signedBy(n *note.Note) string {
	for i, v := range k.verifiers {
		if v.KeyHash() == n.Sigs[0].Hash {
			return k.trusted[i].Key
		}
	}
	return ""
}

// Open returns the text of a note that one of the keys signed.
func (k *Keys) Open(signed string) (string, error) {
	n, err := k.open(signed)
	if err != nil {
		return "", err
	}
	return n.Text, nil
}

func (k *Keys) open(signed string) (*note.Note, error) {
	if len(signed) > maxNote {
		return nil, errors.New("the note is too long")
	}
	n, err := note.Open([]byte(signed), note.VerifierList(k.verifiers...))
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return nil, errors.New("it was not signed with this key")
	case err != nil:
		return nil, errors.New("its signature is wrong, or it is no signed note")
	}
	return n, nil
}

// OpenCheckpoint returns a checkpoint that one of the keys signed, of the log that the keys are of.
func (k *Keys) OpenCheckpoint(signed string) (Checkpoint, error) {
	text, err := k.Open(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseCheckpoint(text)
	if err == nil && c.Origin != k.verifiers[0].Name() {
		err = errors.New("the checkpoint is of another log than the key")
	}
	return c, err
}
