package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/registerfile"
)

// Contributor is who gives.
type Contributor struct {
	Code    string   `json:"code" example:"NLD" doc:"Unique and for good: the ISO 3166-1 alpha-3 code for a State."`
	Name    string   `json:"name" example:"Netherlands (Kingdom of the)"`
	Kind    string   `json:"kind" enum:"state,observer,local_authority,mfi,rdb,igo,un,private,other" doc:"mfi: multilateral financial institution; rdb: regional development bank."`
	Country string   `json:"country,omitempty" example:"NLD" doc:"ISO 3166-1 alpha-3."`
	Parent  string   `json:"parent,omitempty" doc:"Code of the contributor it belongs to, as a ministry to its State."`
	Aliases []string `json:"aliases" doc:"Other names under which it was recorded."`
	Contact string   `json:"contact,omitempty" doc:"The office that statements go to."`
	Email   string   `json:"email,omitempty" doc:"Of the contact."`
	ContributorLife
	RecordedAt string `json:"recorded_at" format:"date-time" example:"2026-03-01T09:30:00.123456Z"`
}

func contributorOf(c ledger.Contributor) Contributor {
	out := Contributor{Code: string(c.Code), Name: c.Name, Kind: string(c.Kind), Country: c.Country, Parent: string(c.Parent), Aliases: c.Aliases, Contact: c.Contact, Email: c.Email,
		ContributorLife: lifeOf(c), RecordedAt: instantOf(c.RecordedAt)}
	if out.Aliases == nil {
		out.Aliases = []string{}
	}
	return out
}

// Alias is another name of a contributor.
type Alias string

// Schema bounds the name, since a list's tag cannot bound what is in it.
func (Alias) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, MaxLength: new(300), Examples: []any{"Holland"}}
}

// ContributorBody is a contributor as it is recorded.
type ContributorBody struct {
	Code    string            `json:"code,omitempty" maxLength:"64" pattern:"^[A-Z0-9][A-Z0-9._-]*$" patternDescription:"capitals, digits, points, hyphens and underscores, beginning with a letter or digit" example:"NLD" doc:"Left out: the country for a State, otherwise made from the name."`
	Name    string            `json:"name" maxLength:"300" example:"Netherlands (Kingdom of the)"`
	Kind    string            `json:"kind" enum:"state,observer,local_authority,mfi,rdb,igo,un,private,other"`
	Country string            `json:"country,omitempty" maxLength:"3" pattern:"^[A-Z]{3}$" patternDescription:"an ISO 3166-1 alpha-3 code" example:"NLD"`
	Parent  string            `json:"parent,omitempty" maxLength:"64"`
	Aliases []Alias           `json:"aliases,omitempty" maxItems:"100"`
	Codes   []ContributorCode `json:"codes,omitempty" maxItems:"20" doc:"In published schemes."`
}

func (b ContributorBody) contributor() (ledger.Contributor, error) {
	code := b.Code
	switch {
	case code == "" && b.Kind == string(ledger.State) && b.Country != "":
		code = b.Country
	case code == "":
		code = registerfile.CodeFrom(b.Name)
	}
	aliases := make([]string, len(b.Aliases))
	for i, a := range b.Aliases {
		aliases[i] = string(a)
	}
	var v ledger.Violations
	codes := make([]ledger.PartyCode, len(b.Codes))
	for i, c := range b.Codes {
		codes[i] = c.code(&v)
	}
	return ledger.Contributor{Code: ledger.ContributorCode(code), Name: b.Name, Kind: ledger.ContributorKind(b.Kind), Country: b.Country,
		Parent: ledger.ContributorCode(b.Parent), Aliases: aliases, Codes: codes}, v.Err()
}

// RecordContributorInput is the request to record a contributor.
type RecordContributorInput struct{ Body ContributorBody }

// ContributorInput names a contributor in the path.
type ContributorInput struct {
	Code string `path:"code" maxLength:"64" example:"NLD" doc:"Code of the contributor."`
}

