package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// LogCheckpoint is a checkpoint of the log, taken apart.
type LogCheckpoint struct {
	Origin   string   `json:"origin" example:"fund.example.org/ledger" doc:"The name of the log."`
	Size     int64    `json:"size" example:"1284" doc:"How many records the log has."`
	Root     string   `json:"root" example:"3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0=" doc:"The root of its tree, in Base64."`
	Note     string   `json:"note" doc:"The signed note that says so (C2SP tlog-checkpoint)."`
	Key      string   `json:"key" doc:"The public key that signed, to compare with the one that was given out by another way; by itself it proves nothing."`
	Vouchers []string `json:"vouchers" doc:"Signed notes by which older keys of the log vouch for newer ones."`
}

func checkpointOf(c *postgres.Checkpoint) (*LogCheckpoint, error) {
	text, _, _ := strings.Cut(c.Note, "\n\n")
	parsed, err := proof.ParseCheckpoint(text + "\n")
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint that was kept: %w", err)
	}
	return &LogCheckpoint{Origin: parsed.Origin, Size: parsed.Size, Root: base64.StdEncoding.EncodeToString(parsed.Root[:]), Note: c.Note, Key: c.Key,
		Vouchers: append([]string{}, c.Vouchers...)}, nil
}

// checkpointFormats are the forms of a checkpoint: the signed note that the tools of transparency logs read, and JSON.
var checkpointFormats = []render.Format{
	{Name: "text", MediaType: "text/plain", Extension: "txt", Write: func(w io.Writer, doc any, _ language.Language) error {
		_, err := io.WriteString(w, doc.(*LogCheckpoint).Note)
		return err
	}},
	{Name: "json", MediaType: jsonType, Extension: "json", Write: func(w io.Writer, doc any, _ language.Language) error { return render.JSON(w, doc) }},
}

// CheckpointInput asks for the checkpoint of the log.
type CheckpointInput struct {
	Format string `query:"format" enum:"text,json" doc:"Left out: the Accept header chooses, or text."`
}

func (in CheckpointInput) formatted() Formatted { return Formatted{Format: in.Format} }

// InclusionInput names a record of the log.
type InclusionInput struct {
	Entry    ID    `query:"entry" format:"uuid" doc:"Identifier of a journal entry; this or position."`
	Position int64 `query:"position" minimum:"0" doc:"The number of a record in the log, from 0; this or entry."`
	Size     int64 `query:"size" minimum:"1" doc:"The size of the log, as a checkpoint signed it. Left out: the log as it is now."`

	placed bool // the request has a position
}

// Resolve implements [huma.Resolver]: 0 is a position.
func (in *InclusionInput) Resolve(ctx huma.Context) []error {
	in.placed = ctx.Query("position") != ""
	return nil
}

// ConsistencyInput names two sizes of the log.
type ConsistencyInput struct {
	From int64 `query:"from" minimum:"1" required:"true" example:"1200" doc:"The size of the earlier log, as a checkpoint signed it."`
	To   int64 `query:"to" minimum:"1" doc:"That of the later one. Left out: the log as it is now."`
}

// LogKey is a public key of the log.
type LogKey struct {
	Key       string `json:"key" example:"fund.example.org/ledger+bb3f2f8c+AWDG0dv6xBY0JPqLwT7qzUJwKnqYcS8XDvIFQ9FcnGUK" doc:"The key as signed notes have it: the log's name, a hash, the key."`
	Signs     bool   `json:"signs" doc:"It is the one that signs now."`
	VouchedBy string `json:"vouched_by,omitempty" doc:"The older key that vouches for it; absent for the first one."`
	Voucher   string `json:"voucher,omitempty" doc:"The signed note by which it does."`
}

// LogKeys are the public keys of the log, the oldest first.
type LogKeys struct {
	Keys []LogKey `json:"keys"`
}

func (s *Server) serveProof(store *postgres.Store) {
	document(s, operation{ID: "log-checkpoint", Path: "/v1/proof/checkpoint", Tag: "proof", Summary: "Show the newest signed checkpoint of the log", formats: checkpointFormats,
		Description: "How many records the log has and the root of its Merkle tree (RFC 6962), signed with Ed25519 as a note that the tools of transparency logs read (C2SP tlog-checkpoint). What was recorded before the request is in it. " +
			"Keep it outside of the ledger: a later consistency proof then shows that nothing before it was changed."},
		func(ctx context.Context, _ *CheckpointInput) (*LogCheckpoint, error) {
			c, err := store.LastCheckpoint(ctx)
			if err != nil {
				return nil, err
			}
			return checkpointOf(c)
		})
	read(s, operation{ID: "prove-inclusion", Path: "/v1/proof/inclusion", Tag: "proof", Summary: "Prove that a record is in the log",
		Description: "The record, with its way to the root of a signed checkpoint: `vcledger verify FILE --key KEY` checks the answer offline. To a donor, another's record is not there (404), and in an entry that concerns others too, " +
			"what is theirs is a hash.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleOutOfRange, ledger.RuleRequired, ledger.RuleTooMany}},
		func(ctx context.Context, in *InclusionInput) (*proof.File, error) {
			var v ledger.Violations
			switch {
			case in.Entry == "" && !in.placed:
				v.Add("?entry", ledger.RuleRequired, "Say which record: by entry or by position.")
			case in.Entry != "" && in.placed:
				v.Add("?position", ledger.RuleTooMany, "The record is named by entry or by position, not by both.")
			case in.Entry != "":
				return store.ProveEntry(ctx, in.Entry.ledger(), in.Size)
			default:
				return store.ProvePosition(ctx, in.Position, in.Size)
			}
			return nil, v.Err()
		})
	read(s, operation{ID: "prove-consistency", Path: "/v1/proof/consistency", Tag: "proof", Summary: "Prove that the log only grew",
		Description: "That the log of one checkpoint begins with the whole of the log of an earlier one: nothing in between was changed, taken out or put in. Both checkpoints are in the answer, and `vcledger verify FILE --key KEY` checks it offline.",
		Problems:    []ledger.Rule{ledger.RuleOutOfRange}},
		func(ctx context.Context, in *ConsistencyInput) (*proof.File, error) {
			return store.Consistent(ctx, in.From, in.To)
		})
	read(s, operation{ID: "list-log-keys", Path: "/v1/proof/keys", Tag: "proof", Summary: "List the public keys of the log, the oldest first",
		Description: "Each but the first with the note by which an older key vouches for it: who was given any of them can check what the later ones signed. Compare one with what the fund gave out by another way."},
		func(ctx context.Context, _ *struct{}) (LogKeys, error) {
			keys, signs, err := store.PublicKeys(ctx)
			out := LogKeys{Keys: make([]LogKey, len(keys))}
			for i, k := range keys {
				out.Keys[i] = LogKey{Key: k.Key, Signs: k.Key == signs, VouchedBy: k.By, Voucher: k.Voucher}
			}
			return out, err
		})
}
