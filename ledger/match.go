package ledger

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// BankLine is one payment on a bank account: what a contribution may be found in.
type BankLine struct {
	ID          uuid.UUID
	BankAccount BankAccountCode
	BookingDate Date
	ValueDate   Date
	Amount      Money           // a credit is positive
	Reversal    bool            // it takes an earlier one back
	Charges     decimal.Decimal // what banks took off, by the bank's word, in the amount's currency
	Instructed  *Money          // what the payer ordered, when the bank says so
	Reference   string
	EndToEnd    string
	Payer       string
	Ultimate    string // on whose behalf
	Account     string // the payer's IBAN or number
	Bank        string // the payer's BIC
	Remittance  string
}

// OpenPledge is a cash pledge that a payment may be for.
type OpenPledge struct {
	ID          uuid.UUID
	Reference   string
	Documents   []string // references of its agreement and announcement
	Contributor ContributorCode
	Fund        FundCode
	FundYear    int
	Outstanding Money // what is due or still promised; zero when it is paid
	Dues        []Instalment
}

// PayerKnown is a name, or an account, from which a contributor pays.
type PayerKnown struct {
	Contributor ContributorCode
	NameKey     string // as [BankText] writes it
	Account     string
}

// BankRule is what an officer says of lines that have some words.
type BankRule struct {
	ID          uuid.UUID
	BankAccount BankAccountCode // empty for all
	Payer       string          // words of the payer's name; empty for any
	Remittance  string          // words of the remittance information; empty for any
	Kind        string          // contribution, or what it is instead: charge, transfer, other
	Contributor ContributorCode
	Pledge      uuid.UUID
	Fund        FundCode
	Note        string
}

// Covers reports whether a rule is about a line: the words of each pattern stand in the text, in their order.
func (r BankRule) Covers(l BankLine) bool {
	rule := readRule(r)
	return rule.covers(readLine(l))
}

// ruleText is a rule with its patterns as a bank writes them.
type ruleText struct {
	BankRule
	payer, remittance string
}

func readRule(r BankRule) ruleText { return ruleText{r, BankText(r.Payer), BankText(r.Remittance)} }

func (r *ruleText) covers(l *lineText) bool {
	has := func(text, pattern string) bool { return pattern == "" || strings.Contains(text, " "+pattern+" ") }
	return (r.BankAccount == "" || r.BankAccount == l.BankAccount) && has(l.payers, r.payer) && has(l.remittance, r.remittance)
}

// lineText is a line with its texts as a bank writes them, between spaces.
type lineText struct {
	BankLine
	payers, remittance string
}

func readLine(l BankLine) *lineText {
	return &lineText{l, " " + BankText(l.Payer+" "+l.Ultimate) + " ", " " + BankText(l.Remittance+" "+l.EndToEnd) + " "}
}

// Parties is what a matcher knows of contributors.
type Parties struct {
	Contributors []Contributor // with all their names
	Payers       []PayerKnown
	Rules        []BankRule
}

// Suggestion is what a line may be for, with the reasons for a person.
type Suggestion struct {
	Pledge      uuid.UUID // zero: the contributor's, without a pledge
	Reference   string    // of the pledge
	Contributor ContributorCode
	Fund        FundCode
	Outstanding Money           // of the pledge
	Charges     decimal.Decimal // that banks kept, by their word or as far as the amount is short
	Kind        string          // of a rule that says it is no contribution; empty otherwise
	Rule        uuid.UUID
	Note        string // of the rule
	Score       int    // of 100
	Reasons     []string
	Sure        bool // nothing contradicts it, no other is near, and more than the amount speaks for it
	pledged     bool // the line says the pledge, and not only who pays
}

// The points of each kind of evidence. Two that agree are needed to reach what funds ask for, 90 unless set otherwise.
const (
	pointsRule        = 50
	pointsReference   = 50
	pointsMistyped    = 35
	pointsAccount     = 50
	pointsKnownName   = 40
	pointsName        = 35
	pointsNameIn      = 30
	pointsNameNear    = 25
	pointsPeople      = 15
	pointsCountry     = 10
	pointsAmount      = 30
	pointsLessCharges = 20
	pointsDate        = 5
	lead              = 15 // by which the best has to be before the next
)

