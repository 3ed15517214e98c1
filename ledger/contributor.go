package ledger

import (
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
	RecordedAt time.Time
}

// NameKey returns a name without case and in one form of Unicode, so that one name is found however it is typed.
func NameKey(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }
