package export

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

//go:embed sql/parties.sql
var parties string

// Publisher is the organisation whose funds are published: what the open formats call the reporting organisation.
type Publisher struct {
	Ref    string // identifier of the organisation in IATI's form, as XM-DAC-41128
	Name   string
	Entity string // its short name in the United Nations system's financial data, as UNODC
	Sector string // DAC 5-digit purpose code of what its funds are for
}

// DefaultPublisher is the keeper of the United Nations Crime Prevention and Criminal Justice Fund: UNODC is channel 41128 of
// the DAC, and 15130 is legal and judicial development, which crime prevention is a part of.
var DefaultPublisher = Publisher{Ref: "XM-DAC-41128", Name: "United Nations Office on Drugs and Crime", Entity: "UNODC", Sector: "15130"}

var (
	// orgRef is the form of an organisation identifier: an agency of the list OrganisationRegistrationAgency and its number, and
	// none of the characters that the IATI standard forbids.
	orgRef = regexp.MustCompile(`^[A-Z]{2,3}-[A-Z0-9]+-[^/&|?\s]+$`)
	dacRef = regexp.MustCompile(`^[0-9]+(-[0-9]+)?$`)
	sector = regexp.MustCompile(`^[0-9]{5}$`)
)

// Check returns an error that names the first setting that cannot be published.
func (p Publisher) Check() error {
	switch {
	case !orgRef.MatchString(p.Ref):
		return fmt.Errorf("reporting organisation %q: want a registration agency and a number, as XM-DAC-41128", p.Ref)
	case p.Name == "":
		return fmt.Errorf("reporting organisation %s: it has no name", p.Ref)
	case p.Entity == "":
		return fmt.Errorf("reporting organisation %s: it has no short name", p.Ref)
	case !sector.MatchString(p.Sector):
		return fmt.Errorf("sector %q: want the five digits of a DAC purpose code, as 15130", p.Sector)
	}
	return nil
}

// party is a contributor as the open formats show it.
type party struct {
	Contributor ledger.ContributorCode // of the lines
	Code        ledger.ContributorCode // that answers for it
	Name        string
	Kind        ledger.ContributorKind
	Country     string
	ParentKind  ledger.ContributorKind `db:"parent_kind"`
	IATI        string
	DAC         string
}

func readParties(ctx context.Context, snap *postgres.Snapshot, fund string, until ledger.Date) ([]party, error) {
	var list []party
	if err := snap.Select(ctx, &list, parties, fund, until, snap.KnownAt.UTC()); err != nil {
		return nil, fmt.Errorf("read the contributors: %w", err)
	}
	return list, nil
}

// ref returns the contributor's organisation identifier: its own in IATI, or that of its DAC code; empty when it has none.
func (p party) ref() string {
	switch {
	case orgRef.MatchString(p.IATI):
		return p.IATI
	case dacRef.MatchString(p.DAC):
		return "XM-DAC-" + p.DAC
	}
	return ""
}

// public reports whether the contributor is of a State that it stands under.
func (p party) public() bool { return p.ParentKind == ledger.State }

// organisationType returns the contributor's code of the IATI list OrganisationType.
func (p party) organisationType() string {
	switch p.Kind {
	case ledger.State:
		return "10" // government
	case ledger.LocalAuthority:
		return "11" // local government
	case ledger.MFI, ledger.RDB, ledger.IGO, ledger.UN:
		return "40" // multilateral
	case ledger.Private:
		return "70" // private sector
	case ledger.Observer:
		if p.Country != "" {
			return "10"
		}
		return "40"
	}
	if p.public() {
		return "15" // other public sector
	}
	return "90" // other
}

// private reports whether what the contributor gives is no official flow.
func (p party) private() bool { return p.Kind == ledger.Private }

// contributorType returns the contributor's code of the United Nations list of contributor types.
func (p party) contributorType() string {
	switch p.Kind {
	case ledger.State, ledger.LocalAuthority:
		return "C01" // Government
	case ledger.MFI, ledger.RDB:
		return "C04A" // international financial institutions
	case ledger.UN:
		return "C04C" // United Nations organizations
	case ledger.Private:
		return "C06"
	}
	switch {
	case p.DAC == "918":
		return "C08A" // European Union: 918 is its institutions
	case p.Kind == ledger.IGO:
		return "C04E" // other multilateral
	case p.Kind == ledger.Observer && p.Country != "", p.Kind == ledger.OtherKind && p.public():
		return "C01"
	}
	return "C08B"
}
