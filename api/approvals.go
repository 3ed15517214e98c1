package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// DraftEntry is an entry that will be posted when an approval is given.
type DraftEntry struct {
	Kind          string `json:"kind"`
	EffectiveDate Date   `json:"effective_date"`
	Description   string `json:"description"`
	Reason        string `json:"reason,omitempty"`
	Document      string `json:"document_reference,omitempty"`
	Reverses      ID     `json:"reverses,omitempty" format:"uuid"`
	Lines         []Line `json:"lines"`
}

func draftOf(d ledger.Draft) DraftEntry {
	out := DraftEntry{Kind: string(d.Kind), EffectiveDate: dateOf(d.EffectiveDate), Description: d.Description, Reason: d.Reason, Document: d.Document,
		Reverses: idOf(d.Reverses), Lines: make([]Line, len(d.Lines))}
	for i, l := range d.Lines {
		out.Lines[i] = lineOf(l)
	}
	return out
}

// Approval is a write that waits, or waited, for a second pair of eyes.
type Approval struct {
	ID             ID           `json:"id" format:"uuid"`
	Kind           string       `json:"kind" enum:"receipt_reversal,delivery_reversal,entry_reversal,write_off,refund,period_reopening,manual_entry,in_kind_revaluation"`
	Subject        string       `json:"subject" example:"receipt 0198c1de-7d2c-7d0e-8000-000000000000" doc:"What it is about; one of a kind waits for it."`
	State          string       `json:"state" enum:"pending,approved,rejected,withdrawn"`
	USDAmount      Money        `json:"usd_amount" doc:"What the entries move."`
	Reason         string       `json:"reason"`
	RequestedBy    string       `json:"requested_by"`
	RequestedAt    string       `json:"requested_at" format:"date-time"`
	Drafts         []DraftEntry `json:"drafts" doc:"The entries that will be posted, exactly."`
	DecidedBy      string       `json:"decided_by,omitempty"`
	DecidedAt      string       `json:"decided_at,omitempty" format:"date-time"`
	DecisionReason string       `json:"decision_reason,omitempty"`
	Entries        []ID         `json:"entries" doc:"The entries that were posted."`
}

func approvalOf(a ledger.Approval) Approval {
	out := Approval{ID: idOf(a.ID), Kind: string(a.Kind), Subject: a.Subject, State: string(a.Decision), USDAmount: moneyOf(ledger.Dollars(a.AmountUSD)),
		Reason: a.Reason, RequestedBy: a.RequestedBy, RequestedAt: instantOf(a.RequestedAt), Drafts: make([]DraftEntry, len(a.Drafts)),
		DecidedBy: a.DecidedBy, DecisionReason: a.DecisionReason, Entries: idsOf(a.Entries)}
	if !a.DecidedAt.IsZero() {
		out.DecidedAt = instantOf(a.DecidedAt)
	}
	for i, d := range a.Drafts {
		out.Drafts[i] = draftOf(d)
	}
	return out
}

// ApprovalInput names an approval in the path.
type ApprovalInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the approval."`
}

// ApprovalsInput has the filters of the list of approvals.
type ApprovalsInput struct {
	Paging
	State string `query:"state" enum:"pending,approved,rejected,withdrawn" doc:"What was decided; pending while nobody has."`
	Kind  string `query:"kind" enum:"receipt_reversal,delivery_reversal,entry_reversal,write_off,refund,period_reopening,manual_entry,in_kind_revaluation" doc:"What kind of write waits."`
	Fund  string `query:"fund" maxLength:"64" doc:"That one of the entries is of."`
}

// DecisionBody decides on an approval.
type DecisionBody struct {
	Decision string `json:"decision" enum:"approved,rejected"`
	Reason   string `json:"reason,omitempty" maxLength:"500"`
}

// DecideApprovalInput is the request to decide on an approval.
type DecideApprovalInput struct {
	ApprovalInput
	Body DecisionBody
}

// WithdrawalBody withdraws what one asked for.
type WithdrawalBody struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// WithdrawApprovalInput is the request to withdraw.
type WithdrawApprovalInput struct {
	ApprovalInput
	Body WithdrawalBody
}

