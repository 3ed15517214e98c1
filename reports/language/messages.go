package language

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// table is a file of words: a row for each key, with a column for each language.
type table map[string]map[Language]string

//go:embed messages.csv
var messagesFile string

// messages has the words of the documents by their English form, and those of codes by [Term]. It is read when it is first
// asked for.
var messages = sync.OnceValue(func() table { return parseTable(messagesFile, "message") })

//go:embed states.csv
var statesFile string

// states has the official short names of States and areas by their code of ISO 3166-1 alpha-3. Source: United Nations
// Statistics Division, M49 standard, as collected by datasets/country-codes (public domain, PDDL).
var states = sync.OnceValue(func() table { return parseTable(statesFile, "code") })

// parseTable reads an embedded file; one that cannot be read is a fault of the build.
func parseTable(file, key string) table {
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		panic("language: " + err.Error())
	}
	t := make(table, len(rows))
	for _, row := range rows[1:] {
		entry, id := make(map[Language]string, len(row)), ""
		for i, column := range rows[0] {
			if column == key {
				id = row[i]
			}
			entry[Language(column)] = row[i]
		}
		t[id] = entry
	}
	return t
}

// T returns the words of an English message in the language. A message that is not in the catalogue is returned as it is;
// a test holds that there is none.
func (l Language) T(message string) string {
	if told := messages()[message][l]; told != "" {
		return told
	}
	return message
}

// F is T of a message with places for arguments, in the form of package fmt. Each argument keeps its own direction.
func (l Language) F(message string, args ...any) string {
	told := make([]any, len(args))
	for i, a := range args {
		told[i] = a
		if s, ok := a.(string); ok {
			told[i] = l.isolated(s)
		}
	}
	return fmt.Sprintf(l.T(message), told...)
}

// Known reports whether the catalogue has a message.
func Known(message string) bool { return messages()[message] != nil }

// Term returns the words for a code such as partly_fulfilled, or its own words when it is not one of ours, as a unit of
// measure may not be. A code of a type of ours is looked up with its type before it: the United Nations are a contributor of
// the kind ContributorKind.un, and RateSource.un is their rate of exchange.
func Term[C ~string](l Language, code C) string {
	if told := messages()[reflect.TypeFor[C]().Name()+"."+string(code)][l]; told != "" {
		return told
	}
	return l.T(strings.ReplaceAll(string(code), "_", " "))
}

// Note returns a sentence on a policy, which may begin with the codes of the funds that follow it and a colon.
func (l Language) Note(sentence string) string {
	if Known(sentence) {
		return l.T(sentence)
	}
	if codes, policy, ok := strings.Cut(sentence, ": "); ok && Known("%s: "+policy) {
		return l.F("%s: "+policy, codes)
	}
	return sentence
}

// State returns the official short name of a State or an area in the language. English, or a code that is not in the
// standard, returns the name that is given: English documents tell the name that the books have.
func (l Language) State(code, name string) string {
	if told := states()[code][l]; told != "" && l != English {
		return told
	}
	return name
}

// IsState reports whether a name is the official short name in English of the State with the code.
func IsState(code, name string) bool { return strings.EqualFold(states()[code][English], name) }
