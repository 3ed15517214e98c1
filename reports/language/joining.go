package language

import (
	"strings"
	"unicode"
)

// Labelled writes what something is before it, with the language's colon.
func (l Language) Labelled(label, text string) string {
	colon := ": "
	switch l {
	case French:
		colon = "\u00a0: "
	case Chinese:
		colon = "："
	}
	return l.isolated(label) + colon + l.isolated(text)
}

// List joins what is told one after the other, with the language's semicolon.
func (l Language) List(parts ...string) string {
	semicolon := "; "
	switch l {
	case Arabic:
		semicolon = "؛ "
	case French:
		semicolon = "\u00a0; "
	case Chinese:
		semicolon = "；"
	}
	return l.join(parts, semicolon)
}

// Series joins what belongs together, with the language's comma.
func (l Language) Series(parts ...string) string {
	comma := ", "
	switch l {
	case Arabic:
		comma = "، "
	case Chinese:
		comma = "，"
	}
	return l.join(parts, comma)
}

func (l Language) join(parts []string, separator string) string {
	told := make([]string, len(parts))
	for i, s := range parts {
		told[i] = l.isolated(s)
	}
	return strings.Join(told, separator)
}

// The characters that begin and end a text with a direction of its own (UAX 9, section 2.4).
const isolate, isolateEnds = "\u2068", "\u2069"

// isolated lets a text that has another direction than the language keep it, and leave the order of what stands beside it alone:
// a reference in Latin letters and the date after it do not change places in an Arabic sentence. A text that was put together
// here has the direction of the language.
func (l Language) isolated(s string) string {
	other := func(r rune) bool { return unicode.In(r, unicode.Arabic, unicode.Hebrew) }
	if l.RightToLeft() {
		other = func(r rune) bool {
			return unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.In(r, unicode.Arabic, unicode.Hebrew)
		}
	}
	if !strings.Contains(s, isolate) && strings.ContainsFunc(s, other) {
		return isolate + s + isolateEnds
	}
	return s
}

// Plain is a text without the marks of direction that a sentence has, for what does not know them.
func Plain(s string) string { return strings.NewReplacer(isolate, "", isolateEnds, "").Replace(s) }