// Matcher proposes what bank lines are for. It is built of the books at a moment, and told what is settled since.
type Matcher struct {
	pledges    []OpenPledge
	byID       map[uuid.UUID]int
	of         map[ContributorCode][]int
	amounts    map[string][]int // open pledges by what is due of them
	references *referenceIndex
	names      *nameIndex
	payers     map[string][]ContributorCode // by name and by account
	accounts   map[string][]ContributorCode
	states     map[string][]ContributorCode // by ISO 3166-1 alpha-2
	countries  map[ContributorCode]string
	parents    map[ContributorCode]ContributorCode
	rules      []ruleText
}

// NewMatcher returns a matcher over pledges, and those that it is told of then by [Matcher.Add].
func NewMatcher(pledges []OpenPledge, parties Parties) *Matcher {
	m := &Matcher{byID: map[uuid.UUID]int{}, of: map[ContributorCode][]int{}, amounts: map[string][]int{}, references: newReferenceIndex(), names: newNameIndex(),
		payers: map[string][]ContributorCode{}, accounts: map[string][]ContributorCode{}, states: map[string][]ContributorCode{}, countries: map[ContributorCode]string{}, parents: map[ContributorCode]ContributorCode{}}
	for _, r := range parties.Rules {
		m.rules = append(m.rules, readRule(r))
	}
	m.Add(pledges)
	for _, c := range parties.Contributors {
		if c.Parent != "" {
			m.parents[c.Code] = c.Parent
		}
		m.names.add(c.Code, c.Name, false)
		for _, n := range c.Aliases {
			m.names.add(c.Code, n, false)
		}
		for _, n := range slices.Concat(c.Names, c.OtherNames) {
			m.names.add(c.Code, n.Name, false)
		}
		if (c.Kind == State || c.Kind == Observer) && c.Country != "" {
			others, people := stateNames(c.Country)
			for _, n := range others {
				m.names.add(c.Code, n, false)
			}
			if people != "" {
				m.names.add(c.Code, people, true)
			}
			if r, ok := regionOf(c.Country); ok {
				m.states[r.String()] = append(m.states[r.String()], c.Code)
				m.countries[c.Code] = r.String()
			}
		}
	}
	for _, p := range parties.Payers {
		if p.NameKey != "" && !slices.Contains(m.payers[p.NameKey], p.Contributor) {
			m.payers[p.NameKey] = append(m.payers[p.NameKey], p.Contributor)
		}
		if p.Account != "" && !slices.Contains(m.accounts[p.Account], p.Contributor) {
			m.accounts[p.Account] = append(m.accounts[p.Account], p.Contributor)
		}
	}
	return m
}

// Add tells the matcher of pledges, those that are paid included: a reference may be theirs.
func (m *Matcher) Add(pledges []OpenPledge) {
	for _, p := range pledges {
		i := len(m.pledges)
		p.Dues = slices.Clone(p.Dues) // Settle changes them
		m.pledges = append(m.pledges, p)
		m.byID[p.ID] = i
		m.of[p.Contributor] = append(m.of[p.Contributor], i)
		m.references.add(p.Reference, i)
		for _, d := range p.Documents {
			m.references.add(d, i)
		}
		for _, due := range p.due() {
			m.amounts[due.String()] = append(m.amounts[due.String()], i)
		}
	}
}

// due returns the amounts that a payment for the pledge may have: each instalment, and the whole.
func (p OpenPledge) due() []Money {
	if !p.Outstanding.Amount.IsPositive() {
		return nil
	}
	list := []Money{p.Outstanding}
	for _, d := range p.Dues {
		if !d.Amount.Equal(p.Outstanding.Amount) {
			list = append(list, d.Money)
		}
	}
	return list
}

