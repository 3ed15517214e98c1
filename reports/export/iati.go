package export

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

var (
	//go:embed sql/iati_funds.sql
	iatiFunds string
	//go:embed sql/iati_transactions.sql
	iatiTransactions string
)

// iatiVersion is the version of the standard.
const iatiVersion = "2.03"

// iatiFund is a fund as its activity tells of it.
type iatiFund struct {
	Code         string
	Name         string
	Illustrative bool
	Begun        bool        // it has an entry
	StartedOn    ledger.Date `db:"started_on"`
	UpdatedAt    time.Time   `db:"updated_at"`
}

// iatiTransaction is one transaction. Amount is in Currency, negative for what takes something back.
type iatiTransaction struct {
	Type          int // of the list TransactionType: 1, 11 or 13
	Ref           string
	EffectiveDate ledger.Date `db:"effective_date"`
	Contributor   ledger.ContributorCode
	Pledge        string
	Category      ledger.Category // of what is given in kind; empty for cash
	Item          string
	Currency      ledger.Currency
	Amount        decimal.Decimal
	Kind          ledger.EntryKind
	Reversal      bool
}

// IATI writes an activity of each fund in the XML of the IATI standard, version 2.03: incoming pledges, commitments and funds by
// contributor and pledge. Nothing later than the snapshot's as-of date, or than the day on which it was known, is in it. It is
// written as the transactions are read, whatever their number.
// Errors: [ledger.RuleNotFound] when there is no such fund, or none at all, before anything is written; those of the database
// and of w.
// Source: IATI Standard 2.03, activity standard (https://iatistandard.org/).
func IATI(ctx context.Context, w io.Writer, snap *postgres.Snapshot, o Options) error {
	if err := o.Publisher.Check(); err != nil {
		return err
	}
	if err := hasFund(ctx, snap, o.Fund); err != nil {
		return err
	}
	x := iatiFile{printer: printer{w: bufio.NewWriter(w)}, publisher: o.Publisher, until: published(snap), knownAt: snap.KnownAt.UTC()}
	var funds []iatiFund
	if err := snap.Select(ctx, &funds, iatiFunds, o.Fund, x.until, x.knownAt); err != nil {
		return fmt.Errorf("read the funds: %w", err)
	}
	if len(funds) == 0 {
		return ledger.Fail(ledger.RuleNotFound, "There is no fund, and a file without an activity is none.")
	}
	x.begin()
	for _, f := range funds {
		list, err := readParties(ctx, snap, f.Code, x.until)
		if err != nil {
			return err
		}
		each := func(fn func(*iatiTransaction) error) error {
			var t iatiTransaction
			return snap.Each(ctx, &t, func() error { return fn(&t) }, iatiTransactions, f.Code, x.until, x.knownAt)
		}
		if err := x.activity(f, list, each); err != nil {
			return err
		}
	}
	return x.end()
}

// published returns the last day that is published: nothing of the future is.
func published(snap *postgres.Snapshot) ledger.Date {
	known := ledger.DateOf(snap.KnownAt.UTC())
	if known.Before(snap.AsOf) {
		return known
	}
	return snap.AsOf
}

// iatiFile writes the file.
type iatiFile struct {
	printer
	publisher Publisher
	until     ledger.Date
	knownAt   time.Time
}

// escaped returns a text for an element or an attribute. A character that XML 1.0 cannot hold is U+FFFD, which is seen.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// attributes returns the attributes that have a value, given as names and values in turn.
func attributes(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			b.WriteString(" " + pairs[i] + `="` + escaped(pairs[i+1]) + `"`)
		}
	}
	return b.String()
}

func (x *iatiFile) empty(indent, name string, pairs ...string) {
	x.print(indent, "<", name, attributes(pairs...), "/>\n")
}

// told writes an element that has nothing but a narrative.
func (x *iatiFile) told(indent, name, narrative string, pairs ...string) {
	x.print(indent, "<", name, attributes(pairs...), "><narrative>", escaped(narrative), "</narrative></", name, ">\n")
}

func (x *iatiFile) begin() {
	x.print(xml.Header)
	x.print("<iati-activities", attributes("version", iatiVersion, "generated-datetime", x.knownAt.Format(time.RFC3339)), ">\n")
}

func (x *iatiFile) end() error {
	x.print("</iati-activities>\n")
	if x.err == nil {
		x.err = x.w.Flush()
	}
	if x.err != nil {
		return fmt.Errorf("write the activities: %w", x.err)
	}
	return nil
}

// identifier returns the identifier of a fund's activity: the publisher's, and the fund's code.
func (x *iatiFile) identifier(f iatiFund) string { return x.publisher.Ref + "-" + f.Code }

// activity writes a fund's activity, its elements in the order of the schema.
func (x *iatiFile) activity(f iatiFund, contributors []party, each func(func(*iatiTransaction) error) error) error {
	const in = "    "
	p := x.publisher
	x.print("  <iati-activity", attributes("last-updated-datetime", f.UpdatedAt.UTC().Format(time.RFC3339), "xml:lang", "en",
		"default-currency", string(ledger.USD), "humanitarian", "0"), ">\n")
	x.print(in, "<iati-identifier>", escaped(x.identifier(f)), "</iati-identifier>\n")
	x.told(in, "reporting-org", p.Name, "ref", p.Ref, "type", multilateral)
	title, about := f.Name, "Voluntary contributions to "+f.Name+": what contributors pledged, agreed and gave, in cash and in kind."
	if f.Illustrative {
		if !strings.Contains(title, "illustrative") {
			title += " (illustrative)"
		}
		about += " Made up, not a record of real contributions."
	}
	x.told(in, "title", title)
	x.told(in, "description", about, "type", "1") // general

	by := map[ledger.ContributorCode]party{}
	var last ledger.ContributorCode
	for _, c := range contributors {
		by[c.Contributor] = c
		if c.Code != last {
			x.told(in, "participating-org", c.Name, "ref", c.ref(), "type", c.organisationType(), "role", "1") // funding
			last = c.Code
		}
	}
	for _, role := range []string{"2", "4"} { // accountable, implementing
		x.told(in, "participating-org", p.Name, "ref", p.Ref, "type", multilateral, "role", role, "activity-id", x.identifier(f))
	}
	status, started := "1", "1" // in the pipeline, planned start
	if f.Begun {
		status, started = "2", "2" // under implementation, actual start
	}
	x.empty(in, "activity-status", "code", status)
	x.empty(in, "activity-date", "iso-date", f.StartedOn.String(), "type", started)
	x.empty(in, "activity-scope", "code", "1")                         // global
	x.empty(in, "recipient-region", "code", "998", "vocabulary", "1")  // developing countries, unspecified
	x.empty(in, "sector", "code", p.Sector, "vocabulary", "1")         // DAC, five digits
	x.empty(in, "default-flow-type", "code", "10")                     // ODA
	x.empty(in, "default-finance-type", "code", "110")                 // standard grant
	x.empty(in, "default-aid-type", "code", "B032", "vocabulary", "1") // multi-donor, single-entity fund
	x.empty(in, "default-tied-status", "code", "5")                    // untied
	err := each(func(t *iatiTransaction) error {
		x.transaction(f, t, by[t.Contributor])
		return x.err // a reader who has gone away ends the query
	})
	if err != nil {
		return fmt.Errorf("write the transactions: %w", err)
	}
	x.print("  </iati-activity>\n")
	return nil
}

// multilateral is the publisher's code of the list OrganisationType.
const multilateral = "40"

// transaction writes a transaction, its elements in the order of the schema.
func (x *iatiFile) transaction(f iatiFund, t *iatiTransaction, c party) {
	const in = "      "
	date := t.EffectiveDate.String()
	x.print("    <transaction", attributes("ref", t.Ref), ">\n")
	x.empty(in, "transaction-type", "code", fmt.Sprint(t.Type))
	x.empty(in, "transaction-date", "iso-date", date)
	x.print(in, "<value", attributes("currency", string(t.Currency), "value-date", date), ">", t.Amount.StringFixed(t.Currency.MinorUnits()), "</value>\n")
	x.told(in, "description", t.description())
	x.told(in, "provider-org", c.Name, "ref", c.ref(), "type", c.organisationType())
	x.told(in, "receiver-org", x.publisher.Name, "ref", x.publisher.Ref, "receiver-activity-id", x.identifier(f), "type", multilateral)
	inKind := t.Category != ""
	if inKind {
		x.empty(in, "disbursement-channel", "code", "4") // aid in kind: donors manage funds themselves
	}
	if c.private() {
		x.empty(in, "flow-type", "code", "30") // private development finance
	}
	if inKind {
		if t.Category == ledger.Expert || t.Category == ledger.Consultant || t.Category == ledger.StaffOnLoan {
			x.empty(in, "aid-type", "code", "D01", "vocabulary", "1") // donor country personnel
		}
		x.empty(in, "tied-status", "code", "4") // nobody but the donor supplies what it gives in kind
	}
	x.print("    </transaction>\n")
}

// description says in a few words what happened.
func (t *iatiTransaction) description() string {
	what := t.event()
	if t.Reversal {
		what = "Reversal of: " + what
	}
	if t.Category != "" {
		what += ", in kind (" + strings.ReplaceAll(string(t.Category), "_", " ") + "): " + t.Item
	}
	if t.Pledge != "" {
		what += ", pledge " + t.Pledge
	}
	return what
}

// event names what the entry did.
func (t *iatiTransaction) event() string {
	switch t.Kind {
	case ledger.EntryPledgeAnnounced:
		return "Announced"
	case ledger.EntryPledgeAgreed:
		return "Agreed"
	case ledger.EntryPledgeAdjusted:
		if t.Amount.IsNegative() != t.Reversal {
			return "Reduced"
		}
		return "Increased"
	case ledger.EntryPledgeCancelled:
		return "Cancelled"
	case ledger.EntryPledgeWrittenOff:
		return "Written off"
	case ledger.EntryDelivery:
		return "Delivered"
	case ledger.EntryInKindRevalued:
		return "Revalued"
	case ledger.EntryRefund:
		return "Refunded"
	case ledger.EntryReceipt, ledger.EntryIdentification:
		return "Received"
	}
	return "Corrected"
}
