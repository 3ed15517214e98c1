package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// postContribution posts the rows of one contribution that are not in the books yet. A row that breaks a rule is
// rejected alone: the cash of a receipt arrived, whatever was wrong with its pledge.
func (im *registerImport) postContribution(ctx context.Context, c *contribution) error {
	if err := im.ownPledges(ctx, c); err != nil {
		return err
	}
	for i, row := range c.rows {
		if c.known[i] {
			continue
		}
		im.key = c.keys[i]
		column, err := im.postRow(ctx, c, row)
		if err != nil {
			if err := im.rejectRow(row, column, err); err != nil {
				return err
			}
			continue
		}
		im.result.Loaded++
		im.Keys = append(im.Keys, keyRow{ActorID: im.actor.ID, Key: c.keys[i], RequestHash: c.hashes[i], Status: 201})
	}
	return nil
}

// ownPledges makes the pledges of a contribution that the books do not have: one of cash when a row announces or agrees
// it, one in kind with an item for each row that offers one. They are posted by the rows that follow.
func (im *registerImport) ownPledges(ctx context.Context, c *contribution) error {
	fund := im.funds[c.rows[0].Fund]
	var offers []RegisterRow
	for i, row := range c.rows {
		switch {
		case c.known[i] || im.ambiguous[im.nameOf(row)] != nil:
		case row.Event == RegisterPledge && c.cash == nil:
			if _, err := im.convertRow(ctx, row, fund); err != nil {
				continue // the row is rejected for it when its turn comes
			}
			recognition := ledger.OnReceipt
			if c.agreed {
				recognition = ledger.OnAgreement
			}
			if err := im.newPledge(&c.cash, row, fund, ledger.Cash, recognition); err != nil {
				return err
			}
		case row.Event == RegisterPledgeInKind && (c.inKind == nil || c.inKindIsNew):
			if _, err := im.convertRow(ctx, row, fund); err != nil {
				continue
			}
			if c.inKind == nil {
				if err := im.newPledge(&c.inKind, row, fund, ledger.InKind, fund.Recognition); err != nil {
					return err
				}
				c.inKindIsNew = true
			}
			if im.contributor(row) == c.inKind.Contributor {
				offers = append(offers, row)
			}
		}
	}
	if c.cash == nil && c.inKind == nil && c.agreed { // the pledge's own row is missing or was rejected
		for i, row := range c.rows {
			if _, err := im.convertRow(ctx, row, fund); err == nil && row.Event == RegisterAgreement && !c.known[i] && im.ambiguous[im.nameOf(row)] == nil {
				return im.newPledge(&c.cash, row, fund, ledger.Cash, ledger.OnAgreement)
			}
		}
	}
	return im.offer(ctx, c, fund, offers)
}

// newPledge makes a pledge that a row is the first to speak of, and adds it to what is inserted.
func (im *registerImport) newPledge(p **PledgeRecord, row RegisterRow, fund ledger.Fund, form ledger.Form, recognition ledger.Recognition) error {
	id, err := newID()
	if err != nil {
		return err
	}
	*p = &PledgeRecord{Pledge: ledger.Pledge{ID: id, Reference: row.Contribution, Form: form, Contributor: im.contributor(row), Fund: fund.Code,
		FundYear: row.FundYear, Recognition: recognition, Note: row.Note, RecordedAt: im.now}}
	if form == ledger.Cash {
		im.addPledge((*p).Pledge, im.actor.ID)
	}
	return nil
}

// offer puts the items of a new pledge in kind together; the offer is dated by its first row.
func (im *registerImport) offer(ctx context.Context, c *contribution, fund ledger.Fund, rows []RegisterRow) error {
	if len(rows) == 0 {
		return nil
	}
	var total decimal.Decimal
	for i, row := range rows {
		value, err := im.convertRow(ctx, row, fund)
		if err != nil {
			return err
		}
		total = total.Add(value.USD)
		c.inKind.Items = append(c.inKind.Items, ledger.Item{Number: i + 1, Category: row.Category, Description: row.Item, Quantity: row.Quantity,
			Unit: row.Unit, Value: value, Declared: value.Money, Basis: ledger.DonorStated})
		c.inKind.State.Items = append(c.inKind.State.Items, ledger.ItemState{Accepted: row.Quantity})
	}
	im.key = c.keyOf(rows[0])
	im.addPledge(c.inKind.Pledge, im.actor.ID)
	leg := ledger.Leg{Kind: ledger.LegAnnounced, Date: rows[0].Date, Converted: ledger.Converted{USD: total}, Instrument: rows[0].Instrument}
	return im.postLeg(c.inKind, leg, ledger.OfferInKind(c.inKind.Pledge, rows[0].Date))
}

func (c *contribution) keyOf(row RegisterRow) string {
	for i, r := range c.rows {
		if r.Line == row.Line {
			return c.keys[i]
		}
	}
	return ""
}

func (im *registerImport) contributor(row RegisterRow) ledger.ContributorCode {
	return im.contributors[im.nameOf(row)]
}

func (im *registerImport) nameOf(row RegisterRow) contributorName {
	return contributorName{Name: row.Contributor, Kind: string(row.Kind), Country: row.Country}
}

// convertRow returns a row's money with its USD: what the row states, or by the rate in force. In a row of USD the two
// amounts are one figure said twice; where they differ, a receipt is booked at what the bank credited and a promise at the
// lower of the two (prudence: no more is due than both figures support).
func (im *registerImport) convertRow(ctx context.Context, row RegisterRow, fund ledger.Fund) (ledger.Converted, error) {
	if row.Money.Currency == ledger.USD && row.USD.IsPositive() {
		if row.Event != RegisterReceipt {
			row.USD = decimal.Min(row.USD, row.Money.Amount)
		}
		return ledger.StateUSD(row.Money, row.USD, row.Date, ledger.SourceStated), nil
	}
	var v ledger.Violations
	c, err := im.convert(ctx, &v, "usd_amount", row.Money, row.USD, row.Date, fund.RateSource)
	if err != nil {
		return c, err
	}
	return c, v.Err()
}

// postRow posts one row and returns, with an error, the column that is at fault.
func (im *registerImport) postRow(ctx context.Context, c *contribution, row RegisterRow) (column string, err error) {
	fund := im.funds[row.Fund]
	if err := im.ambiguous[im.nameOf(row)]; err != nil {
		return "contributor", err
	}
	for _, p := range []*PledgeRecord{c.cash, c.inKind} {
		if p == nil {
			continue
		}
		same, err := im.sameGiver(ctx, p.Contributor, im.contributor(row))
		if err != nil {
			return "contributor", err
		}
		if !same {
			return "contributor", ledger.Fail(ledger.RuleContributorMismatch, "Contribution %s is %s's.", row.Contribution, p.Contributor)
		}
	}
	if row.Event == RegisterPledgeInKind {
		if !c.inKindIsNew {
			return "event", ledger.Fail(ledger.RuleRegisterConflict, "Contribution %s has been loaded with other items.", row.Contribution)
		}
		_, err := im.convertRow(ctx, row, fund)
		return "usd_amount", err // the offer was posted as a whole
	}
	worth, err := im.convertRow(ctx, row, fund)
	if err != nil {
		return "usd_amount", err
	}
	if worth.Currency == ledger.USD && row.USD.IsPositive() && !row.USD.Equal(row.Money.Amount) {
		im.options.Warn(row.Line, fmt.Sprintf("%s of contribution %s: amount %s and usd_amount %s differ in a row of USD; %s is booked",
			row.Event, row.Contribution, row.Money.Fixed(), row.USD.StringFixed(2), worth.Fixed()))
	}
	switch row.Event {
	case RegisterPledge:
		leg := ledger.Leg{Kind: ledger.LegAnnounced, Date: row.Date, Converted: worth, Instrument: row.Instrument}
		return "event", im.postLeg(c.cash, leg, ledger.Announce(c.cash.Pledge, c.cash.State, worth, row.Date))
	case RegisterAgreement:
		return "event", im.postAgreement(c, row, worth)
	case RegisterReceipt:
		return "amount", im.postReceipt(ctx, c, row, worth, fund)
	case RegisterDelivery:
		return "item", im.postDelivery(c, row, worth, fund)
	case RegisterWriteOff:
		return "amount", im.postWriteOff(c, row, worth)
	}
	return "event", ledger.Fail(ledger.RuleNotOneOf, "%s is no event of a register.", row.Event)
}

// postAgreement signs the pledge of cash, or accepts the whole offer in kind of a contribution that has no cash.
func (im *registerImport) postAgreement(c *contribution, row RegisterRow, worth ledger.Converted) error {
	leg := ledger.Leg{Kind: ledger.LegAgreed, Date: row.Date, Converted: worth, Instrument: row.Instrument}
	if c.cash == nil {
		leg.Converted = ledger.Converted{}
		return im.accept(c.inKind, leg, nil)
	}
	if !c.cash.State.AgreedOn.IsZero() {
		return ledger.Fail(ledger.RulePledgeStage, "Contribution %s was agreed on %s.", row.Contribution, c.cash.State.AgreedOn)
	}
	return im.postLeg(c.cash, leg, ledger.Agree(c.cash.Pledge, &c.cash.State, worth, nil, row.Date)...)
}

