package pdf

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/harfbuzz"
)

// unseen are the characters that are rightly not seen: they join or part what stands beside them.
var unseen = []rune{'\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\u2068', '\u2069', '\ufe0e', '\ufe0f', '\ufeff'}

// visible is a text as it can be shown: a line or a paragraph ends in a space, and what no font has or what would reorder or hide
// other characters is written by its code.
func visible(s string) []rune {
	var out []rune
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", r):
			out = append(out, ' ')
		case slices.Contains(unseen, r), shown(r):
			out = append(out, r)
		default:
			out = append(out, coded(r)...)
		}
	}
	return out
}

func shown(r rune) bool {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || harfbuzz.IsDefaultIgnorable(r) {
		return false
	}
	return latin.has(r) || arabic.has(r) || chinese.has(r)
}

// coded writes a character by its code point.
func coded(r rune) []rune { return []rune(fmt.Sprintf("[U+%04X]", r)) }
