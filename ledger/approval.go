package ledger

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// ApprovalKind says which kind of write may have to wait for a second pair of eyes.
type ApprovalKind string

// The writes that may have to wait.
const (
	ApproveReceiptReversal   ApprovalKind = "receipt_reversal"
	ApproveDeliveryReversal  ApprovalKind = "delivery_reversal"
	ApproveEntryReversal     ApprovalKind = "entry_reversal"
	ApproveWriteOff          ApprovalKind = "write_off"
	ApproveRefund            ApprovalKind = "refund"
	ApproveReopening         ApprovalKind = "period_reopening"
	ApproveManualEntry       ApprovalKind = "manual_entry"
	ApproveInKindRevaluation ApprovalKind = "in_kind_revaluation"
)

// ApprovalKinds lists the kinds.
var ApprovalKinds = []ApprovalKind{ApproveReceiptReversal, ApproveDeliveryReversal, ApproveEntryReversal, ApproveWriteOff, ApproveRefund,
	ApproveReopening, ApproveManualEntry, ApproveInKindRevaluation}

// ApprovalPolicy says whether a kind of write waits, and from which amount.
type ApprovalPolicy struct {
	Kind       ApprovalKind
	Fund       FundCode        // empty for every fund that has no policy of its own
	Required   bool            // false: nothing of the kind waits
	AboveUSD   decimal.Decimal // what is worth more waits; with zero everything does
	RecordedBy string
	RecordedAt time.Time
}

// Waits reports whether a write that would post the drafts has to wait. What posts nothing does not, but the reopening of a
// period, which does so whatever it posts.
func (p ApprovalPolicy) Waits(drafts []Draft) bool {
	if p.Kind == ApproveReopening {
		return p.Required
	}
	return p.Required && len(drafts) > 0 && (p.AboveUSD.IsZero() || Weight(drafts).GreaterThan(p.AboveUSD))
}

// Weight returns the USD that drafts move: the greater of what each debits in the books and off the balance sheet, added up.
func Weight(drafts []Draft) decimal.Decimal {
	var sum decimal.Decimal
	for _, d := range drafts {
		var books, memorandum decimal.Decimal
		for _, l := range d.Lines {
			switch {
			case !l.USD.IsPositive():
			case l.Account.Memorandum():
				memorandum = memorandum.Add(l.USD)
			default:
				books = books.Add(l.USD)
			}
		}
		sum = sum.Add(decimal.Max(books, memorandum))
	}
	return sum
}

// Decision is what became of an approval.
type Decision string

// The decisions; an approval without one is pending.
const (
	Pending   Decision = "pending"
	Approved  Decision = "approved"
	Rejected  Decision = "rejected"
	Withdrawn Decision = "withdrawn" // by who asked for it
)

// Approval is a write that waits, or waited, for a second pair of eyes, with the entries that it will post.
type Approval struct {
	ID          uuid.UUID
	Kind        ApprovalKind
	Subject     string // what it is about, "receipt 0198...": only one approval of a kind waits for it
	Drafts      []Draft
	AmountUSD   decimal.Decimal // what the drafts move
	Reason      string
	RequestedBy string
	RequestedAt time.Time

	Decision       Decision
	DecidedBy      string
	DecidedAt      time.Time
	DecisionReason string
	Entries        []uuid.UUID // that were posted
}

// SameDrafts reports whether two lists of drafts would post the same entries. Amounts are compared by value.
func SameDrafts(a, b []Draft) bool {
	return slices.EqualFunc(a, b, func(a, b Draft) bool {
		return a.Kind == b.Kind && a.EffectiveDate.Equal(b.EffectiveDate) && a.Description == b.Description && a.Reason == b.Reason &&
			a.Reverses == b.Reverses && slices.EqualFunc(a.Lines, b.Lines, func(a, b Line) bool {
			return a.Account == b.Account && a.Dimensions == b.Dimensions && a.Currency == b.Currency && a.Amount.Equal(b.Amount) && a.USD.Equal(b.USD)
		})
	})
}
