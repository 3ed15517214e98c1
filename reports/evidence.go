package reports

import (
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger/proof"
)

// evidence is what the proved records say, held against the lines of a statement.
type evidence struct {
	records map[string][]*proof.Record
	told    int
	wrong   []Told
}

// line holds one line against the records of its kind that answer to its name; record is what the line calls them.
func (e *evidence) line(what, record Told, kind, field string, id uuid.UUID, agrees func(*proof.Record) bool) {
	e.told++
	var found *proof.Record
	for _, r := range e.records[kind] {
		if r.Fields[field] == id.String() {
			if agrees(r) {
				return
			}
			found = r
		}
	}
	if found != nil {
		if figures := saying(found); figures != "" {
			e.wrong = append(e.wrong, tell("%s does not say what %s in the log says: %s.", what, record, figures))
		} else {
			e.wrong = append(e.wrong, tell("%s does not say what %s in the log says.", what, record))
		}
	} else {
		e.wrong = append(e.wrong, tell("%s names %s, which is not among the proved records.", what, record))
	}
}

// saying tells the figures of a record, which are the same in every language.
func saying(r *proof.Record) string {
	var said []string
	for _, name := range []string{"amount", "currency", "quantity", "effective_date", "delivered_on", "fund"} {
		if v := r.Fields[name]; v != "" {
			said = append(said, v)
		}
	}
	return strings.Join(said, " ")
}

// lines goes through a statement and those of its bodies.
func (e *evidence) lines(s *Statement) {
	for _, p := range s.Pledges {
		for _, m := range p.Movements {
			e.movement(p.Reference, p.ID, m)
		}
	}
	for _, i := range s.InKind.Items {
		for _, m := range i.Movements {
			e.movement(i.Pledge, i.PledgeID, m)
		}
	}
	for _, r := range s.Receipts {
		for _, a := range r.Allocations {
			if s.within(a.Date) {
				e.line(tell("An allocation of the receipt of %s", r.ValueDate.String()), tell("the allocation by the entry %s", a.Entry.String()), "allocation", "entry_id", a.Entry, func(x *proof.Record) bool {
					return x.Fields["effective_date"] == a.Date.String() && says(x, a.Amount.Money) && x.Fields["fund"] == string(a.Fund)
				})
			}
		}
	}
	for _, d := range s.InKind.Deliveries {
		if s.within(d.Date) {
			e.line(tell("The delivery of %s", d.Date.String()), tell("the delivery %s", d.ID.String()), "delivery", "id", d.ID, func(x *proof.Record) bool {
				return x.Fields["delivered_on"] == d.Date.String() && equal(x.Fields["quantity"], d.Quantity) && x.Fields["fund"] == string(d.Fund)
			})
		}
	}
	for _, b := range s.Bodies {
		e.lines(b)
	}
}

// within reports whether a date is in the statement's period.
func (s *Statement) within(d Date) bool {
	return !d.Before(s.Period.From.Date) && !s.Period.To.Before(d.Date)
}

// movement holds a movement of a promise against the lines of its entry on the accounts of promises.
func (e *evidence) movement(reference string, pledge uuid.UUID, m PledgeMovement) {
	sums := map[string]decimal.Decimal{}
	e.line(tell("A movement of pledge %s of %s", reference, m.Date.String()), tell("the entry %s", m.Entry.String()), "journal_entry", "id", m.Entry, func(x *proof.Record) bool {
		if x.Fields["effective_date"] != m.Date.String() {
			return false
		}
		for _, l := range e.records["journal_line"] {
			if l.Fields["entry_id"] == m.Entry.String() && l.Fields["pledge_id"] == pledge.String() && l.Fields["currency"] == string(m.Amount.Money.Currency) {
				if d, err := decimal.NewFromString(l.Fields["amount"]); err == nil {
					sums[l.Fields["account"]] = sums[l.Fields["account"]].Add(d)
				}
			}
		}
		amount := m.Amount.Money.Amount
		promised := sums["1200"].Add(sums["9100"]).Add(sums["9200"])
		for _, s := range []decimal.Decimal{promised, sums["1200"], sums["9100"], sums["9200"]} {
			if s.Equal(amount) {
				return true
			}
		}
		return false
	})
}

func says(r *proof.Record, m Money) bool {
	return r.Fields["currency"] == string(m.Currency) && equal(r.Fields["amount"], m.Amount)
}

func equal(text string, d decimal.Decimal) bool {
	v, err := decimal.NewFromString(text)
	return err == nil && v.Equal(d)
}
