package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// command is the store's command for a request; answer makes the path and the body of the record that was written.
func command[R any](r Request, status int, answer func(R) (location string, body any)) postgres.Command {
	return postgres.Command{Actor: r.Actor, Key: r.Key, Late: r.Late, DryRun: r.DryRun, Posted: r.Posted, Origin: r.Origin, RequestHash: r.Hash, Answer: func(record any) (postgres.Answer, error) {
		location, body := answer(record.(R))
		a, err := answerWith(status, location, body)
		return postgres.Answer(a), err
	}, Pending: func(p ledger.Approval) (postgres.Answer, error) {
		a, err := answerWith(http.StatusAccepted, pathTo("approvals", p.ID), approvalOf(p))
		return postgres.Answer(a), err
	}}
}

// Rate is the rate that links an amount to its USD.
type Rate struct {
	UnitsPerUSD string `json:"units_per_usd" example:"0.92" doc:"Units of the currency for one USD."`
	Date        Date   `json:"date" doc:"The date of the rate."`
	Source      string `json:"source" enum:"un,ecb,stated,carrying" doc:"un: United Nations operational rate; ecb: European Central Bank; stated: from the USD amount that was stated; carrying: the rate of the balance that was settled."`
}

// Worth is an amount with its USD.
type Worth struct {
	Amount    Money `json:"amount"`
	USDAmount Money `json:"usd_amount" doc:"The amount in USD, by the rate."`
	Rate      *Rate `json:"rate,omitempty" doc:"Absent for USD."`
}

func worthOf(c ledger.Converted) Worth {
	return Worth{Amount: moneyOf(c.Money), USDAmount: moneyOf(ledger.Dollars(c.USD)), Rate: rateOf(c)}
}

func rateOf(c ledger.Converted) *Rate {
	if c.Currency == ledger.USD || !c.Rate.UnitsPerUSD.IsPositive() {
		return nil
	}
	return &Rate{UnitsPerUSD: c.Rate.UnitsPerUSD.String(), Date: dateOf(c.Rate.Date), Source: string(c.Rate.Source)}
}

// usdOf returns the stated USD amount of a request, zero when it states none.
func usdOf(v *ledger.Violations, m *Money) decimal.Decimal { return dollarsOf(v, "/usd_amount", m) }

// dollarsOf returns an amount of a request that is in USD, zero when it was left out.
func dollarsOf(v *ledger.Violations, pointer string, m *Money) decimal.Decimal {
	if m == nil {
		return decimal.Decimal{}
	}
	if m.Currency != string(ledger.USD) {
		v.Add(pointer+"/currency", ledger.RuleCurrencyMismatch, "This is the amount in USD.")
	}
	return m.Ledger().Amount
}

// ID is the identifier of a record; an empty one was left out.
type ID string

// ledger returns the identifier of a request that was checked.
func (id ID) ledger() uuid.UUID {
	if id == "" {
		return uuid.Nil
	}
	return uuid.MustParse(string(id)) // guard checked the format
}

func idOf(id uuid.UUID) ID {
	if id == uuid.Nil {
		return ""
	}
	return ID(id.String())
}

func idsOf(ids []uuid.UUID) []ID {
	list := make([]ID, len(ids))
	for i, id := range ids {
		list[i] = idOf(id)
	}
	return list
}

// instantOf returns an instant as it is written on the wire.
func instantOf(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// quantityOf reads a quantity of a request; the schema checked its form.
func quantityOf(v *ledger.Violations, pointer, s string) decimal.Decimal {
	d, err := decimal.NewFromString(s)
	if err != nil || !d.IsPositive() {
		v.Add(pointer, ledger.RuleOutOfRange, "The quantity must be more than zero.")
	}
	return d
}

// nextOf cuts a list that was read with one item more than asked for, and returns the key of the last one when there are
// more.
func nextOf[R, Item, Key any](records []R, limit int, item func(R) Item, key func(R) Key) ([]Item, *Key) {
	var next *Key
	if len(records) > limit {
		records = records[:limit]
		next = new(key(records[limit-1]))
	}
	items := make([]Item, len(records))
	for i, r := range records {
		items[i] = item(r)
	}
	return items, next
}

// pathTo returns the path of a record.
func pathTo(collection string, id any) string { return fmt.Sprintf("/v1/%s/%v", collection, id) }
