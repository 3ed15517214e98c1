package ledger

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// commonWords say what sort of body somebody is, and not who: they stand in the names of many payers.
var commonWords = wordSet(`THE OF AND FOR TO A AN IN ON BY DE LA LE LES DU DES EL LOS LAS DEL DA DO DOS DAS DI UND DER DIE DAS FUR VAN HET EN OG I Y E ET
	GOVERNMENT GOUVERNEMENT GOBIERNO REGIERUNG GOVT GOV ROYAL STATE FEDERAL FEDERATION REPUBLIC REPUBLIQUE REPUBLICA REPUBLIK REP KINGDOM ROYAUME REINO PRINCIPALITY COMMONWEALTH
	ISLAMIC ARAB SULTANATE GRAND DUCHY UNION
	MINISTRY MINISTERE MINISTERIO MINISTERIUM MIN DEPARTMENT DEPT FOREIGN AFFAIRS EXTERNAL RELATIONS INTERNATIONAL INTL COOPERATION DEVELOPMENT DEV AGENCY
	FINANCE FINANCES ECONOMY TREASURY TRESOR TESORO CENTRAL BANK BANQUE BANCO NATIONAL OFFICE PERMANENT MISSION EMBASSY TRUST FUND FOUNDATION FUNDS ACCOUNT
	PAYMENT CONTRIBUTION UN UNITED NATIONS CERF INC LTD LLC CO CORP CORPORATION COMPANY GROUP SA AG GMBH BV PLC PRIVATE LIMITED ASSOCIATION`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// spellings are the languages in which a State's name is known, from the Unicode common locale data.
var spellings = []language.Tag{language.English, language.French, language.Spanish, language.Portuguese, language.German, language.Dutch, language.Italian,
	language.Danish, language.Swedish, language.Norwegian, language.Finnish, language.Polish, language.Czech, language.Turkish, language.Indonesian,
	language.Romanian, language.Hungarian, language.Estonian, language.Latvian, language.Lithuanian, language.Slovenian, language.Croatian, language.Icelandic}

// regionOf returns the region of an ISO 3166-1 code of two or three letters.
func regionOf(code string) (language.Region, bool) {
	r, err := language.ParseRegion(code)
	return r, err == nil && r.IsCountry()
}

// stateNames returns the names of a State in other languages and, last, what its people are called in English, which is the
// name of its language.
func stateNames(country string) (names []string, people string) {
	if known, ok := namesOfStates.Load(country); ok {
		k := known.(stateName)
		return k.names, k.people
	}
	names, people = readStateNames(country)
	namesOfStates.Store(country, stateName{names, people})
	return names, people
}

// namesOfStates keeps what was read, by country: there are only so many.
var namesOfStates sync.Map

type stateName struct {
	names  []string
	people string
}

func readStateNames(country string) (names []string, people string) {
	region, ok := regionOf(country)
	if !ok {
		return nil, ""
	}
	for _, tag := range spellings {
		if n := display.Regions(tag); n != nil {
			names = append(names, n.Name(region))
		}
	}
	own, err := language.Compose(language.Und, region)
	if err != nil {
		return names, ""
	}
	base, sure := own.Base()
	if word, _, _ := strings.Cut(display.English.Languages().Name(base), " "); sure >= language.Low && !slices.Contains(widespread, base.String()) {
		people = word
	}
	return names, people
}

// widespread are the languages of many States, whose names say little of a payer.
var widespread = []string{"en", "fr", "es", "pt", "ar", "de", "nl", "ru", "zh"}

// nameWords is a name as the words that matter, each with whether others have it too.
type nameWords struct {
	contributor ContributorCode
	words       []string
	shown       string
	weak        bool // what people are called, not a name
}

// nameIndex finds contributors by the words of their names.
type nameIndex struct {
	names  []nameWords
	byWord map[string][]int
	// rarest has each name under the one of its words that the fewest names have. A word such as a city stands in very many.
	rarest map[string][]int // nil when a name was added since
	// drops has each word without one of its characters, so that a word with a typing error is found without comparing it
	// with all.
	drops map[string][]string
	cache map[string][]namedBy // by the bank's text
}

func newNameIndex() *nameIndex {
	return &nameIndex{byWord: map[string][]int{}, drops: map[string][]string{}, cache: map[string][]namedBy{}}
}

// mattering returns the words of a bank's text that say who somebody is; all of them when none does.
func mattering(text string) []string {
	all := strings.Fields(text)
	list := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return commonWords[w] || len(w) < 2 })
	if len(list) == 0 {
		return all
	}
	return list
}

