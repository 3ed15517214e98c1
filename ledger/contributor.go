package ledger

import (
	"slices"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ContributorCode identifies a contributor, for good: the ISO 3166-1 alpha-3 code for a State.
type ContributorCode string

// ContributorKind says what sort of body a contributor is.
type ContributorKind string

// The kinds of contributor.
const (
	State          ContributorKind = "state"
	Observer       ContributorKind = "observer"
	LocalAuthority ContributorKind = "local_authority"
	MFI            ContributorKind = "mfi" // multilateral financial institution
	RDB            ContributorKind = "rdb" // regional development bank
	IGO            ContributorKind = "igo"
	UN             ContributorKind = "un"
	Private        ContributorKind = "private"
	OtherKind      ContributorKind = "other"
)

// ContributorKinds lists the kinds in the order in which reports group them.
var ContributorKinds = []ContributorKind{State, Observer, LocalAuthority, MFI, RDB, IGO, UN, Private, OtherKind}

// Contributor is a State, institution or person that gives.
type Contributor struct {
	Code       ContributorCode
	Name       string
	Kind       ContributorKind
	Country    string          // ISO 3166-1 alpha-3; empty for a body of no country
	Parent     ContributorCode // the contributor it belongs to, as a ministry to its State
	Aliases    []string
	Codes      []PartyCode // in published schemes
	Names      []PartyName // of its life, the first without From
	OtherNames []PartyName // aliases, acronyms, translations and former names that were recorded as such
	Parents    []Parent    // every one that was recorded, by date
	Children   []ContributorCode
	Absorbed   []Merge // records merged into this one
	MergedInto *Merge  // nil while the record stands
	Contact    string  // the office that statements go to
	Email      string  // of the contact
	RecordedAt time.Time
}

// CodeScheme says who gives out a code.
type CodeScheme string

// The schemes of codes.
const (
	ISOAlpha2   CodeScheme = "iso3166_alpha2"
	ISOAlpha3   CodeScheme = "iso3166_alpha3"
	M49         CodeScheme = "m49"
	DAC         CodeScheme = "dac"
	IATI        CodeScheme = "iati"
	UNMember    CodeScheme = "un_member"
	OtherScheme CodeScheme = "other"
)

// PartyCode is a code of a contributor in a scheme, for as long as it is valid.
type PartyCode struct {
	Scheme CodeScheme
	Value  string
	Valid  Period // an open end is a zero date
}

// NameKind says what sort of name a [PartyName] is.
type NameKind string

// The kinds of name.
const (
	ProperName  NameKind = "name"
	AliasName   NameKind = "alias"
	FormerName  NameKind = "former_name"
	Acronym     NameKind = "acronym"
	Translation NameKind = "translation"
)

// PartyName is a name of a contributor, for as long as it is valid.
type PartyName struct {
	Name  string
	Kind  NameKind
	Valid Period // an open end is a zero date
}

// Parent says to whom a contributor belongs from a date; an empty code is nobody.
type Parent struct {
	Code       ContributorCode
	From       Date
	Actor      string // who recorded it; empty for what came with the contributor
	RecordedAt time.Time
}

// Merge joins two records of one contributor. Nothing posted moves: the survivor answers for both from RecordedAt on, and
// a merge is for good, since what is posted afterwards cannot be told apart again.
type Merge struct {
	Absorbed   ContributorCode
	Survivor   ContributorCode
	Date       Date
	Reason     string
	Actor      string
	RecordedAt time.Time
}

// Merges has the survivor of each absorbed code, one step at a time.
type Merges map[ContributorCode]ContributorCode

// Survivor returns the code that answers for one: itself unless it was merged.
func (m Merges) Survivor(code ContributorCode) ContributorCode {
	for range len(m) { // PostgreSQL refuses a circle; a broken book must not hang a report
		next, merged := m[code]
		if !merged {
			break
		}
		code = next
	}
	return code
}

// Family returns a code with all that were merged into it, in order. It is what a query over one contributor asks for.
func (m Merges) Family(code ContributorCode) []ContributorCode {
	list := []ContributorCode{code}
	for absorbed := range m {
		for c, steps := absorbed, 0; steps < len(m); steps++ {
			next, merged := m[c]
			if !merged {
				break
			}
			if c = next; c == code {
				list = append(list, absorbed)
				break
			}
		}
	}
	slices.Sort(list)
	return list
}

// NameKey returns a name without case and in one form of Unicode, so that one name is found however it is typed.
func NameKey(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }
