package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger/localpg"
	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
)

// witnessTimeout is how long a witness at a URL may take to answer.
const witnessTimeout = 10 * time.Second

// maxWitness bounds what is read of a witness at the start, in bytes.
const maxWitness = 64 << 20

// logSettings say what the log is signed with, and who keeps its checkpoints outside the database.
type logSettings struct {
	keyFile, witnessFile, witnessURL string
}

func (l *logSettings) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&l.keyFile, "log-key", "", "file with the key that signs the log (vcledger key log create); the private database makes its own in --data-dir")
	f.StringVar(&l.witnessFile, "witness-file", "", "file to which each signed checkpoint is appended; keep it where the database's owner cannot write")
	f.StringVar(&l.witnessURL, "witness-url", "", "URL to which each signed checkpoint is sent by POST, and which answers GET with those that it has, one a line")
}

// useLog makes the store sign its log, and refuses a database that was set back behind what a witness saw.
func (s *settings) useLog(ctx context.Context, store *postgres.Store, local bool, stderr io.Writer) error {
	signer, err := s.signer(local, stderr)
	if err != nil {
		return err
	}
	w := s.witness(stderr)
	if err := w.check(ctx, store); err != nil {
		return err
	}
	l := postgres.Log{Signer: signer}
	if s.log.witnessFile != "" || s.log.witnessURL != "" {
		if signer == nil {
			return usagef("--witness-file and --witness-url need --log-key: a witness keeps signed checkpoints")
		}
		l.Witness = w.tell
	}
	store.UseLog(l)
	return nil
}

// hasLogKey refuses a store that could never seal what is written: every statement would be refused after the first posting.
func hasLogKey(ctx context.Context, store *postgres.Store) error {
	lacks, err := store.LacksKey(ctx)
	if err == nil && lacks {
		err = usagef("the log of this ledger is signed: give its key with --log-key")
	}
	return err
}

func (s *settings) witness(stderr io.Writer) witness {
	return witness{logSettings: s.log, client: &http.Client{Timeout: witnessTimeout}, stderr: stderr}
}

// keyPath is the file of the log's key, whether it is there or not; empty when a database elsewhere was given none.
func (s *settings) keyPath(local bool) (string, error) {
	if s.log.keyFile != "" || !local {
		return s.log.keyFile, nil
	}
	dir := s.dataDir
	if dir == "" {
		var err error
		if dir, err = localpg.DefaultDataDir(); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "log.key"), nil
}

// signer reads the key of the log; the private database gets one of its own. Nil when there is none.
func (s *settings) signer(local bool, stderr io.Writer) (*proof.Signer, error) {
	path, err := s.keyPath(local)
	if err != nil {
		return nil, err
	}
	if local && s.log.keyFile == "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			name := make([]byte, 6)
			_, _ = rand.Read(name) // never fails (crypto/rand)
			if _, err := createLogKey(path, "vcledger.local/"+hex.EncodeToString(name)); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
			fmt.Fprintf(stderr, "made the key %s, which signs the log; vcledger key log show prints its public half\n", path)
		}
	}
	if path == "" {
		return nil, nil
	}
	return readLogKey(path)
}

// readLogKey reads a file of lines: the private key, the public one, and those that vouched for it, the oldest last.
func readLogKey(path string) (*proof.Signer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the log: %w", err)
	}
	lines := strings.Fields(string(b))
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "PRIVATE") {
		return nil, fmt.Errorf("%s is no key of a log: its first two lines are the private and the public key", path)
	}
	signer, err := proof.NewSigner(lines[0], lines[1], lines[2:]...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return signer, nil
}

// createLogKey makes a key for a log and writes it to a file that is not there yet.
func createLogKey(path, name string) (public string, err error) {
	private, public, err := proof.NewKey(name)
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("write the key of the log: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s\n%s\n", private, public)
	return public, errors.Join(err, f.Close())
}