func (x *nameIndex) add(c ContributorCode, name string, weak bool) {
	words := mattering(BankText(name))
	if len(words) == 0 || len(words) == 1 && len(words[0]) < 3 {
		return
	}
	if slices.ContainsFunc(x.byWord[words[0]], func(i int) bool { return x.names[i].contributor == c && slices.Equal(x.names[i].words, words) }) {
		return
	}
	x.names, x.rarest = append(x.names, nameWords{c, words, name, weak}), nil
	for _, w := range words {
		if x.byWord[w] == nil && len(w) >= 5 {
			for _, d := range dropped(w) {
				x.drops[d] = append(x.drops[d], w)
			}
		}
		if n := x.byWord[w]; len(n) == 0 || n[len(n)-1] != len(x.names)-1 {
			x.byWord[w] = append(x.byWord[w], len(x.names)-1)
		}
	}
}

// dropped returns a word, and it without each of its characters.
func dropped(w string) []string {
	list := []string{w}
	for i := range w {
		list = append(list, w[:i]+w[i+1:])
	}
	return list
}

// near returns the indexed words that are one typing error from a word, and the longer ones that it is cut from.
func (x *nameIndex) near(w string) []string {
	var list []string
	if len(w) >= 5 {
		for _, d := range dropped(w) {
			for _, known := range x.drops[d] {
				if known != w && !slices.Contains(list, known) && oneApart(w, known) {
					list = append(list, known)
				}
			}
		}
	}
	return list
}

// namedBy is a contributor whose name a text has.
type namedBy struct {
	contributor ContributorCode
	shown       string
	matched     int  // words
	exact       bool // every word as it is
	whole       bool // the text has no other word that matters
	weak        bool
	part        bool // some of the name's words are missing
}

// find returns whom a bank's text names: of names that share their words the ones with the most, exact ones before others.
func (x *nameIndex) find(text string) []namedBy {
	if found, known := x.cache[text]; known {
		return found
	}
	words := mattering(text)
	found := map[string]bool{} // the words of names that the text has, and whether exactly
	for _, w := range words {
		if x.byWord[w] != nil {
			found[w] = true
			continue
		}
		for _, known := range x.near(w) {
			if _, has := found[known]; !has {
				found[known] = false
			}
		}
	}
	var list []namedBy
	for _, i := range x.candidates(found) {
		n := &x.names[i]
		by := namedBy{contributor: n.contributor, shown: n.shown, exact: true, weak: n.weak, whole: len(words) == len(n.words)}
		rare := false
		for j, w := range n.words {
			exact, has := found[w]
			if !has || slices.Contains(n.words[:j], w) {
				continue
			}
			by.matched++
			by.exact = by.exact && exact
			rare = rare || len(w) >= 4 && x.rare(w)
		}
		by.part = by.matched < len(n.words)
		if by.part && (!rare || by.matched*2 < len(n.words)) {
			continue
		}
		list = append(list, by)
	}
	list = best(list)
	if len(x.cache) < 50_000 { // a file has far fewer payers than lines
		x.cache[text] = list
	}
	return list
}

// candidates returns the names that the words may be of: a name with all of its words has its rarest, and one with some of
// them only counts for a rare word.
func (x *nameIndex) candidates(words map[string]bool) []int {
	if x.rarest == nil {
		x.rarest = map[string][]int{}
		for i, n := range x.names {
			w := slices.MinFunc(n.words, func(a, b string) int { return len(x.byWord[a]) - len(x.byWord[b]) })
			x.rarest[w] = append(x.rarest[w], i)
		}
	}
	var list []int
	for w := range words {
		list = append(list, x.rarest[w]...)
		if len(w) >= 4 && x.rare(w) {
			list = append(list, x.byWord[w]...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// rare reports whether no more than two contributors have a word.
func (x *nameIndex) rare(word string) bool {
	var first, second ContributorCode
	for _, i := range x.byWord[word] {
		switch c := x.names[i].contributor; {
		case first == "" || c == first:
			first = c
		case second == "" || c == second:
			second = c
		default:
			return false
		}
	}
	return true
}

func (n namedBy) rank() int {
	r := n.matched * 4
	if n.exact {
		r += 2
	}
	if n.part {
		r -= 5
	}
	if n.weak {
		r -= 8
	}
	return r
}

// best keeps each contributor once, and of all only those whose name is found best.
func best(list []namedBy) []namedBy {
	slices.SortFunc(list, func(a, b namedBy) int {
		if d := b.rank() - a.rank(); d != 0 {
			return d
		}
		if d := strings.Compare(string(a.contributor), string(b.contributor)); d != 0 {
			return d
		}
		return strings.Compare(a.shown, b.shown)
	})
	var out []namedBy
	for _, n := range list {
		if len(out) > 0 && n.rank() < out[0].rank() {
			break
		}
		if !slices.ContainsFunc(out, func(o namedBy) bool { return o.contributor == n.contributor }) {
			out = append(out, n)
		}
	}
	return out
}
