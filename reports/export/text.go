package export

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the length in bytes of the longest text of an hledger file: Ledger refuses a line of 4,096.
const maxText = 2000

// lookAlikes replace what ends a text or means something inside it: a comment, a date in brackets, the bracket of an
// account that balances by itself, the border between payee and note. hledger has no way to quote them.
var lookAlikes = strings.NewReplacer(";", "；", "[", "［", "]", "］", "|", "｜")

// plain returns a text for one line of an hledger file: without control characters, with single spaces, and with the
// characters that mean something there as their full-width look-alikes. What is too long ends in an ellipsis.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = lookAlikes.Replace(strings.Join(strings.Fields(s), " "))
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// escapes are those of a Beancount string. Line ends have to be among them: a string has at most 64 lines.
var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// quoted returns a text as a Beancount string, which keeps it whole.
func quoted(s string) string {
	return `"` + escapes.Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