// Settle takes off a pledge what a line was applied to it for, so that no other line is taken for the same. reopen takes
// that back, the last settled first.
func (m *Matcher) Settle(pledge uuid.UUID, amount decimal.Decimal) (reopen func()) {
	i, known := m.byID[pledge]
	if !known {
		return func() {}
	}
	p := &m.pledges[i]
	outstanding, dues := p.Outstanding, slices.Clone(p.Dues)
	p.Outstanding.Amount = decimal.Max(decimal.Zero, p.Outstanding.Amount.Sub(amount))
	left := p.Outstanding.Amount
	for j := len(p.Dues) - 1; j >= 0; j-- { // the oldest is settled first
		p.Dues[j].Amount = decimal.Min(p.Dues[j].Amount, left)
		left = left.Sub(p.Dues[j].Amount)
	}
	p.Dues = slices.DeleteFunc(p.Dues, func(d Instalment) bool { return !d.Amount.IsPositive() })
	return func() { p.Outstanding, p.Dues = outstanding, dues }
}

// evidence is what speaks for a pledge or a contributor.
type evidence struct {
	points  int
	reasons []string
	strong  bool // it says who or what, and not only how much
	brief   bool // without the reasons, which few of very many pledges need
}

func (e *evidence) add(points int, format string, args ...any) {
	if e.points += points; e.brief {
		return
	}
	e.reasons = append(e.reasons, fmt.Sprintf(format, args...))
}

// most is how many suggestions a line has.
const most = 5

// Match returns what a credit may be for, the likeliest first. A debit, and a credit that takes an earlier debit back, is
// never taken for a contribution; a rule may say what it is.
func (m *Matcher) Match(line BankLine) []Suggestion {
	l := readLine(line)
	for i := range m.rules {
		if r := &m.rules[i]; r.Kind != "contribution" && r.covers(l) {
			return []Suggestion{{Kind: r.Kind, Rule: r.ID, Fund: r.Fund, Note: r.Note, Score: 100, Sure: true, Reasons: []string{"The officers' rule says so: " + r.Note}}}
		}
	}
	if !l.Amount.Amount.IsPositive() || l.Reversal {
		return nil
	}
	who := m.payersOf(l)
	referred, exactly := m.referred(l)
	candidates := map[int]bool{}
	for i := range referred {
		candidates[i] = true
	}
	for c := range who {
		for _, i := range m.of[c] {
			if m.pledges[i].Outstanding.Amount.IsPositive() {
				candidates[i] = true
			}
		}
	}
	if list := m.amounts[l.gross().String()]; len(list) <= 4*most { // a round sum says nothing
		for _, i := range list {
			candidates[i] = true
		}
	}
	var found []ranked // a contributor may have very many open pledges
	open := map[ContributorCode]bool{}
	for i := range candidates {
		s := m.weigh(l, i, who, referred, true)
		found = append(found, ranked{i, s})
		open[s.Contributor] = open[s.Contributor] || s.Outstanding.Amount.IsPositive()
	}
	for c, e := range who {
		if !open[c] {
			found = append(found, ranked{noPledge, Suggestion{Contributor: c, Score: min(e.points, 60), Reasons: append(slices.Clone(e.reasons), "Nothing is outstanding: it would be a gift without a pledge.")}})
		}
	}
	slices.SortFunc(found, func(a, b ranked) int {
		return cmp.Or(b.Score-a.Score, strings.Compare(a.Reference, b.Reference), strings.Compare(string(a.Contributor), string(b.Contributor)), bytes.Compare(a.Pledge[:], b.Pledge[:]))
	})
	list := make([]Suggestion, min(len(found), most))
	for i := range list {
		if list[i] = found[i].Suggestion; found[i].pledge != noPledge {
			list[i] = m.weigh(l, found[i].pledge, who, referred, false)
		}
	}
	m.decide(list, who, exactly)
	return list
}

// ranked is a suggestion on its way to the list, of a pledge or of none.
type ranked struct {
	pledge int
	Suggestion
}

const noPledge = -1

// gross is what was sent, as far as the bank says what it kept.
func (l BankLine) gross() Money { return Money{l.Amount.Amount.Add(l.Charges), l.Amount.Currency} }

