package ledger_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// The payers of a real register, as their banks spell them. The tables come from public names of ministries and of central
// banks, and not from what the matcher knows.
var (
	bodies = []string{"%s", "%s", "GOVERNMENT OF %s", "MINISTRY OF FOREIGN AFFAIRS OF %s", "MIN. FOREIGN AFFAIRS %s", "%s MIN OF FINANCE", "TREASURY OF %s", "CENTRAL BANK OF %s",
		"PERMANENT MISSION OF %s TO UN", "EMBASSY OF %s", "MOFA %s", "REPUBLIC OF %s TREASURY"}
	// What States really pay as, which names them in another language or not at all.
	own = map[string][]string{
		"DEU": {"BUNDESKASSE HALLE", "BUNDESREPUBLIK DEUTSCHLAND", "DEUTSCHE BUNDESBANK"}, "NLD": {"MINISTERIE VAN BUITENLANDSE ZAKEN", "RIJKSHOOFDBOEKHOUDING"},
		"SWE": {"RIKSGALDSKONTORET", "SIDA STOCKHOLM"}, "NOR": {"UTENRIKSDEPARTEMENTET", "NORGES BANK", "NORWEGIAN MFA"}, "DNK": {"UDENRIGSMINISTERIET", "DANMARKS NATIONALBANK"},
		"FIN": {"ULKOMINISTERIO HELSINKI", "VALTIOKONTTORI"}, "BEL": {"SPF AFF ETRANGERES BRUXELLES", "ROYAUME DE BELGIQUE"}, "FRA": {"DGFIP PARIS", "TRESOR PUBLIC", "BANQUE DE FRANCE"},
		"ESP": {"TESORO PUBLICO", "REINO DE ESPANA MAEC"}, "ITA": {"MIN AFFARI ESTERI ITALIA", "BANCA D ITALIA"}, "CHE": {"EIDG. FINANZVERWALTUNG BERN", "SCHWEIZERISCHE EIDGENOSSENSCHAFT"},
		"AUT": {"BUNDESMINISTERIUM FINANZEN WIEN", "REPUBLIK OESTERREICH"}, "JPN": {"BANK OF JAPAN", "GAIMUSHO TOKYO"}, "KOR": {"BANK OF KOREA", "MOFA SEOUL"}, "GBR": {"DFID EAST KILBRIDE", "HM PAYMASTER GENERAL"},
		"USA": {"US DEPT OF STATE", "USAID WASHINGTON DC"}, "CAN": {"RECEIVER GENERAL FOR CANADA"}, "TUR": {"TURKIYE CUM. MERKEZ BANKASI", "TURKIYE DISISLERI"}, "RUS": {"MINFIN ROSSII", "ROSSIYSKAYA FEDERATSIYA"},
		"BRA": {"TESOURO NACIONAL BRASILIA", "ITAMARATY"}, "MEX": {"TESORERIA DE LA FEDERACION", "SRE MEXICO"}, "POL": {"MINISTERSTWO SPRAW ZAGRANICZNYCH", "RZECZPOSPOLITA POLSKA"},
		"CZE": {"MINISTERSTVO ZAHRANICNICH VECI"}, "GRC": {"HELLENIC REPUBLIC MFA", "ELLINIKI DIMOKRATIA"}, "HUN": {"MAGYAR ALLAMKINCSTAR"}, "IRL": {"IRISH AID LIMERICK", "DEPT OF FOREIGN AFFAIRS DUBLIN"},
	}
	iso2 = map[string]string{"DEU": "DE", "NLD": "NL", "SWE": "SE", "NOR": "NO", "DNK": "DK", "FIN": "FI", "BEL": "BE", "FRA": "FR", "ESP": "ES", "ITA": "IT", "CHE": "CH", "AUT": "AT", "GBR": "GB", "TUR": "TR",
		"POL": "PL", "CZE": "CZ", "GRC": "GR", "HUN": "HU", "IRL": "IE", "LUX": "LU", "PRT": "PT", "EST": "EE", "LTU": "LT", "LVA": "LV", "SVN": "SI", "LIE": "LI", "MCO": "MC", "AND": "AD", "CYP": "CY", "ISL": "IS"}
	latin = strings.NewReplacer("É", "E", "È", "E", "Ü", "U", "Ö", "O", "Ä", "A", "Ç", "C", "Ô", "O", "Ã", "A", "Í", "I", "Ñ", "N", "’", "", "'", "")
)