// ApprovalPolicy says whether a kind of write waits, and from which amount.
type ApprovalPolicy struct {
	Kind       string `json:"kind" enum:"receipt_reversal,delivery_reversal,entry_reversal,write_off,refund,period_reopening,manual_entry,in_kind_revaluation"`
	Fund       string `json:"fund,omitempty" doc:"Absent for every fund that has no policy of its own."`
	Required   bool   `json:"required" doc:"Whether anything of the kind waits."`
	Above      Money  `json:"above" doc:"In USD: what moves more waits. With zero everything does."`
	RecordedBy string `json:"recorded_by"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
}

func policyOf(p ledger.ApprovalPolicy) ApprovalPolicy {
	return ApprovalPolicy{Kind: string(p.Kind), Fund: string(p.Fund), Required: p.Required, Above: moneyOf(ledger.Dollars(p.AboveUSD)),
		RecordedBy: p.RecordedBy, RecordedAt: instantOf(p.RecordedAt)}
}

// ApprovalPolicies are the policies in force.
type ApprovalPolicies struct {
	Items []ApprovalPolicy `json:"items"`
}

// ApprovalPolicyBody sets a policy.
type ApprovalPolicyBody struct {
	Kind     string `json:"kind" enum:"receipt_reversal,delivery_reversal,entry_reversal,write_off,refund,period_reopening,manual_entry,in_kind_revaluation"`
	Fund     string `json:"fund,omitempty" maxLength:"64" doc:"Left out: for every fund that has no policy of its own."`
	Required bool   `json:"required" doc:"Whether anything of the kind waits."`
	Above    *Money `json:"above,omitempty" format:"money-or-zero" doc:"In USD: what moves more waits. Left out, everything does."`
}

// SetApprovalPolicyInput is the request to set a policy.
type SetApprovalPolicyInput struct{ Body ApprovalPolicyBody }

func approvalCommand(r Request) postgres.Command {
	return command(r, 200, func(a *ledger.Approval) (string, any) { return pathTo("approvals", a.ID), approvalOf(*a) })
}

func (s *Server) serveApprovals(store *postgres.Store) {
	list(s, operation{ID: "list-approvals", Path: "/v1/approvals", Tag: "approvals", Summary: "List what waits, or waited, for a second pair of eyes",
		Description: "In the order in which they were asked for, with what was decided and by whom."},
		func(ctx context.Context, in *ApprovalsInput, w Window[uuid.UUID]) ([]Approval, *uuid.UUID, error) {
			records, err := store.Approvals(ctx, postgres.ApprovalFilter{Decision: ledger.Decision(in.State), Kind: ledger.ApprovalKind(in.Kind),
				Fund: ledger.FundCode(in.Fund)}, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, approvalOf, func(a ledger.Approval) uuid.UUID { return a.ID })
			return items, next, err
		})
	read(s, operation{ID: "get-approval", Path: "/v1/approvals/{id}", Tag: "approvals", Summary: "Show an approval with the entries that it will post",
		Description: "Nothing of it is in the books while it waits. Once it is approved, entries names what it posted.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *ApprovalInput) (Approval, error) {
			a, err := store.Approval(ctx, in.ID.ledger())
			if err != nil {
				return Approval{}, err
			}
			return approvalOf(a), nil
		})
	write[DecideApprovalInput, Approval](s, operation{ID: "decide-approval", Path: "/v1/approvals/{id}/decision", Tag: "approvals", Status: 200, Summary: "Approve or reject what waits",
		Description: "An approver who did not ask for it decides. Approved, it is posted when it would still post the same entries; when the books have moved, it is refused and has to be asked for anew.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleApprovalDecided, ledger.RuleApprovalStale, ledger.RuleFourEyes, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *DecideApprovalInput) (Answer, error) {
			a, err := store.DecideApproval(ctx, approvalCommand(r), in.ID.ledger(),
				postgres.DecisionInput{Decision: ledger.Decision(in.Body.Decision), Reason: in.Body.Reason})
			return Answer(a), err
		})
	write[WithdrawApprovalInput, Approval](s, operation{ID: "withdraw-approval", Path: "/v1/approvals/{id}/withdrawal", Tag: "approvals", Description: "Only the one who asked for it can, and only while nobody has decided.",
		Status: 200, Summary: "Withdraw what one asked for", Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleApprovalDecided, ledger.RuleFourEyes}},
		func(ctx context.Context, r Request, in *WithdrawApprovalInput) (Answer, error) {
			a, err := store.DecideApproval(ctx, approvalCommand(r), in.ID.ledger(),
				postgres.DecisionInput{Decision: ledger.Withdrawn, Reason: in.Body.Reason})
			return Answer(a), err
		})
	read(s, operation{ID: "list-approval-policies", Path: "/v1/approval-policies", Tag: "approvals", Summary: "Show which writes wait",
		Description: "For each kind of write the policy in force: that of every fund, and that of a fund which has its own."},
		func(ctx context.Context, _ *struct{}) (ApprovalPolicies, error) {
			policies, err := store.ApprovalPolicies(ctx)
			out := ApprovalPolicies{Items: make([]ApprovalPolicy, len(policies))}
			for i, p := range policies {
				out.Items[i] = policyOf(p)
			}
			return out, err
		})
	write[SetApprovalPolicyInput, ApprovalPolicy](s, operation{ID: "set-approval-policy", Path: "/v1/approval-policies", Tag: "approvals",
		Description: "A write of the kind that moves more than the amount then waits for an approver. Earlier policies stay in the books, and what waits already goes on waiting.",
		Summary:     "Say which writes wait, from now on", Problems: []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleCurrencyMismatch}},
		func(ctx context.Context, r Request, in *SetApprovalPolicyInput) (Answer, error) {
			var v ledger.Violations
			policy := ledger.ApprovalPolicy{Kind: ledger.ApprovalKind(in.Body.Kind), Fund: ledger.FundCode(in.Body.Fund), Required: in.Body.Required,
				AboveUSD: dollarsOf(&v, "/above", in.Body.Above)}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.SetApprovalPolicy(ctx, command(r, 201, func(p *ledger.ApprovalPolicy) (string, any) { return "/v1/approval-policies", policyOf(*p) }), policy)
			return Answer(a), err
		})
}
