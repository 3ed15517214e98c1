package ledger

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	edlib "github.com/hbollon/go-edlib"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// unmarked are letters that Unicode does not take apart into a letter and a mark, as banks write them.
var unmarked = strings.NewReplacer("ß", "ss", "ẞ", "SS", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE",
	"þ", "th", "Þ", "TH", "ð", "d", "Ð", "D", "ı", "i", "’", "", "'", "", "`", "")

// BankText returns a text as a bank would spell it: capitals without accents and digits, everything else a space.
func BankText(s string) string {
	if plain, ok := bankASCII(s); ok { // as nearly every text of a bank is
		return plain
	}
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn))), unmarked.Replace(s))
	if err != nil {
		plain = s // bytes that are no text are left as they are, and dropped below
	}
	var b strings.Builder
	gap := false
	for _, r := range strings.ToUpper(plain) {
		switch {
		case r < unicode.MaxASCII && (r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'), r > unicode.MaxASCII && unicode.IsLetter(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// bankASCII is [BankText] for a text of plain characters, of which no letter has a mark.
func bankASCII(s string) (string, bool) {
	out := make([]byte, 0, len(s))
	gap := false
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			if gap && len(out) > 0 {
				out = append(out, ' ')
			}
			gap = false
			out = append(out, c)
		case c != '\'' && c != '`':
			gap = true
		}
	}
	return string(out), true
}

// oneApart reports whether two texts are the same but for one character that is wrong, missing, too many, or changed places
// with its neighbour.
func oneApart(a, b string) bool {
	if d := len(a) - len(b); d > 1 || d < -1 {
		return false
	}
	// What they begin and end with alike leaves no more than two characters of each; one that is not plain has several bytes.
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	ends := 0
	for ends < len(a)-from && ends < len(b)-from && a[len(a)-1-ends] == b[len(b)-1-ends] {
		ends++
	}
	left, right := a[from:len(a)-ends], b[from:len(b)-ends]
	if max(len(left), len(right)) > 2 && allPlain(left) && allPlain(right) {
		return false
	}
	return edlib.OSADamerauLevenshteinDistance(a, b) <= 1
}

func allPlain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// The shortest reference that is looked for, and the shortest one for which a typing error is allowed: a shorter one would
// be found in any text.
const (
	shortestReference = 5
	shortestMistyped  = 8
)

// referenceIndex finds the references of pledges in texts.
type referenceIndex struct {
	whole   map[string][]int // by the reference without what is no letter and no digit
	lengths []int
	pieces  map[string][]string // halves of longer references, one of which a single typing error leaves whole
	halves  []int               // lengths of pieces
}

func newReferenceIndex() *referenceIndex {
	return &referenceIndex{whole: map[string][]int{}, pieces: map[string][]string{}}
}

// add takes a reference of a candidate. One without a digit may be a word of any text and is not looked for.
func (x *referenceIndex) add(reference string, candidate int) {
	key := strings.ReplaceAll(BankText(reference), " ", "")
	if len(key) < shortestReference || !strings.ContainsAny(key, "0123456789") {
		return
	}
	if slices.Contains(x.whole[key], candidate) {
		return
	}
	if x.whole[key] == nil {
		x.lengths = withLength(x.lengths, len(key))
		if len(key) >= shortestMistyped {
			for _, piece := range []string{key[:len(key)/2], key[len(key)/2:]} {
				x.pieces[piece] = append(x.pieces[piece], key)
				x.halves = withLength(x.halves, len(piece))
			}
		}
	}
	x.whole[key] = append(x.whole[key], candidate)
}

func withLength(list []int, n int) []int {
	if !slices.Contains(list, n) {
		list = append(list, n)
	}
	return list
}

// found is a reference that a text has.
type foundReference struct {
	candidates []int
	written    string // as the text has it
	exact      bool
}

// find returns the references that a text has, whatever stands between their characters: those that it has exactly and
// only where it has none those that are one typing error away.
func (x *referenceIndex) find(text string) []foundReference {
	compact, starts := compacted(text)
	var list []foundReference
	for _, n := range x.lengths {
		for i := 0; i+n <= len(compact); i++ {
			part := compact[i : i+n]
			// A reference of figures only is one when nothing else stands around it.
			if c := x.whole[part]; c != nil && (!allDigits(part) || starts[i] && (i+n == len(compact) || starts[i+n])) {
				list = append(list, foundReference{c, part, true})
			}
		}
	}
	if len(list) > 0 {
		return longest(list)
	}
	seen := map[string]bool{}
	for _, n := range x.halves {
		for i := 0; i+n <= len(compact); i++ {
			for _, key := range x.pieces[compact[i:i+n]] {
				if seen[key] || allDigits(key) {
					continue
				}
				if written, ok := mistyped(compact, key, i, n); ok {
					seen[key] = true
					list = append(list, foundReference{x.whole[key], written, false})
				}
			}
		}
	}
	return list
}

// longest drops the references that stand inside of another.
func longest(list []foundReference) []foundReference {
	return slices.DeleteFunc(slices.Clone(list), func(f foundReference) bool {
		return slices.ContainsFunc(list, func(o foundReference) bool {
			return len(o.written) > len(f.written) && strings.Contains(o.written, f.written)
		})
	})
}

// mistyped looks around a piece of a reference for the whole of it with one typing error.
func mistyped(text, key string, at, piece int) (written string, ok bool) {
	first := at // when the piece is the first half
	if strings.HasSuffix(key, text[at:at+piece]) && !strings.HasPrefix(key, text[at:at+piece]) {
		first = at + piece - len(key)
	}
	for _, from := range []int{first, first - 1, first + 1} {
		for _, n := range []int{len(key), len(key) - 1, len(key) + 1} {
			if from >= 0 && from+n <= len(text) && oneApart(text[from:from+n], key) {
				return text[from : from+n], true
			}
		}
	}
	return "", false
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// compacted returns a bank's text without spaces, and where words began.
func compacted(text string) (string, []bool) {
	var b strings.Builder
	var starts []bool
	for word := range strings.FieldsSeq(text) {
		for i := range len(word) {
			starts = append(starts, i == 0)
		}
		b.WriteString(word)
	}
	return b.String(), starts
}