// bankWriter writes payments as banks do, from a fixed seed.
type bankWriter struct {
	*rand.Rand
	accounts map[ledger.ContributorCode][]string
	habits   map[ledger.ContributorCode][]string // the names that a contributor's bank has written
}

func (w *bankWriter) chance(percent int) bool { return w.IntN(100) < percent }

func (w *bankWriter) one(list []string) string { return list[w.IntN(len(list))] }

// slip makes one typing error: a character that is wrong, missing, doubled, or changed with the next.
func (w *bankWriter) slip(s string) string {
	b := []byte(s)
	i := w.IntN(len(b))
	switch w.IntN(4) {
	case 0:
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[w.IntN(36)]
	case 1:
		b = slices.Delete(b, i, i+1)
	case 2:
		b = slices.Insert(b, i, b[i])
	default:
		if i+1 < len(b) {
			b[i], b[i+1] = b[i+1], b[i]
		}
	}
	return string(b)
}

func (w *bankWriter) payer(c ledger.Contributor) string {
	if known := w.habits[c.Code]; len(known) > 0 && w.chance(60) { // a bank mostly writes a customer as before
		return w.one(known)
	}
	name := latin.Replace(strings.ToUpper(c.Name))
	switch {
	case c.Kind == ledger.State && own[c.Country] != nil && w.chance(50):
		name = w.one(own[c.Country])
	case c.Kind == ledger.State:
		name = fmt.Sprintf(w.one(bodies), name)
	case w.chance(25): // words cut short
		words := strings.Fields(name)
		for i, word := range words {
			if len(word) > 6 && w.chance(50) {
				words[i] = word[:4] + "."
			}
		}
		name = strings.Join(words, " ")
	}
	if w.chance(10) {
		name = w.slip(name)
	}
	if limit := []int{35, 27, 70}[w.IntN(3)]; len(name) > limit {
		name = name[:limit]
	}
	w.habits[c.Code] = append(w.habits[c.Code], name)
	return name
}

func (w *bankWriter) account(c ledger.Contributor) string {
	if w.chance(45) {
		return "" // the file has none
	}
	if known := w.accounts[c.Code]; len(known) > 0 && w.chance(85) {
		return w.one(known)
	}
	number := fmt.Sprintf("%012d", w.Int64N(1_000_000_000_000))
	if cc := iso2[c.Country]; cc != "" {
		number = fmt.Sprintf("%s%02d%016d", cc, w.IntN(98)+1, w.Int64N(1_000_000_000_000_000))
	}
	w.accounts[c.Code] = append(w.accounts[c.Code], number)
	return number
}

// remittance is what a payer writes: the reference, well or badly, its own number, a few words, or nothing.
func (w *bankWriter) remittance(p ledger.OpenPledge, c ledger.Contributor) string {
	reference := p.Reference
	switch n := w.IntN(100); {
	case n < 45:
	case n < 60:
		reference = w.slip(reference)
	case n < 75:
		return fmt.Sprintf("%s CONTRIBUTION TO CERF %d", strings.ToUpper(c.Name), p.FundYear)
	case n < 88:
		return fmt.Sprintf("INV %07d/%d", w.IntN(10_000_000), p.FundYear)
	default:
		return ""
	}
	switch w.IntN(5) {
	case 0:
		reference = strings.ReplaceAll(reference, "-", "")
	case 1:
		reference = strings.ReplaceAll(reference, "-", " ")
	case 2:
		reference = strings.ToLower(reference)
	case 3:
		reference = strings.ReplaceAll(reference, "-", "/")
	}
	return w.one([]string{"%s", "YOUR REF %s", "CERF %s VOLUNTARY CONTRIBUTION", "/RFB/%s", "UN OCHA CERF REF. %s 2ND FLOOR", "PAYMENT %s DD 2303"}[:]) + "\x00" + reference
}

// registered is a pledge of the register with who made it.
type registered struct {
	ledger.OpenPledge
	day string
}

func register(t *testing.T) ([]registered, map[ledger.ContributorCode]ledger.Contributor) {
	t.Helper()
	f, err := os.Open("../cmd/vcledger/demo/cerf-register.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	contributors := map[ledger.ContributorCode]ledger.Contributor{}
	var list []registered
	for _, r := range rows[1:] {
		if r[0] != "pledge" {
			continue
		}
		code := ledger.ContributorCode(r[4])
		if code == "" || r[3] != "state" {
			code = ledger.ContributorCode("X" + r[2])
		}
		contributors[code] = ledger.Contributor{Code: code, Name: r[2], Kind: ledger.ContributorKind(r[3]), Country: r[4]}
		on, err := ledger.ParseDate(r[7])
		if err != nil {
			t.Fatal(err)
		}
		money := ledger.Money{Amount: decimal.RequireFromString(r[9]), Currency: ledger.Currency(r[8])}
		var year int
		fmt.Sscan(r[6], &year)
		list = append(list, registered{ledger.OpenPledge{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(r[1])), Reference: r[1], Contributor: code, Fund: "CERF", FundYear: year, Outstanding: money,
			Dues: []ledger.Instalment{{Number: 1, DueOn: on, Money: money}}}, r[7]})
	}
	slices.SortStableFunc(list, func(a, b registered) int { return strings.Compare(a.day, b.day) })
	return list, contributors
}