// ContributorEdit is what can be changed of a contributor.
type ContributorEdit struct {
	Contact *string `json:"contact,omitempty" minLength:"0" maxLength:"300" example:"Ministry of Finance, Division II/7" doc:"Left out: as it is."`
	Email   *string `json:"email,omitempty" minLength:"0" maxLength:"200" example:"statements@example.org" doc:"Left out: as it is."`
}

// EditContributorInput is the request to change a contributor's details.
type EditContributorInput struct {
	ContributorInput
	Body ContributorEdit
}

// ContributorsInput has the filters of the list of contributors.
type ContributorsInput struct {
	Paging
	Kind   string `query:"kind" enum:"state,observer,local_authority,mfi,rdb,igo,un,private,other" doc:"What kind of contributor."`
	Parent string `query:"parent" maxLength:"64" doc:"Only the family of the contributor with this code: all that belong to it today, however deep."`
	Name   string `query:"name" maxLength:"200" example:"nether" doc:"A part of a code, or of a name that the contributor has or had; in any case."`
}

func (s *Server) serveContributors(store *postgres.Store) {
	write[RecordContributorInput, Contributor](s, operation{ID: "record-contributor", Path: "/v1/contributors", Tag: "contributors", Description: "A State gets its ISO 3166 code when none is given. A code that is taken is refused.",
		Summary: "Record a contributor", Problems: []ledger.Rule{ledger.RuleCodeTaken, ledger.RuleNameTaken, ledger.RuleContributorUnknown}},
		func(ctx context.Context, r Request, in *RecordContributorInput) (Answer, error) {
			input, err := in.Body.contributor()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordContributor(ctx, command(r, 201, func(c ledger.Contributor) (string, any) {
				return pathTo("contributors", c.Code), contributorOf(c)
			}), input)
			return Answer(a), err
		})
	read(s, operation{ID: "get-contributor", Path: "/v1/contributors/{code}", Tag: "contributors", Summary: "Show a contributor",
		Description: "With its codes, names, aliases, parents and children. To a donor, another's record is not there (404).",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *ContributorInput) (Contributor, error) {
			c, err := store.Contributor(ctx, ledger.ContributorCode(in.Code))
			return contributorOf(c), err
		})
	write[EditContributorInput, Contributor](s, operation{ID: "edit-contributor", Method: http.MethodPatch, Path: "/v1/contributors/{code}", Tag: "contributors", Status: 200, Edits: true,
		Summary:     "Change a contributor's contact",
		Description: "What documents show of a contributor (names, parents, codes) is not edited: it has dated rows of its own.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *EditContributorInput) (Answer, error) {
			a, err := store.EditContributor(ctx, command(r, 200, func(c ledger.Contributor) (string, any) { return pathTo("contributors", c.Code), contributorOf(c) }),
				ledger.ContributorCode(in.Code), postgres.ContributorEdit{Contact: in.Body.Contact, Email: in.Body.Email},
				func(c ledger.Contributor) error { return unchanged(r, contributorOf(c)) })
			return Answer(a), err
		})
	s.serveContributorLife(store)
	list(s, operation{ID: "list-contributors", Path: "/v1/contributors", Tag: "contributors", Summary: "List contributors by code",
		Description: "Whole records, by code; filtered by kind, by the contributor that they belong to, or by a part of a name, as somebody types it."},
		func(ctx context.Context, in *ContributorsInput, w Window[string]) ([]Contributor, *string, error) {
			f := postgres.ContributorFilter{Kind: ledger.ContributorKind(in.Kind), Parent: ledger.ContributorCode(in.Parent), Name: in.Name}
			records, err := store.Contributors(ctx, f, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, contributorOf, func(c ledger.Contributor) string { return string(c.Code) })
			return items, next, err
		})
}

// first returns where a page begins: after the zero key on the first one.
func first[Key any](w Window[Key]) Key {
	var zero Key
	if w.After == nil {
		return zero
	}
	return *w.After
}
