package postgres

import (
	"slices"
	"strings"
)

// sealedTables are the columns of the tables that the log seals, as the leaves of format 1 have them: a column that a later
// release adds is added here, and is empty in the rows that are older. A mark says how a value becomes text: # is a number
// without zeros at its end, ~ is bytes in hexadecimal. What is left out, the package's documentation says.
var sealedTables = map[string]string{
	"journal_entry":       "id kind effective_date recorded_at actor_id idempotency_key description reason reverses pledge_id receipt_id delivery_id document approval_id expenditure_id original_date",
	"journal_line":        "entry_id number effective_date recorded_at account fund contributor bank_account pledge_id item_number receipt_id currency amount# amount_usd# rate# rate_date rate_source",
	"pledge":              "id reference form contributor fund fund_year recognition note actor_id recorded_at",
	"pledge_item":         "pledge_id number category description quantity# unit currency amount# amount_usd# rate# rate_date rate_source valuation_basis recorded_at unit_amount# declared_currency declared_amount# valuer valued_on evidence evidence_sha256",
	"receipt":             "id bank_account bank_reference value_date contributor fund fund_year currency amount# amount_usd# charges# credited# rate# rate_date rate_source payer instrument note replaces actor_id recorded_at",
	"delivery":            "id contributor fund fund_year pledge_id item_number delivered_on period_from category description quantity# pledged_quantity# unit currency amount# amount_usd# rate# rate_date rate_source valuation_basis evidence note actor_id recorded_at period_to expert certified_by unit_amount# declared_currency declared_amount# valuer valued_on evidence_sha256",
	"expenditure":         "id fund effective_date currency amount# amount_usd# rate# rate_date rate_source description project reference bank_account overdraft_reason replaces actor_id recorded_at",
	"expenditure_share":   "expenditure_id number fund contributor pledge_id weight# currency amount# amount_usd# recorded_at",
	"pledge_event":        "id pledge_id kind effective_date currency amount# amount_usd# rate# rate_date rate_source document instrument reason entry_id actor_id recorded_at",
	"pledge_event_item":   "event_id pledge_id item_number quantity#",
	"instalment":          "pledge_id number event_id due_on currency amount# recorded_at",
	"condition":           "event_id number pledge_id description currency amount# recorded_at",
	"acceptance":          "event_id accepted_by currency amount# description looked_on recorded_at",
	"allocation":          "id receipt_id contributor fund fund_year pledge_id effective_date currency amount# amount_usd# entry_id actor_id recorded_at instalment",
	"refund":              "id receipt_id source contributor fund pledge_id effective_date currency amount# amount_usd# reason document entry_id actor_id recorded_at",
	"refund_payment":      "id refund_id bank_account bank_reference value_date entry_id actor_id recorded_at",
	"interest":            "id bank_account bank_reference value_date period_from period_to currency amount# amount_usd# entry_id actor_id recorded_at",
	"fulfilment":          "id event_id number effective_date met_by evidence sha256 entry_id actor_id recorded_at",
	"valuation":           "id pledge_id item_number delivery_id effective_date quantity# currency amount# amount_usd# rate# rate_date rate_source unit_amount# declared_currency declared_amount# valuation_basis valuer valued_on evidence evidence_sha256 reason entry_id actor_id recorded_at",
	"period_event":        "id fund starts_on ends_on action reason checklist entry_id actor_id recorded_at",
	"opening_balance":     "event_id account contributor bank_account pledge_id item_number receipt_id currency amount# amount_usd# recorded_at",
	"currency":            "code minor_units name",
	"account":             "code name kind",
	"unit":                "code recorded_at",
	"actor":               "id name role contributor recorded_at identity",
	"contributor":         "code name name_key kind country recorded_at",
	"contributor_alias":   "contributor name name_key recorded_at kind valid_from valid_to actor_id",
	"contributor_name":    "id contributor name name_key from_date actor_id recorded_at",
	"contributor_code":    "id contributor scheme value valid_from valid_to actor_id recorded_at",
	"contributor_parent":  "id contributor parent from_date actor_id recorded_at",
	"contributor_merge":   "absorbed survivor effective_date reason actor_id recorded_at",
	"bank_account":        "code name currency recorded_at",
	"fund":                "code name kind parent recognition services bank_account illustrative recorded_at",
	"fund_support":        "fund starts_on rate# support_fund levy_rate# levy_fund document actor_id recorded_at",
	"rate":                "source currency effective_date units_per_usd# recorded_at",
	"pledge_support":      "pledge_id starts_on rate# levy_rate# document actor_id recorded_at",
	"pledge_newness":      "id pledge_id kind is_new is_additional proposed_new proposed_additional lookback_years currency amount# baseline_from baseline_to declaration document note actor_id recorded_at",
	"approval_policy":     "id kind fund required above_usd# actor_id recorded_at",
	"approval":            "id kind subject funds request drafts amount_usd# reason actor_id recorded_at",
	"approval_decision":   "approval_id decision reason actor_id recorded_at",
	"bank_reconciliation": "id bank_account currency on_date amount# document note actor_id recorded_at",
	"bank_statement":      "id bank_account currency sha256~ part file format identification sequence period_from period_to opening_date opening# closing_date closing# total# lines repeated problems actor_id recorded_at",
	"bank_line":           "id statement_id number booking bank_account booking_date value_date currency amount# reversal identity~ ordinal reference end_to_end code payer ultimate payer_account payer_bank remittance charges# instructed# instructed_currency original file_line recorded_at",
	"bank_decision":       "id line_id kind receipt_id entry_id automatic score reasons note undoes actor_id recorded_at",
	"payer":               "decision_id contributor name_key account recorded_at",
	"bank_rule":           "id bank_account payer remittance kind contributor pledge_id fund note actor_id recorded_at",
	"bank_rule_end":       "rule_id actor_id recorded_at",
	"bank_explanation":    "id bank_account item note actor_id recorded_at",
	"bank_sign_off":       "id bank_account currency on_date bank# books# items note actor_id recorded_at",
	"receipt_note":        "id receipt_id note actor_id recorded_at",
	"certification":       "delivery_id certified_by note actor_id recorded_at",
	"question":            "id contributor pledge_id receipt_id delivery_id statement text actor_id recorded_at",
	"answer":              "id question_id contributor text actor_id recorded_at",
	"log_key":             "key size recorded_at",
	"statement":           "number contributor period_from period_to fund bodies as_of known_at previous supersedes reason sha256~ actor_id issued_at",
}

// leafPart is a table whose rows stand in a leaf, and how they are found: from joins the rows x to the leaves l.
type leafPart struct {
	table, from, order string
	keyed              bool     // found by a text made of the row, for which there is no index
	names              []string // of the fields, in the order of their bytes
	byRange, bySet     string   // the queries
}

const ofEntry = ` JOIN journal_entry e ON e.id = l.id JOIN `

// leafParts are the parts of the leaves of each kind, in the order in which their records stand.
var leafParts = map[string][]leafPart{
	"journal_entry": {
		{table: "journal_entry", from: ` JOIN journal_entry x ON x.id = l.id`, order: "x.id"},
		{table: "journal_line", from: ` JOIN journal_line x ON x.entry_id = l.id`, order: "x.number"},
		{table: "pledge", from: ofEntry + `pledge x ON x.id = e.pledge_id AND x.recorded_at = e.recorded_at`, order: "x.id"},
		{table: "pledge_item", from: ofEntry + `pledge_item x ON x.pledge_id = e.pledge_id AND x.recorded_at = e.recorded_at`, order: "x.number"},
		{table: "receipt", from: ofEntry + `receipt x ON x.id = e.receipt_id AND x.recorded_at = e.recorded_at`, order: "x.id"},
		{table: "delivery", from: ofEntry + `delivery x ON x.id = e.delivery_id AND x.recorded_at = e.recorded_at`, order: "x.id"},
		{table: "expenditure", from: ofEntry + `expenditure x ON x.id = e.expenditure_id AND x.recorded_at = e.recorded_at`, order: "x.id"},
		{table: "expenditure_share", from: ofEntry + `expenditure_share x ON x.expenditure_id = e.expenditure_id AND x.recorded_at = e.recorded_at`, order: "x.number"},
		{table: "pledge_event", from: ` JOIN pledge_event x ON x.entry_id = l.id`, order: "x.id"},
		{table: "pledge_event_item", from: ` JOIN pledge_event v ON v.entry_id = l.id JOIN pledge_event_item x ON x.event_id = v.id`, order: "x.event_id, x.item_number"},
		{table: "instalment", from: ` JOIN pledge_event v ON v.entry_id = l.id JOIN instalment x ON x.event_id = v.id`, order: "x.event_id, x.number"},
		{table: "condition", from: ` JOIN pledge_event v ON v.entry_id = l.id JOIN condition x ON x.event_id = v.id`, order: "x.event_id, x.number"},
		{table: "acceptance", from: ` JOIN pledge_event v ON v.entry_id = l.id JOIN acceptance x ON x.event_id = v.id`, order: "x.event_id"},
		{table: "allocation", from: ` JOIN allocation x ON x.entry_id = l.id`, order: "x.id"},
		{table: "refund", from: ` JOIN refund x ON x.entry_id = l.id`, order: "x.id"},
		{table: "refund_payment", from: ` JOIN refund_payment x ON x.entry_id = l.id`, order: "x.id"},
		{table: "interest", from: ` JOIN interest x ON x.entry_id = l.id`, order: "x.id"},
		{table: "fulfilment", from: ` JOIN fulfilment x ON x.entry_id = l.id`, order: "x.id"},
		{table: "valuation", from: ` JOIN valuation x ON x.entry_id = l.id`, order: "x.id"},
		{table: "period_event", from: ` JOIN period_event x ON x.entry_id = l.id`, order: "x.id"},
		{table: "opening_balance", from: ` JOIN period_event v ON v.entry_id = l.id JOIN opening_balance x ON x.event_id = v.id`, order: `(x.*)::text COLLATE "C"`},
	},
	// A leg that changes no balance, such as an agreement for a pledge that is recognised on receipt.
	"pledge_event": {
		{table: "pledge_event", from: ` JOIN pledge_event x ON x.id = l.id`, order: "x.id"},
		{table: "pledge", from: ` JOIN pledge_event v ON v.id = l.id JOIN pledge x ON x.id = v.pledge_id AND x.recorded_at = v.recorded_at`, order: "x.id"},
		{table: "pledge_item", from: ` JOIN pledge_event v ON v.id = l.id JOIN pledge_item x ON x.pledge_id = v.pledge_id AND x.recorded_at = v.recorded_at`, order: "x.number"},
		{table: "pledge_event_item", from: ` JOIN pledge_event_item x ON x.event_id = l.id`, order: "x.item_number"},
		{table: "instalment", from: ` JOIN instalment x ON x.event_id = l.id`, order: "x.number"},
		{table: "condition", from: ` JOIN condition x ON x.event_id = l.id`, order: "x.number"},
		{table: "acceptance", from: ` JOIN acceptance x ON x.event_id = l.id`, order: "x.event_id"},
	},
	"period_event": {
		{table: "period_event", from: ` JOIN period_event x ON x.id = l.id`, order: "x.id"},
		{table: "opening_balance", from: ` JOIN opening_balance x ON x.event_id = l.id`, order: `(x.*)::text COLLATE "C"`},
	},
	// A statement of the bank is one leaf with its lines, however many: they came in one file.
	"bank_statement": {
		{table: "bank_statement", from: ` JOIN bank_statement x ON x.id = l.id`, order: "x.id"},
		{table: "bank_line", from: ` JOIN bank_line x ON x.statement_id = l.id`, order: "x.number"},
	},
	"bank_decision": {
		{table: "bank_decision", from: ` JOIN bank_decision x ON x.id = l.id`, order: "x.id"},
		{table: "payer", from: ` JOIN payer x ON x.decision_id = l.id`, order: "x.decision_id"},
	},
	"bank_rule":           alone("bank_rule", "x.id = l.id"),
	"bank_rule_end":       alone("bank_rule_end", "x.rule_id::text = l.key"),
	"bank_explanation":    alone("bank_explanation", "x.id = l.id"),
	"bank_sign_off":       alone("bank_sign_off", "x.id = l.id"),
	"fulfilment":          alone("fulfilment", "x.id = l.id"),
	"valuation":           alone("valuation", "x.id = l.id"),
	"approval":            alone("approval", "x.id = l.id"),
	"bank_reconciliation": alone("bank_reconciliation", "x.id = l.id"),
	"receipt_note":        alone("receipt_note", "x.id = l.id"),
	"currency":            alone("currency", "x.code = l.key"),
	"account":             alone("account", "x.code = l.key"),
	"unit":                alone("unit", "x.code = l.key"),
	"actor":               alone("actor", "x.id::text = l.key"),
	"contributor":         alone("contributor", "x.code = l.key"),
	"contributor_alias":   alone("contributor_alias", "x.contributor || '/' || x.name = l.key"),
	"contributor_name":    alone("contributor_name", "x.id::text = l.key"),
	"contributor_code":    alone("contributor_code", "x.id::text = l.key"),
	"contributor_parent":  alone("contributor_parent", "x.id::text = l.key"),
	"contributor_merge":   alone("contributor_merge", "x.absorbed = l.key"),
	"bank_account":        alone("bank_account", "x.code = l.key"),
	"fund":                alone("fund", "x.code = l.key"),
	"fund_support":        alone("fund_support", "x.fund || '/' || (x.starts_on - date 'epoch')::text || '/' || extract(epoch FROM x.recorded_at)::text = l.key"),
	"rate":                alone("rate", "x.source || '/' || x.currency || '/' || (x.effective_date - date 'epoch')::text = l.key"),
	"pledge_support":      alone("pledge_support", "x.pledge_id::text || '/' || (x.starts_on - date 'epoch')::text || '/' || extract(epoch FROM x.recorded_at)::text = l.key"),
	"pledge_newness":      alone("pledge_newness", "x.id::text = l.key"),
	"approval_policy":     alone("approval_policy", "x.id::text = l.key"),
	"approval_decision":   alone("approval_decision", "x.approval_id::text = l.key"),
	"certification":       alone("certification", "x.delivery_id::text = l.key"),
	"question":            alone("question", "x.id = l.id"),
	"answer":              alone("answer", "x.id = l.id"),
	"log_key":             alone("log_key", "x.key = l.key"),
	"statement":           alone("statement", "x.number = l.key"),
}

// alone is the only part of a leaf that has one record.
func alone(table, on string) []leafPart {
	return []leafPart{{table: table, from: ` JOIN ` + table + ` x ON ` + on, order: "l.position"}}
}

// leafKinds are the kinds of leaves in a fixed order.
var leafKinds = func() []string {
	kinds := make([]string, 0, len(leafParts))
	for kind, parts := range leafParts {
		kinds = append(kinds, kind)
		for i := range parts {
			parts[i].prepare(kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}()

// prepare writes the queries of a part. Their text is made of the constants above alone.
func (p *leafPart) prepare(kind string) {
	columns := strings.Fields(sealedTables[p.table])
	slices.SortFunc(columns, func(a, b string) int { return strings.Compare(strings.TrimRight(a, "#~"), strings.TrimRight(b, "#~")) })
	selected := make([]string, len(columns))
	for i, c := range columns {
		name := strings.TrimRight(c, "#~")
		p.names = append(p.names, name)
		switch {
		case strings.HasSuffix(c, "#"):
			selected[i] = "trim_scale(x." + name + ")::text"
		case strings.HasSuffix(c, "~"):
			selected[i] = "encode(x." + name + ", 'hex')"
		default:
			selected[i] = "x." + name + "::text"
		}
	}
	p.keyed = strings.Contains(p.from, "l.key")
	query := "SELECT l.position, " + strings.Join(selected, ", ") + " FROM log_leaf l" + p.from + " WHERE l.kind = '" + kind + "' AND "
	p.byRange = query + "l.position >= $1 AND l.position < $2 ORDER BY l.position, " + p.order
	p.bySet = query + "l.position = ANY ($1) ORDER BY l.position, " + p.order
}