// postReceipt books cash: against the contribution's pledge, or straight to the fund when it has none.
func (im *registerImport) postReceipt(ctx context.Context, c *contribution, row RegisterRow, worth ledger.Converted, fund ledger.Fund) error {
	bank, err := im.bankAccount(ctx, fund.BankAccount)
	if err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	r := ledger.Receipt{ID: id, BankAccount: bank.Code, BankCurrency: bank.Currency, ValueDate: row.Date, Contributor: im.contributor(row),
		Fund: fund.Code, FundYear: row.FundYear, Amount: worth, Instrument: row.Instrument, Note: strings.TrimSpace("Contribution " + row.Contribution + ". " + row.Note), RecordedAt: im.now}
	r.Charges, r.Credited = credit(worth, decimal.Zero, true)
	var parts []ledger.Part
	pledges := map[uuid.UUID]*PledgeRecord{}
	if c.cash != nil {
		parts = []ledger.Part{{Pledge: &c.cash.Pledge, State: &c.cash.State, Contributor: c.cash.Contributor, Fund: fund.Code,
			FundYear: c.cash.FundYear, Amount: r.Credited.Amount}}
		pledges[c.cash.ID] = c.cash
	}
	drafts, allocations, err := ledger.Receive(r, parts)
	if err != nil {
		return err
	}
	im.addReceipt(r, im.actor.ID)
	rec := &ReceiptRecord{Receipt: r}
	rec.holdNothing()
	return im.postAllocations(rec, pledges, drafts, allocations)
}

func (im *registerImport) bankAccount(ctx context.Context, code ledger.BankAccountCode) (ledger.BankAccount, error) {
	var row bankAccountRow
	err := im.get(ctx, &row, `SELECT code, name, coalesce(currency, '') AS currency, recorded_at FROM bank_account WHERE code = $1`, code)
	return row.bankAccount(), err
}

// postDelivery books a gift in kind: against the item of the contribution's pledge that has its words, or without one.
// What exceeds the pledge was given all the same.
func (im *registerImport) postDelivery(c *contribution, row RegisterRow, worth ledger.Converted, fund ledger.Fund) error {
	id, err := newID()
	if err != nil {
		return err
	}
	d := ledger.Delivery{ID: id, Contributor: im.contributor(row), Fund: fund.Code, FundYear: row.FundYear, DeliveredOn: row.Date,
		Category: row.Category, Description: row.Item, Quantity: row.Quantity, Unit: row.Unit, Value: worth, Declared: worth.Money, Basis: ledger.DonorStated,
		Note: row.Note, RecordedAt: im.now}
	p := c.inKind
	if p != nil {
		if d.Item = matchingItem(p, row); d.Item == 0 {
			p = nil
		} else {
			d.Pledge, d.Contributor = p.ID, p.Contributor
		}
	}
	_, err = im.deliver(d, fund.Services, p, true)
	return err
}

// matchingItem returns the number of the pledge's item with the row's words and unit, or its only item with the unit.
func matchingItem(p *PledgeRecord, row RegisterRow) int {
	only := 0
	for _, item := range p.Items {
		if !strings.EqualFold(item.Unit, row.Unit) {
			continue
		}
		if strings.EqualFold(item.Description, row.Item) {
			return item.Number
		}
		if only != 0 {
			only = -1
		} else {
			only = item.Number
		}
	}
	return max(only, 0)
}

// postWriteOff ends what the row says of the contribution's pledge.
func (im *registerImport) postWriteOff(c *contribution, row RegisterRow, worth ledger.Converted) error {
	p := c.cash
	if p == nil {
		p = c.inKind
	}
	if p == nil {
		return ledger.Fail(ledger.RuleNothingOutstanding, "Contribution %s has no pledge to write off.", row.Contribution)
	}
	return im.end(p, ledger.LegWrittenOff, EndingInput{Date: row.Date, Amount: worth.Money, USD: row.USD, Reason: writeOffReason(row)})
}

func writeOffReason(row RegisterRow) string {
	if row.Note != "" {
		return row.Note
	}
	return "Written off in the register"
}