// decide says whether the first suggestion is sure.
func (m *Matcher) decide(list []Suggestion, who map[ContributorCode]*evidence, exactly int) {
	if len(list) == 0 || !list[0].Sure {
		return
	}
	first := &list[0]
	first.Sure = exactly <= 1 && (len(list) == 1 || first.Score-list[1].Score >= lead) && (first.pledged || m.open(first.Contributor) == 1)
	for c, e := range who {
		if c != first.Contributor && e.strong && m.parents[c] != first.Contributor && m.parents[first.Contributor] != c { // another is named, and no body of the same
			first.Sure = false
		}
	}
}

// open returns how many pledges of a contributor are open. With several, the amount of one may be a part of another.
func (m *Matcher) open(c ContributorCode) int {
	n := 0
	for _, i := range m.of[c] {
		if m.pledges[i].Outstanding.Amount.IsPositive() {
			n++
		}
	}
	return n
}

// referred returns the pledges whose references the line has, and how many it has exactly.
func (m *Matcher) referred(l *lineText) (by map[int]foundReference, exactly int) {
	by = map[int]foundReference{}
	for _, f := range m.references.find(l.remittance) {
		for _, i := range f.candidates {
			if _, known := by[i]; !known {
				by[i] = f
			}
		}
		if f.exact {
			exactly++
		}
	}
	return by, exactly
}

// payersOf returns who may have paid.
func (m *Matcher) payersOf(l *lineText) map[ContributorCode]*evidence {
	who := map[ContributorCode]*evidence{}
	of := func(c ContributorCode) *evidence {
		if who[c] == nil {
			who[c] = &evidence{}
		}
		return who[c]
	}
	take := func(c ContributorCode, points int, strong bool, reason string) {
		if e := of(c); points > e.points {
			e.points, e.strong, e.reasons = points, strong, []string{reason}
		}
	}
	for i := range m.rules {
		if r := &m.rules[i]; r.Contributor != "" && r.covers(l) {
			take(r.Contributor, pointsRule, true, "The officers' rule says so: "+r.Note)
		}
	}
	if l.Account != "" {
		for _, c := range m.accounts[l.Account] {
			take(c, pointsAccount, true, fmt.Sprintf("%s has paid from the account %s before.", c, l.Account))
		}
	}
	for _, name := range []string{l.Payer, l.Ultimate} {
		text := BankText(name)
		if text == "" {
			continue
		}
		for _, c := range m.payers[text] {
			take(c, pointsKnownName, true, fmt.Sprintf("%s has paid under the name %s before.", c, name))
		}
		for _, n := range m.names.find(text) {
			take(n.contributor, n.points(), n.strong(), n.reason("The payer "+name))
		}
	}
	if len(who) == 0 {
		for _, n := range m.names.find(BankText(l.Remittance)) {
			if n.exact && !n.part && !n.weak {
				take(n.contributor, pointsNameIn, true, n.reason("The remittance information"))
			}
		}
	}
	m.fromCountry(l, of, who)
	return who
}

func (n namedBy) points() int {
	switch {
	case n.weak:
		return pointsPeople
	case n.part, !n.exact:
		return pointsNameNear
	case !n.whole:
		return pointsNameIn
	}
	return pointsName
}

func (n namedBy) strong() bool { return !n.weak && !n.part }

func (n namedBy) reason(text string) string {
	switch {
	case n.weak:
		return fmt.Sprintf("%s is %s by the word %s.", text, n.contributor, n.shown)
	case n.part:
		return fmt.Sprintf("%s has some words of the name %s.", text, n.shown)
	case !n.exact:
		return fmt.Sprintf("%s is nearly spelt %s.", text, n.shown)
	}
	return fmt.Sprintf("%s names %s.", text, n.shown)
}