// TestMatchQuality pays every pledge of the register year by year, as banks write it, among credits that are no contributions.
// Of each year only the years before are known, as an officer confirmed them. It prints how good the suggestions are, and what
// was applied alone: that is right always.
func TestMatchQuality(t *testing.T) {
	t.Parallel()
	pledges, contributors := register(t)
	w := &bankWriter{rand.New(rand.NewPCG(2002, 19)), map[ledger.ContributorCode][]string{}, map[ledger.ContributorCode][]string{}}
	var parties ledger.Parties
	for _, code := range slices.Sorted(func(yield func(ledger.ContributorCode) bool) {
		for c := range contributors {
			if !yield(c) {
				return
			}
		}
	}) {
		parties.Contributors = append(parties.Contributors, contributors[code])
	}
	nobody := []string{"HM TREASURY", "BANCO CENTRAL DO BRASIL", "CENTRAL BANK", "MINISTRY OF FINANCE", "THE TREASURER", "TESORERIA GENERAL", "BANK FOR INTL SETTLEMENTS", "FEDERAL RESERVE BANK NEW YORK"}
	var cases, first, among, suggestions, right, alone, aloneRight, others, othersAlone, unknown, unknownAlone, strays, straysAlone, twins, twinsAlone int
	sure := func(list []ledger.Suggestion) bool {
		return len(list) > 0 && list[0].Sure && list[0].Score >= ledger.Threshold
	}
	for year := 2006; year <= 2025; year++ {
		var books []ledger.OpenPledge
		var turn []registered
		for _, p := range pledges {
			if p.FundYear > year {
				continue
			}
			if p.FundYear < year {
				p.Outstanding.Amount, p.Dues = decimal.Zero, nil
			} else {
				turn = append(turn, p)
			}
			books = append(books, p.OpenPledge)
		}
		m := ledger.NewMatcher(books, parties)
		for _, p := range turn {
			if w.chance(15) { // something else arrives, sometimes of an amount that is due
				l := ledger.BankLine{Amount: ledger.Money{Amount: decimal.NewFromInt(int64(w.IntN(5_000_000))).Div(decimal.NewFromInt(100)), Currency: p.Outstanding.Currency}, ValueDate: p.Dues[0].DueOn,
					Payer: w.one([]string{"CITIBANK NA NEW YORK", "UNDP TREASURY", "UNITED NATIONS", "JOHN SMITH", "DELEGATES DINING ROOM"}), Remittance: w.one([]string{"INTEREST", "REFUND TRAVEL", "TRANSFER 4711", "CORR 12-DC-2"})}
				if w.chance(20) {
					l.Amount = turn[w.IntN(len(turn))].Outstanding
				}
				others++
				if list := m.Match(l); len(list) > 0 && list[0].Sure && list[0].Score >= ledger.Threshold {
					othersAlone++
					t.Errorf("applied alone, and no contribution: %+v: %+v", l, list[0])
				}
			}
			if w.chance(10) { // a payer whom nobody knows pays what is due of somebody, and does not say for whom
				l := ledger.BankLine{Amount: p.Outstanding, ValueDate: p.Dues[0].DueOn, Payer: w.one(nobody), Remittance: w.one([]string{"", "VOLUNTARY CONTRIBUTION", "CONTRIBUTION CERF"})}
				unknown++
				if list := m.Match(l); sure(list) {
					unknownAlone++
					t.Errorf("applied alone, and nobody knows for whom: %+v: %+v", l, list[0])
				}
			}
			if other := turn[w.IntN(len(turn))]; other.Contributor != p.Contributor && w.chance(20) { // the reference is mistyped into that of another's pledge
				l := ledger.BankLine{Amount: p.Outstanding, ValueDate: p.Dues[0].DueOn, Payer: fmt.Sprintf(w.one(bodies), latin.Replace(strings.ToUpper(contributors[p.Contributor].Name))), Remittance: other.Reference}
				if w.chance(25) {
					l.Amount = other.Outstanding // and both are of one amount
				}
				strays++
				if list := m.Match(l); sure(list) {
					straysAlone++
					t.Errorf("applied alone to the pledge of another: %+v: %+v", l, list[0])
				}
			}
			if w.chance(10) { // the contributor has another pledge of the same amount, due on the same day
				twin := p.OpenPledge
				twin.ID, twin.Reference = uuid.NewSHA1(uuid.NameSpaceOID, []byte("twin of "+p.Reference)), fmt.Sprintf("TW-%d-%04d", year, twins)
				pair := ledger.NewMatcher([]ledger.OpenPledge{p.OpenPledge, twin}, parties)
				l := ledger.BankLine{Amount: p.Outstanding, ValueDate: p.Dues[0].DueOn, Payer: contributors[p.Contributor].Name, Account: w.account(contributors[p.Contributor])}
				twins++
				if list := pair.Match(l); sure(list) {
					twinsAlone++
					t.Errorf("applied alone to one of two that are alike: %+v: %+v", l, list[0])
				}
				l.Remittance = "REF " + twin.Reference
				if list := pair.Match(l); len(list) == 0 || list[0].Pledge != twin.ID {
					t.Errorf("the reference of one of two that are alike: %+v: %+v", l, list)
				}
			}
			c := contributors[p.Contributor]
			l := ledger.BankLine{Amount: p.Outstanding, ValueDate: p.Dues[0].DueOn.AddDays(w.IntN(60) - 10), Payer: w.payer(c), Account: w.account(c)}
			l.Remittance = w.remittance(p.OpenPledge, c)
			if pattern, reference, ok := strings.Cut(l.Remittance, "\x00"); ok {
				l.Remittance = fmt.Sprintf(pattern, reference)
			}
			switch kept := decimal.NewFromInt(int64(5 + w.IntN(40))); {
			case w.chance(15) && l.Amount.Amount.GreaterThan(kept):
				l.Amount.Amount = l.Amount.Amount.Sub(kept)
			case w.chance(10) && l.Amount.Amount.GreaterThan(kept):
				l.Amount.Amount, l.Charges = l.Amount.Amount.Sub(kept), kept
			case w.chance(5):
				l.Amount.Amount = l.Amount.Currency.Round(l.Amount.Amount.Div(decimal.NewFromInt(2)))
			}
			list := m.Match(l)
			cases++
			suggestions += len(list)
			for i, s := range list {
				if s.Pledge == p.ID {
					right++
					among++
					if i == 0 {
						first++
					}
				}
			}
			if len(list) > 0 && list[0].Sure && list[0].Score >= ledger.Threshold {
				alone++
				if list[0].Pledge == p.ID {
					aloneRight++
				} else {
					t.Errorf("applied alone, and wrong: %s of %s by %q %q %q: %+v", p.Reference, l.Amount, l.Payer, l.Account, l.Remittance, list[0])
				}
			}
			// The officer decides on it.
			m.Settle(p.ID, l.Amount.Amount.Add(l.Charges))
			parties.Payers = append(parties.Payers, ledger.PayerKnown{Contributor: p.Contributor, NameKey: ledger.BankText(l.Payer), Account: l.Account})
		}
	}
	share := func(a, b int) string { return fmt.Sprintf("%d of %d (%.1f %%)", a, b, 100*float64(a)/float64(b)) }
	t.Logf("suggestions: right pledge first %s, among the first five %s (recall); right of all that were made %s (precision)", share(first, cases), share(among, cases), share(right, suggestions))
	t.Logf("applied alone: right %s (precision), of all payments %s (recall); of other credits %s", share(aloneRight, alone), share(aloneRight, cases), share(othersAlone, others))
	t.Logf("never applied alone: payers that nobody knows %s, another's reference %s, one of two that are alike %s", share(unknownAlone, unknown), share(straysAlone, strays), share(twinsAlone, twins))
	if unknown == 0 || strays == 0 || twins == 0 {
		t.Error("something was not tried")
	}
	if alone == 0 || aloneRight != alone || othersAlone != 0 {
		t.Error("what is applied alone is not always right")
	}
	if first*10 <= cases*9 {
		t.Errorf("the right pledge is first in %s", share(first, cases))
	}
}
