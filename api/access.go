package api

import (
	"fmt"

	"vcledger/ledger"
)

// rolesExtension is where the OpenAPI document has the roles of an operation.
const rolesExtension = "x-roles"

// access says who may do what: the roles of each operation that is not open to everybody, and nowhere else. The table is
// printed in the documentation, and a test walks every route as each role. What of it a donor is shown is PostgreSQL's to
// say (migration 0050): the rows of its own contributor and of those under it.
var access = func() map[string][]ledger.Role {
	const (
		officer, approver, auditor = ledger.RoleOfficer, ledger.RoleApprover, ledger.RoleAuditor
		admin, donor               = ledger.RoleAdmin, ledger.RoleDonor
	)
	table := map[string][]ledger.Role{}
	grant := func(to []ledger.Role, operations ...string) {
		for _, id := range operations {
			if _, twice := table[id]; twice {
				panic(fmt.Sprintf("api: operation %s stands twice in the table of access", id))
			}
			table[id] = to
		}
	}
	grant([]ledger.Role{officer, approver, auditor, admin, donor},
		"get-contributor", "preview-statement", "list-statements", "get-statement", "get-pledge", "list-pledges", "due-pledges", "pledge-use", "get-delivery", "list-deliveries",
		"list-questions", "get-question", "log-checkpoint", "prove-inclusion", "prove-consistency", "list-log-keys")
	grant([]ledger.Role{officer, approver, auditor, admin},
		"list-contributors", "resolve-contributor", "get-fund", "list-funds", "fund-report", "fund-overview", "available", "list-bank-accounts", "get-bank-account", "list-rates",
		"list-bank-statements", "get-bank-statement", "list-bank-lines", "get-bank-line", "list-bank-rules", "reconcile-bank",
		"get-receipt", "list-receipts", "held-receipts", "get-refund", "list-refunds", "get-expenditure", "list-expenditures",
		"get-entry", "list-entries", "list-accounts", "trial-balance", "list-periods", "closing-checklist", "list-events",
		"list-approvals", "get-approval", "list-approval-policies")
	grant([]ledger.Role{officer, auditor, admin}, "export-hledger", "export-beancount", "export-iati", "export-datacube")
	grant([]ledger.Role{officer},
		"record-pledge", "agree-pledge", "adjust-pledge", "cancel-pledge", "write-off-pledge", "meet-condition", "decide-newness",
		"record-receipt", "record-receipts", "allocate-receipt", "reverse-receipt", "note-receipt", "record-refund", "pay-refund",
		"record-delivery", "certify-delivery", "reverse-delivery", "revalue-item", "revalue-delivery", "record-expenditure", "reverse-expenditure", "record-interest",
		"issue-statement", "supersede-statement", "record-entry", "reverse-entry", "revalue", "close-period", "reopen-period", "record-reconciliation", "withdraw-approval", "answer-question",
		"import-bank-statements", "match-bank-statement", "decide-bank-line", "decide-bank-lines", "undo-bank-line", "record-bank-rule", "end-bank-rule", "explain-bank-item", "sign-off-bank")
	grant([]ledger.Role{donor}, "ask-question")
	grant([]ledger.Role{approver}, "decide-approval")
	grant([]ledger.Role{officer, admin},
		"record-contributor", "edit-contributor", "rename-contributor", "add-contributor-alias", "add-contributor-code", "set-contributor-parent", "merge-contributor",
		"record-fund", "edit-fund", "record-bank-account", "edit-bank-account", "record-rate", "record-support", "record-pledge-support")
	grant([]ledger.Role{admin}, "set-approval-policy", "create-key", "revoke-key")
	grant([]ledger.Role{auditor, admin}, "list-keys", "list-audit")
	return table
}()
