package api

import (
	"context"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Validity is when a code or a name is valid.
type Validity struct {
	ValidFrom Date `json:"valid_from,omitempty" doc:"First day; absent when it has always been valid."`
	ValidTo   Date `json:"valid_to,omitempty" doc:"Last day; absent while it is valid."`
}

func (v Validity) period(found *ledger.Violations) ledger.Period {
	var p ledger.Period
	if v.ValidFrom != "" {
		p.From = v.ValidFrom.Ledger()
	}
	if v.ValidTo != "" {
		p.To = v.ValidTo.Ledger()
	}
	if !p.From.IsZero() && !p.To.IsZero() && p.To.Before(p.From) {
		found.Add("/valid_to", ledger.RuleDateOrder, "The last day is before the first, %s.", p.From)
	}
	return p
}

func validityOf(p ledger.Period) Validity {
	var v Validity
	if !p.From.IsZero() {
		v.ValidFrom = dateOf(p.From)
	}
	if !p.To.IsZero() {
		v.ValidTo = dateOf(p.To)
	}
	return v
}

// ContributorCode is a code of a contributor in a published scheme.
type ContributorCode struct {
	Scheme string `json:"scheme" enum:"iso3166_alpha2,iso3166_alpha3,m49,dac,iati,un_member,other" example:"m49"`
	Value  string `json:"value" maxLength:"64" example:"528"`
	Validity
}

func (c ContributorCode) code(v *ledger.Violations) ledger.PartyCode {
	return ledger.PartyCode{Scheme: ledger.CodeScheme(c.Scheme), Value: c.Value, Valid: c.period(v)}
}

// ContributorName is a name that a contributor had, or has beside its own.
type ContributorName struct {
	Name string `json:"name" maxLength:"300"`
	Kind string `json:"kind" enum:"name,alias,former_name,acronym,translation"`
	Validity
}

// ContributorParent says to whom a contributor belongs from a date.
type ContributorParent struct {
	Parent     string `json:"parent,omitempty" doc:"Absent: nobody's from that date."`
	FromDate   Date   `json:"from_date"`
	RecordedBy string `json:"recorded_by,omitempty"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
}

// ContributorMerge is a merge of two records of one contributor.
type ContributorMerge struct {
	Absorbed      string `json:"absorbed"`
	Survivor      string `json:"survivor" doc:"Answers for both from the instant of recording on."`
	EffectiveDate Date   `json:"effective_date"`
	Reason        string `json:"reason"`
	RecordedBy    string `json:"recorded_by"`
	RecordedAt    string `json:"recorded_at" format:"date-time"`
}

// ContributorLife is what happened to a contributor, shown with one contributor and left out of lists.
type ContributorLife struct {
	Codes       []ContributorCode   `json:"codes,omitempty"`
	Names       []ContributorName   `json:"names,omitempty" doc:"Its names through time, then its aliases, acronyms, translations and former names."`
	Parents     []ContributorParent `json:"parents,omitempty" doc:"Every parent that was recorded; the last one of a date holds."`
	Children    []string            `json:"children,omitempty" doc:"Codes of those that belong to it today."`
	AbsorbedAll []ContributorMerge  `json:"absorbed,omitempty" doc:"Records that were merged into it."`
	MergedInto  *ContributorMerge   `json:"merged_into,omitempty" doc:"The merge that ended this record."`
}

func lifeOf(c ledger.Contributor) ContributorLife {
	var out ContributorLife
	for _, x := range c.Codes {
		out.Codes = append(out.Codes, ContributorCode{Scheme: string(x.Scheme), Value: x.Value, Validity: validityOf(x.Valid)})
	}
	for _, list := range [][]ledger.PartyName{c.Names, c.OtherNames} {
		for _, x := range list {
			out.Names = append(out.Names, ContributorName{Name: x.Name, Kind: string(x.Kind), Validity: validityOf(x.Valid)})
		}
	}
	for _, x := range c.Parents {
		out.Parents = append(out.Parents, ContributorParent{Parent: string(x.Code), FromDate: dateOf(x.From), RecordedBy: x.Actor, RecordedAt: instantOf(x.RecordedAt)})
	}
	for _, x := range c.Children {
		out.Children = append(out.Children, string(x))
	}
	for _, x := range c.Absorbed {
		out.AbsorbedAll = append(out.AbsorbedAll, mergeOf(x))
	}
	if c.MergedInto != nil {
		out.MergedInto = new(mergeOf(*c.MergedInto))
	}
	return out
}

func mergeOf(m ledger.Merge) ContributorMerge {
	return ContributorMerge{Absorbed: string(m.Absorbed), Survivor: string(m.Survivor), EffectiveDate: dateOf(m.Date), Reason: m.Reason,
		RecordedBy: m.Actor, RecordedAt: instantOf(m.RecordedAt)}
}

// AddCodeInput is the request to add a code.
type AddCodeInput struct {
	ContributorInput
	Body ContributorCode
}

// AliasBody is another name of a contributor.
type AliasBody struct {
	Name string `json:"name" maxLength:"300" example:"IDB"`
	Kind string `json:"kind,omitempty" enum:"alias,former_name,acronym,translation" doc:"Left out: alias."`
	Validity
}

// AddAliasInput is the request to add another name.
type AddAliasInput struct {
	ContributorInput
	Body AliasBody
}

// NameBody is a new name from a date.
type NameBody struct {
	Name     string `json:"name" maxLength:"300"`
	FromDate Date   `json:"from_date" doc:"First day of the name; the former one stays for the days before."`
}

// RenameInput is the request to rename a contributor.
type RenameInput struct {
	ContributorInput
	Body NameBody
}

// ParentBody puts a contributor under another from a date.
type ParentBody struct {
	Parent   string `json:"parent,omitempty" maxLength:"64" doc:"Left out: nobody's from that date."`
	FromDate Date   `json:"from_date"`
}

// SetParentInput is the request to change a contributor's parent.
type SetParentInput struct {
	ContributorInput
	Body ParentBody
}

// MergeBody merges the contributor of the path into another.
type MergeBody struct {
	Survivor      string `json:"survivor" maxLength:"64" doc:"Code of the contributor that answers for both."`
	EffectiveDate Date   `json:"effective_date"`
	Reason        string `json:"reason" maxLength:"500"`
}

// MergeInput is the request to merge two records.
type MergeInput struct {
	ContributorInput
	Body MergeBody
}

// ResolveInput asks whom a name means.
type ResolveInput struct {
	Q  string `query:"q" required:"true" maxLength:"300" example:"Holland" doc:"A code, name, alias, acronym, translation or former name, in any case and width."`
	On Date   `query:"on" doc:"The date on which the name is valid. Left out: today."`
}

// serveContributorLife registers what happens to a contributor after it was recorded; each change is a dated row that stays.
func (s *Server) serveContributorLife(store *postgres.Store) {
	change := func(r Request) postgres.Command {
		return command(r, 201, func(c ledger.Contributor) (string, any) { return pathTo("contributors", c.Code), contributorOf(c) })
	}
	write[AddCodeInput, Contributor](s, operation{ID: "add-contributor-code", Path: "/v1/contributors/{code}/codes", Tag: "contributors", Description: "Its code in ISO 3166, M49, DAC, IATI or another scheme, for the days on which it is valid. A code that another contributor has on such a day is refused.",
		Summary: "Add a code of a published scheme", Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleCodeTaken, ledger.RuleDateOrder, ledger.RuleText}},
		func(ctx context.Context, r Request, in *AddCodeInput) (Answer, error) {
			var v ledger.Violations
			code := in.Body.code(&v)
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.AddContributorCode(ctx, change(r), ledger.ContributorCode(in.Code), code)
			return Answer(a), err
		})
	write[AddAliasInput, Contributor](s, operation{ID: "add-contributor-alias", Path: "/v1/contributors/{code}/aliases", Tag: "contributors", Description: "What the contributor is called in letters and on bank statements, so that imports and searches find it. A name that it has already is refused; one that another has makes the name ambiguous.",
		Summary: "Add an alias, acronym, translation or former name", Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleNameTaken, ledger.RuleDateOrder}},
		func(ctx context.Context, r Request, in *AddAliasInput) (Answer, error) {
			var v ledger.Violations
			name := ledger.PartyName{Name: in.Body.Name, Kind: ledger.NameKind(in.Body.Kind), Valid: in.Body.period(&v)}
			if name.Kind == "" {
				name.Kind = ledger.AliasName
			}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.AddContributorName(ctx, change(r), ledger.ContributorCode(in.Code), name)
			return Answer(a), err
		})
	write[RenameInput, Contributor](s, operation{ID: "rename-contributor", Path: "/v1/contributors/{code}/names", Tag: "contributors", Description: "The name before becomes a former name, which is valid to the day before. Statements of earlier days show the name of their days.",
		Summary: "Give a contributor a new name from a date", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *RenameInput) (Answer, error) {
			a, err := store.RenameContributor(ctx, change(r), ledger.ContributorCode(in.Code), in.Body.Name, in.Body.FromDate.Ledger())
			return Answer(a), err
		})
	write[SetParentInput, Contributor](s, operation{ID: "set-contributor-parent", Path: "/v1/contributors/{code}/parents", Tag: "contributors", Description: "As a ministry or an agency stands under its State. Without a parent the contributor stands alone from then on; a circle is refused.",
		Summary:  "Put a contributor under another from a date",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleContributorUnknown, ledger.RuleContributorCircle}},
		func(ctx context.Context, r Request, in *SetParentInput) (Answer, error) {
			a, err := store.SetContributorParent(ctx, change(r), ledger.ContributorCode(in.Code), ledger.ContributorCode(in.Body.Parent), in.Body.FromDate.Ledger())
			return Answer(a), err
		})
	write[MergeInput, Contributor](s, operation{ID: "merge-contributor", Path: "/v1/contributors/{code}/merge", Tag: "contributors", Summary: "Merge a record into another of the same contributor",
		Description: "Nothing posted moves and no past statement changes. From now on the survivor's statements hold both records, new postings go to the survivor, " +
			"and pledges of the merged record are still paid and delivered. A merge is for good.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleContributorUnknown, ledger.RuleContributorMerged, ledger.RuleContributorCircle, ledger.RuleDateInFuture}},
		func(ctx context.Context, r Request, in *MergeInput) (Answer, error) {
			a, err := store.MergeContributor(ctx, change(r), ledger.Merge{Absorbed: ledger.ContributorCode(in.Code), Survivor: ledger.ContributorCode(in.Body.Survivor),
				Date: in.Body.EffectiveDate.Ledger(), Reason: in.Body.Reason})
			return Answer(a), err
		})
	read(s, operation{ID: "resolve-contributor", Path: "/v1/contributors/resolve", Tag: "contributors", Summary: "Find the contributor that a name means",
		Description: "A former name means its bearer on the days on which it was valid. A name that several answer to is refused, with each candidate in errors.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleContributorAmbiguous}},
		func(ctx context.Context, in *ResolveInput) (Contributor, error) {
			on := ledger.DateOf(time.Now())
			if in.On != "" {
				on = in.On.Ledger()
			}
			c, err := store.FindContributorOn(ctx, in.Q, on)
			return contributorOf(c), err
		})
}