// fromCountry adds that the payer's account or bank is in the country of a State.
func (m *Matcher) fromCountry(l *lineText, of func(ContributorCode) *evidence, who map[ContributorCode]*evidence) {
	country := ""
	switch {
	case len(l.Bank) == 8 || len(l.Bank) == 11:
		country = l.Bank[4:6]
	case len(l.Account) >= 15 && allLetters(l.Account[:2]) && allDigits(l.Account[2:4]):
		country = l.Account[:2]
	}
	for _, c := range m.states[country] {
		if len(who) == 0 || who[c] != nil {
			of(c).add(pointsCountry, "The payer's bank is in %s.", country)
		}
	}
}

func allLetters(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

// weigh puts together what speaks for a pledge; brief leaves the reasons out.
func (m *Matcher) weigh(l *lineText, i int, who map[ContributorCode]*evidence, referred map[int]foundReference, brief bool) Suggestion {
	p := &m.pledges[i]
	e := evidence{brief: brief}
	f, has := referred[i]
	switch {
	case has && f.exact:
		e.strong = true
		e.add(pointsReference, "The remittance information has the reference %s.", p.Reference)
	case has:
		e.strong = true
		e.add(pointsMistyped, "The remittance information has %s, one character from the reference %s.", f.written, p.Reference)
	}
	for i := range m.rules {
		if r := &m.rules[i]; r.Pledge == p.ID && r.covers(l) {
			e.strong = true
			e.add(pointsRule, "The officers' rule says so: %s", r.Note)
			break
		}
	}
	pledged := e.strong
	if w := who[p.Contributor]; w != nil {
		e.points += w.points
		if !brief {
			e.reasons = append(e.reasons, w.reasons...)
		}
		e.strong = e.strong || w.strong
	}
	charges, fits := m.amountOf(l, p, &e)
	s := Suggestion{Pledge: p.ID, Reference: p.Reference, Contributor: p.Contributor, Fund: p.Fund, Outstanding: p.Outstanding, Charges: charges, Reasons: e.reasons, Score: min(e.points, 100), Sure: e.strong && fits, pledged: pledged}
	if !p.Outstanding.Amount.IsPositive() {
		s.Score, s.Sure = min(s.Score, 40), false
		s.Reasons = append(s.Reasons, "The pledge is paid.")
	}
	return s
}

// amountOf weighs the amount and the date, and says whether they fit what is due, and which charges banks kept. Charges that
// the bank does not tell are proposed as such up to a hundredth of the payment, and a hundred units of currency; whether
// they were, a person says.
func (m *Matcher) amountOf(l *lineText, p *OpenPledge, e *evidence) (charges decimal.Decimal, fits bool) {
	dues := p.Dues
	if len(dues) != 1 && p.Outstanding.Amount.IsPositive() {
		dues = append(slices.Clone(dues), Instalment{Money: p.Outstanding})
	}
	gross := l.gross()
	sent := []Money{gross, gross}[:1]
	if l.Instructed != nil {
		sent = append(sent, *l.Instructed)
	}
	for _, money := range sent {
		for _, d := range dues {
			if money.Currency != d.Currency || !money.Amount.Equal(d.Amount) {
				continue
			}
			e.add(pointsAmount, "%s is what is due.", money)
			if !d.DueOn.IsZero() && within(l.ValueDate, d.DueOn, 45) {
				e.add(pointsDate, "It was due on %s.", d.DueOn)
			}
			return l.Charges, money.Currency == l.Amount.Currency && money.Amount.Equal(gross.Amount)
		}
	}
	for _, d := range dues {
		if d.Currency != gross.Currency || !d.Amount.GreaterThan(gross.Amount) {
			continue
		}
		short := d.Amount.Sub(gross.Amount)
		if short.LessThanOrEqual(hundred) && short.Mul(hundred).LessThanOrEqual(d.Amount) {
			e.add(pointsLessCharges, "It is %s less than what is due, as after charges of banks.", Money{short, d.Currency})
			return l.Charges.Add(short), false
		}
	}
	return l.Charges, false
}

var hundred = decimal.NewFromInt(100)

func within(a, b Date, days int) bool {
	d := a.DaysSince(b)
	return d <= days && -d <= days
}
