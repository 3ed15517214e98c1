// Package language has the six official languages of the United Nations for the documents of package reports: the words of
// headings and notes, the names of States, and the forms of numbers and dates. A document is built once and told in any of
// them; nothing but words and forms changes.
package language

import (
	"fmt"
	"slices"
	"strings"
)

// Language is one of the six official languages of the United Nations, by its tag of ISO 639-1 (BCP 47).
type Language string

// The official languages of the United Nations (General Assembly resolutions 2 (I) and 3190 (XXVIII)).
const (
	Arabic  Language = "ar"
	English Language = "en"
	Spanish Language = "es"
	French  Language = "fr"
	Russian Language = "ru"
	Chinese Language = "zh"
)

// All has every language, in the order of their tags.
var All = []Language{Arabic, English, Spanish, French, Russian, Chinese}

// Parse returns the language of a tag; an empty one is English.
func Parse(tag string) (Language, error) {
	if tag == "" {
		return English, nil
	}
	if l := Language(tag); slices.Contains(All, l) {
		return l, nil
	}
	return "", fmt.Errorf("%q is not one of ar, en, es, fr, ru, zh", tag)
}

// RightToLeft reports whether the language is written from right to left.
func (l Language) RightToLeft() bool { return l == Arabic }

// Accepted returns the language that an Accept-Language header (RFC 9110, section 12.5.4) asks for first among the six; none
// is English. Weights are not weighed: clients list what they prefer first.
func Accepted(header string) Language {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l := Language(primary); slices.Contains(All, l) {
			return l
		}
	}
	return English
}
