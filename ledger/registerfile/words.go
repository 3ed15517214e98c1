package registerfile

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"vcledger/ledger"
)

// categoryWords are looked for in an item and its unit, in this order; the first that is found decides.
var categoryWords = []struct {
	category ledger.Category
	words    []string
}{
	{ledger.Consultant, []string{"consult", "консульт", "顾问", "مستشار"}},
	{ledger.StaffOnLoan, []string{"staff", "second", "loan", "détach", "detach", "gratis", "associate", "jpo"}},
	{ledger.Expert, []string{"expert", "эксперт", "专家", "専門家", "خبير"}},
	{ledger.Travel, []string{"travel", "flight", "ticket", "voyage", "billet", "viaje", "pasaje"}},
	{ledger.Premises, []string{"premises", "office", "venue", "conference room", "locaux", "bureau", "locales", "oficina"}},
}

// timeUnits are units of time: what is given by the day is somebody's service.
var timeUnits = []string{"day", "week", "month", "hour", "year", "jour", "semaine", "mois", "heure", "année", "día", "dia", "semana", "mes", "hora", "año"}

// Category returns what sort of gift an item is, from its own words and its unit. A unit of time without such a word is
// an expert's; everything else is goods.
func Category(item, unit string) ledger.Category {
	text := strings.ToLower(item + " " + unit)
	for _, c := range categoryWords {
		for _, word := range c.words {
			if strings.Contains(text, word) {
				return c.category
			}
		}
	}
	words := strings.FieldsFunc(strings.ToLower(unit), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range words {
		for _, u := range timeUnits {
			if word == u || word == u+"s" {
				return ledger.Expert
			}
		}
	}
	return ledger.Goods
}

// maxCode is how many characters of a name a code takes.
const maxCode = 48

// plain are the Latin letters that have no accent to lose.
var plain = strings.NewReplacer("ß", "ss", "ẞ", "SS", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O", "đ", "d", "Đ", "D",
	"ł", "l", "Ł", "L", "ð", "d", "Ð", "D", "þ", "th", "Þ", "TH", "ı", "i", "'", "", "’", "", "ʼ", "")

// CodeFrom returns a code for a name in any script: its letters and digits in capitals and without accents, other characters
// as hyphens. A name that loses letters by this gets a hash of itself behind it, so that two names do not get one code.
func CodeFrom(name string) string {
	name = norm.NFC.String(name)
	folded, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), plain.Replace(name))
	if err != nil {
		folded = ""
	}
	var b strings.Builder
	lost := folded == ""
	for _, r := range strings.ToUpper(folded) {
		switch {
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			lost = true
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	code := strings.Trim(b.String(), "-")
	if len(code) > maxCode {
		code, lost = strings.TrimRight(code[:maxCode], "-"), true
	}
	if len(code) >= 2 && !lost {
		return code
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimPrefix(code+"-"+strings.ToUpper(hex.EncodeToString(sum[:4])), "-")
}