func logKeyCommand(s *settings) *cobra.Command {
	c := &cobra.Command{Use: "log", Short: "Make, show and exchange the key that signs the log", Args: noArguments, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var name, file, next string
	create := &cobra.Command{
		Use: "create", Short: "Make a key in a file and print its public half, which donors verify with", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if name == "" || file == "" {
				return usagef("key log create needs --name, such as fund.example.org/ledger, and --file")
			}
			public, err := createLogKey(file, name)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), public)
			return err
		},
	}
	create.Flags().StringVar(&name, "name", "", "name of the log, which its checkpoints bear: a domain and a path that are yours")
	create.Flags().StringVar(&file, "file", "", "file to write the key to; keep it from the owner of the database")
	show := &cobra.Command{
		Use: "show", Short: "Print the public key", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			signer, err := s.signer(s.databaseURL == "", c.ErrOrStderr())
			if err != nil {
				return err
			}
			if signer == nil {
				return usagef("key log show needs --log-key")
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), signer.Public())
			return err
		},
	}
	rotate := &cobra.Command{
		Use: "rotate", Short: "Let the key of --log-key vouch for the one in --next, which signs from then on",
		Long: "The old key signs the new one, and every proof carries that: who has the old public key can check what the new one signed.\n" +
			"Serve with --log-key NEXT afterwards.",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if next == "" {
				return usagef("key log rotate needs --next")
			}
			young, err := readLogKey(next)
			if err != nil {
				return err
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				old, err := s.signer(s.databaseURL == "", c.ErrOrStderr())
				if err != nil {
					return err
				}
				if old == nil {
					return usagef("key log rotate needs --log-key: the key that vouches")
				}
				note, err := old.Vouch(young.Public())
				if err != nil {
					return err
				}
				if err := store.Vouch(ctx, young.Public(), note); err != nil {
					return err
				}
				for _, public := range old.Chain() {
					if err := appendLine(next, []byte(public)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	rotate.Flags().StringVar(&next, "next", "", "file with the new key (vcledger key log create, with the same name)")
	c.AddCommand(create, show, rotate)
	return c
}

// witnessed is a line of a witness.
type witnessed struct {
	Checkpoint string `json:"checkpoint"`
}

// witness keeps checkpoints outside the database.
type witness struct {
	logSettings
	client *http.Client
	stderr io.Writer
}

// tell appends a checkpoint to the file and sends it to the URL. A witness that does not answer is told the next one, which
// says all that this one says; the sealing does not wait for it.
func (w witness) tell(checkpoint string) {
	line, err := json.Marshal(witnessed{checkpoint})
	if err == nil && w.witnessFile != "" {
		err = appendLine(w.witnessFile, line)
	}
	if err != nil {
		fmt.Fprintln(w.stderr, "the witness was not told:", err)
	}
	if w.witnessURL != "" {
		go func() {
			r, err := w.client.Post(w.witnessURL, "application/x-ndjson", bytes.NewReader(append(line, '\n')))
			if err == nil && r.StatusCode >= 300 {
				err = errors.New(r.Status)
			}
			if err != nil {
				fmt.Fprintln(w.stderr, "the witness was not told:", err)
			}
			if r != nil {
				_ = r.Body.Close()
			}
		}()
	}
}

func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// lines are what the witness has.
func (w witness) lines(ctx context.Context) ([]byte, error) {
	var all []byte
	if w.witnessFile != "" {
		b, err := os.ReadFile(w.witnessFile)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the witness's file: %w", err)
		}
		all = append(append(all, b...), '\n')
	}
	if w.witnessURL != "" {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.witnessURL, nil)
		if err != nil {
			return nil, usagef("--witness-url: %w", err)
		}
		r, err := w.client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("ask the witness: %w", err)
		}
		defer func() { _ = r.Body.Close() }() // it was read
		if r.StatusCode == http.StatusOK {
			b, err := io.ReadAll(io.LimitReader(r.Body, maxWitness))
			if err != nil {
				return nil, fmt.Errorf("ask the witness: %w", err)
			}
			all = append(all, b...)
		}
	}
	return all, nil
}

// check holds the log of the database against every checkpoint that the witness has.
func (w witness) check(ctx context.Context, store *postgres.Store) error {
	return w.each(ctx, func(_ string, c proof.Checkpoint) error {
		root, sealed, err := store.RootAt(ctx, c.Size)
		switch {
		case err != nil:
			return err
		case !sealed:
			return fmt.Errorf("the database has been set back: the witness saw its log with %d records, and it was never sealed with so many here. Restore it whole, or find out who set it back, before anything is recorded", c.Size)
		case root != c.Root:
			return fmt.Errorf("the database is not the one that the witness saw: its log of %d records has another root", c.Size)
		}
		return nil
	})
}

// missing tells of each checkpoint that the witness has and the database does not.
func (w witness) missing(ctx context.Context, store *postgres.Store, found func(string)) error {
	return w.each(ctx, func(note string, c proof.Checkpoint) error {
		has, err := store.HasCheckpoint(ctx, c.Size, note)
		if err == nil && !has {
			found(fmt.Sprintf("The witness has a checkpoint of the log with %d records that the database has not.", c.Size))
		}
		return err
	})
}

// each calls do with every checkpoint that the witness has, until one fails.
func (w witness) each(ctx context.Context, do func(note string, c proof.Checkpoint) error) error {
	lines, err := w.lines(ctx)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(lines) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var seen witnessed
		if err := json.Unmarshal(line, &seen); err != nil {
			return errors.New("the witness has a line that is no checkpoint")
		}
		text, _, _ := strings.Cut(seen.Checkpoint, "\n\n")
		c, err := proof.ParseCheckpoint(text + "\n")
		if err != nil {
			return fmt.Errorf("the witness has a line that is no checkpoint: %w", err)
		}
		if err := do(seen.Checkpoint, c); err != nil {
			return err
		}
	}
	return nil
}
