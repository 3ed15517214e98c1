package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// step is one call of the story. In its parameters and its body a name in braces stands for an identifier that an earlier
// answer gave.
type step struct {
	operation string
	name      string      // of the example in the documentation; "-" keeps the call out of it
	as        ledger.Role // an officer unless given
	params    string      // of the path and the query, written as a query
	body      string
	media     string // of a body that is a file; JSON unless given
	ifMatch   string // the ETag of an edit
	status    int    // what the document says of a success, unless given
	keep      string // what later steps need of the answer: "pledge=id entry=legs.0.entry"; ETag is the header
}

// story is a contribution's life, told so that every operation is called and gives each answer that is documented for a
// success. What it asks and what it is answered are the examples of the documentation.
var story = []step{
	{operation: "health"},
	{operation: "readiness"},
	{operation: "record-fund", as: ledger.RoleAdmin, body: `{"code":"CPCJF","name":"Crime Prevention and Criminal Justice Fund"}`},
	{operation: "record-fund", name: "earmarked", as: ledger.RoleAdmin, body: `{"code":"CYBER","name":"Cybercrime laboratories","kind":"special_purpose","parent":"CPCJF",
		"recognition":"on_conditions","services_in_kind":"recognised"}`},
	{operation: "record-fund", name: "-", as: ledger.RoleAdmin, body: `{"code":"PSC","name":"Programme support"}`},
	{operation: "get-fund", params: "code=CYBER"},
	{operation: "list-funds", params: "limit=10"},
	{operation: "record-bank-account", as: ledger.RoleAdmin, body: `{"code":"VIENNA-EUR","name":"Euro account, Vienna","currency":"EUR"}`},
	{operation: "get-fund", name: "-", params: "code=CYBER", keep: "fundtag=ETag"},
	{operation: "edit-fund", as: ledger.RoleAdmin, params: "code=CYBER", ifMatch: "{fundtag}", body: `{"bank_charges":"net"}`},
	{operation: "list-bank-accounts", params: "limit=10"},
	{operation: "record-bank-account", name: "-", as: ledger.RoleAdmin, body: `{"code":"NY-USD","name":"Dollar account, New York","currency":"USD"}`},
	{operation: "get-bank-account", name: "-", params: "code=NY-USD", keep: "banktag=ETag"},
	{operation: "edit-bank-account", as: ledger.RoleAdmin, params: "code=NY-USD", ifMatch: "{banktag}", body: `{"iban":"DE89370400440532013000","bank":"COBADEFF","csv_mapping":{"header_rows":1,"separator":";","currency":"USD",
		"value_date":"Date","amount":"Amount","name":"Payer","reference":"Reference","remittance":["Text"]}}`},
	{operation: "get-bank-account", params: "code=NY-USD"},
	{operation: "record-rate", body: `{"source":"un","currency":"EUR","effective_date":"2026-01-01","units_per_usd":"0.90"}`},
	{operation: "record-rate", name: "-", body: `{"source":"un","currency":"EUR","effective_date":"2026-03-01","units_per_usd":"0.80"}`},
	{operation: "list-rates", params: "source=un&currency=EUR"},

	{operation: "record-contributor", name: "state", body: `{"name":"Netherlands","kind":"state","country":"NLD","aliases":["Kingdom of the Netherlands"]}`},
	{operation: "record-contributor", name: "development-bank", body: `{"code":"ADB","name":"Asian Development Bank","kind":"rdb","codes":[{"scheme":"dac","value":"915"}]}`},
	{operation: "record-contributor", name: "-", body: `{"name":"Turkey","kind":"state","country":"TUR"}`},
	{operation: "record-contributor", name: "-", body: `{"code":"NL-MFA","name":"Ministry of Foreign Affairs of the Netherlands","kind":"other"}`},
	{operation: "record-contributor", name: "-", body: `{"code":"ASDB","name":"AsDB","kind":"rdb"}`},
	{operation: "add-contributor-alias", params: "code=NLD", body: `{"name":"Holland","kind":"alias"}`},
	{operation: "add-contributor-code", params: "code=NLD", body: `{"scheme":"m49","value":"528"}`},
	{operation: "rename-contributor", params: "code=TUR", body: `{"name":"Türkiye","from_date":"2022-05-31"}`},
	{operation: "set-contributor-parent", params: "code=NL-MFA", body: `{"parent":"NLD","from_date":"2020-01-01"}`},
	{operation: "merge-contributor", params: "code=ASDB", body: `{"survivor":"ADB","effective_date":"2026-01-05","reason":"The same bank under its acronym"}`},
	{operation: "resolve-contributor", params: "q=turkey&on=2020-06-30"},
	{operation: "get-contributor", params: "code=NLD"},
	{operation: "get-contributor", name: "-", params: "code=NLD", keep: "tag=ETag"},
	{operation: "edit-contributor", params: "code=NLD", ifMatch: "{tag}", body: `{"contact":"Ministry of Finance, Division II/7","email":"statements@example.org"}`},
	{operation: "list-contributors", params: "kind=rdb"},

	{operation: "record-receipt", name: "unidentified", body: `{"value_date":"2025-06-02","bank_reference":"0602-4","fund":"CPCJF","amount":{"amount":"2500.00","currency":"USD"},"payer":"Treasury"}`, keep: "unidentified=id"},
	{operation: "note-receipt", params: "id={unidentified}", body: `{"note":"The bank was asked for the payer."}`},
	{operation: "record-reconciliation", params: "code=CPCJF", body: `{"date":"2025-12-31","balance":{"amount":"2500.00","currency":"USD"},"document_reference":"Statement 12/2025"}`},
	{operation: "closing-checklist", params: "fund=CPCJF&period=2025"},
	{operation: "close-period", body: `{"fund":"CPCJF","period":"2025"}`},
	{operation: "reopen-period", name: "waits", body: `{"fund":"CPCJF","period":"2025","reason":"A receipt of December was missing"}`, status: 202, keep: "reopening=id"},
	{operation: "decide-approval", name: "rejected", as: ledger.RoleApprover, params: "id={reopening}", body: `{"decision":"rejected","reason":"Book it in 2026, as a prior-period adjustment"}`},
	{operation: "set-approval-policy", as: ledger.RoleAdmin, body: `{"kind":"period_reopening","fund":"CPCJF","required":false}`},
	{operation: "reopen-period", name: "at-once", body: `{"fund":"CPCJF","period":"2025","reason":"A receipt of December was missing"}`},
	{operation: "list-periods", params: "fund=CPCJF"},

	{operation: "record-pledge", name: "cash", body: `{"contributor":"NLD","fund":"CPCJF","fund_year":2026,"effective_date":"2026-01-10","amount":{"amount":"1000000.00","currency":"EUR"},
		"reference":"NV-2026/3","instrument":"note verbale","declaration":{"new":true,"additional":true,"text":"Beyond what we gave to any crime programme before.","document_reference":"NV-2026/3"}}`, keep: "pledge=id"},
	{operation: "record-pledge", name: "in-kind", body: `{"contributor":"ADB","fund":"CYBER","fund_year":2026,"effective_date":"2026-01-20","form":"in_kind","items":[{"category":"expert","description":"Forensic experts",
		"quantity":"120","unit":"expert_day","unit_value":{"amount":"500.00","currency":"USD"},"valuation_basis":"un_consultant_rate","valuer":"Chief, Finance Section","valued_on":"2026-01-18",
		"evidence":{"reference":"Schedule of rates 2026"}}]}`, keep: "loan=id"},
	{operation: "decide-newness", params: "id={pledge}", body: `{"new":true,"additional":true,"note":"No pledge of the three years before."}`},
	{operation: "adjust-pledge", params: "id={pledge}", body: `{"kind":"increase","effective_date":"2026-01-25","amount":{"amount":"200000.00","currency":"EUR"},"reason":"Note verbale 2026/5"}`},
	{operation: "agree-pledge", name: "cash", params: "id={pledge}", body: `{"effective_date":"2026-02-10","document_reference":"Agreement 2026/7","amount":{"amount":"1200000.00","currency":"EUR"},"instrument":"standard agreement",
		"instalments":[{"due_on":"2026-03-01","amount":{"amount":"400000.00","currency":"EUR"}},{"due_on":"2026-09-01","amount":{"amount":"800000.00","currency":"EUR"}}]}`},
	{operation: "agree-pledge", name: "in-kind", params: "id={loan}", body: `{"effective_date":"2026-02-03","accepted":[{"item":1,"quantity":"100"}],"accepted_by":"Director, Programme",
		"cost_to_fund":{"amount":{"amount":"4200.00","currency":"USD"},"description":"Local travel, insurance"}}`},
	{operation: "record-pledge-support", as: ledger.RoleAdmin, params: "id={pledge}", body: `{"effective_date":"2026-02-10","support_rate":"7","document_reference":"Agreement 2026/7, article 4"}`},
	{operation: "record-receipt", name: "for-a-pledge", body: `{"value_date":"2026-03-05","bank_reference":"0305-17","contributor":"NLD","amount":{"amount":"400000.00","currency":"EUR"},
		"allocations":[{"pledge":"{pledge}","amount":{"amount":"400000.00","currency":"EUR"}}]}`, keep: "receipt=id entry=entries.0"},
	{operation: "allocate-receipt", params: "id={unidentified}", body: `{"effective_date":"2026-03-06","allocations":[{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"2500.00","currency":"USD"}}]}`},
	{operation: "get-receipt", params: "id={receipt}"},
	{operation: "list-receipts", params: "contributor=NLD&from=2026-01-01"},
	{operation: "held-receipts", params: "as_of=2026-03-31"},
	{operation: "due-pledges", params: "as_of=2026-03-31&fund=CPCJF"},
	{operation: "due-pledges", name: "csv", params: "as_of=2026-03-31&fund=CPCJF&format=csv"},
	{operation: "get-entry", params: "id={entry}"},

	{operation: "record-pledge", name: "-", body: `{"contributor":"ADB","fund":"CYBER","fund_year":2026,"effective_date":"2026-02-01","amount":{"amount":"90000.00","currency":"USD"},"reference":"TA-77"}`, keep: "grant=id"},
	{operation: "agree-pledge", name: "with-conditions", params: "id={grant}", body: `{"effective_date":"2026-02-15","conditions":[{"description":"Interim report","amount":{"amount":"40000.00","currency":"USD"}},
		{"description":"Final report","amount":{"amount":"50000.00","currency":"USD"}}]}`},
	{operation: "record-receipt", name: "-", body: `{"value_date":"2026-03-10","bank_reference":"0310-2","contributor":"ADB","amount":{"amount":"95000.00","currency":"USD"},
		"allocations":[{"pledge":"{grant}","amount":{"amount":"95000.00","currency":"USD"}}]}`, keep: "overpaid=id"},
	{operation: "meet-condition", params: "id={grant}&number=1", body: `{"effective_date":"2026-04-01","met_by":"Programme manager","evidence":{"reference":"Interim report of 30 March"}}`},

	{operation: "record-delivery", name: "of-a-pledge", body: `{"pledge":"{loan}","delivered_on":"2026-04-30","period_from":"2026-04-01","period_to":"2026-04-28","quantity":"20","expert":"17",
		"certified_by":"Chief, Laboratory","evidence":{"reference":"Time sheets April"}}`, keep: "delivery=id"},
	{operation: "record-delivery", name: "without-a-pledge", body: `{"contributor":"NLD","fund":"CPCJF","delivered_on":"2026-05-30","quantity":"2","unit":"item","category":"goods","description":"Forensic microscopes",
		"value":{"amount":"30000.00","currency":"EUR"},"valuation_basis":"market_price","evidence":{"reference":"Receiving report 7"}}`, keep: "goods=id"},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"in_kind_revaluation","required":true}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"delivery_reversal","required":true}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"entry_reversal","required":true}`},
	{operation: "revalue-item", name: "waits", params: "id={loan}&number=1", body: `{"effective_date":"2026-06-15","unit_value":{"amount":"540.00","currency":"USD"},"valuation_basis":"un_consultant_rate","reason":"The rate was raised"}`, status: 202, keep: "waiting=id"},
	{operation: "withdraw-approval", params: "id={waiting}", body: `{"reason":"The rate holds from July only"}`},
	{operation: "revalue-delivery", name: "waits", params: "id={delivery}", body: `{"effective_date":"2026-06-15","declared_value":{"amount":"9000.00","currency":"USD"},"reason":"The donor's invoice"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "reverse-delivery", name: "waits", params: "id={goods}", body: `{"effective_date":"2026-06-20","reason":"Lent, not given"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"in_kind_revaluation","required":false}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"delivery_reversal","required":false}`},
	{operation: "revalue-item", name: "at-once", params: "id={loan}&number=1", body: `{"effective_date":"2026-06-15","unit_value":{"amount":"540.00","currency":"USD"},"valuation_basis":"un_consultant_rate","reason":"The rate was raised"}`},
	{operation: "revalue-delivery", name: "at-once", params: "id={delivery}", body: `{"effective_date":"2026-06-15","declared_value":{"amount":"9000.00","currency":"USD"},"reason":"The donor's invoice"}`},
	{operation: "certify-delivery", params: "id={goods}", body: `{"certified_by":"Chief, Laboratory","note":"Receiving report 7 seen"}`},
	{operation: "reverse-delivery", name: "at-once", params: "id={goods}", body: `{"effective_date":"2026-06-20","reason":"Lent, not given"}`},
	{operation: "get-delivery", params: "id={delivery}"},
	{operation: "list-deliveries", params: "fund=CYBER"},

	{operation: "record-support", as: ledger.RoleAdmin, params: "code=CPCJF", body: `{"effective_date":"2026-01-01","support_rate":"13","support_fund":"PSC","document_reference":"ST/AI/286"}`},
	{operation: "record-expenditure", body: `{"fund":"CPCJF","effective_date":"2026-04-01","amount":{"amount":"100000.00","currency":"USD"},"reference":"V-1","description":"Training of prosecutors",
		"project":"GLO/Z82","shares":[{"pledge":"{pledge}","share":"100"}]}`, keep: "expenditure=id"},
	{operation: "get-expenditure", params: "id={expenditure}"},
	{operation: "pledge-use", params: "id={pledge}&as_of=2026-06-30"},
	{operation: "list-expenditures", params: "fund=CPCJF&project=GLO/Z82"},
	{operation: "reverse-expenditure", params: "id={expenditure}", body: `{"effective_date":"2026-05-01","reason":"Wrong project"}`},
	{operation: "record-interest", body: `{"bank_account":"CPCJF","bank_reference":"INT-2026-Q2","value_date":"2026-06-30","from":"2026-04-01","to":"2026-06-30","amount":{"amount":"1250.40","currency":"USD"}}`},
	{operation: "available", params: "code=CPCJF&as_of=2026-06-30"},

	{operation: "record-pledge", name: "-", body: `{"contributor":"NLD","fund":"CPCJF","fund_year":2026,"effective_date":"2026-05-02","amount":{"amount":"9000.00","currency":"USD"},"reference":"NV-2026/88"}`, keep: "banked=id"},
	{operation: "agree-pledge", name: "-", params: "id={banked}", body: `{"effective_date":"2026-05-03"}`},
	{operation: "record-bank-rule", body: `{"payer":"Bundeskasse","kind":"contribution","contributor":"NLD","note":"Pays for the Netherlands until the end of 2026"}`, keep: "rule=id"},
	{operation: "list-bank-rules", params: "limit=10"},
	{operation: "import-bank-statements", params: "file=stmt-2026-05.sta", media: "text/plain", body: mayStatement, keep: "stmt=statements.0.id"},
	{operation: "list-bank-statements", params: "bank_account=NY-USD"},
	{operation: "match-bank-statement", params: "id={stmt}"},
	{operation: "get-bank-statement", params: "id={stmt}"},
	{operation: "list-bank-lines", name: "-", params: "id={stmt}", keep: "applied=items.0.id second=items.1.id third=items.2.id fourth=items.3.id"},
	{operation: "list-bank-lines", params: "id={stmt}&state=waiting"},
	{operation: "get-bank-line", params: "id={second}"},
	{operation: "decide-bank-line", params: "id={second}", body: `{"kind":"receipt","allocations":[{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"300.00","currency":"USD"}},
		{"contributor":"NLD","fund":"CYBER","amount":{"amount":"200.00","currency":"USD"}}]}`},
	{operation: "decide-bank-lines", body: `{"decisions":[{"line":"{third}","kind":"unidentified","fund":"CPCJF"},{"line":"{fourth}","kind":"charge","fund":"CPCJF"}]}`},
	{operation: "decide-bank-lines", name: "each", body: `{"each":true,"decisions":[{"line":"{third}","kind":"other","note":"Decided before"},{"line":"{fourth}","kind":"receipt","contributor":"NLD","fund":"CPCJF"}]}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"receipt_reversal","required":true}`},
	{operation: "undo-bank-line", name: "waits", params: "id={third}", body: `{"effective_date":"2026-05-31","reason":"It is a transfer from Vienna"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"receipt_reversal","required":false}`},
	{operation: "undo-bank-line", name: "at-once", params: "id={third}", body: `{"effective_date":"2026-05-31","reason":"It is a transfer from Vienna"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"receipt_reversal","required":true}`},
	{operation: "decide-bank-line", name: "transfer", params: "id={third}", body: `{"kind":"transfer","note":"From the account in Vienna"}`},
	{operation: "end-bank-rule", params: "id={rule}"},
	{operation: "reconcile-bank", params: "code=NY-USD&date=2026-05-31"},
	{operation: "explain-bank-item", params: "code=NY-USD", body: `{"date":"2026-05-31","item":"opening USD","note":"Counted when the account was taken over"}`},
	{operation: "sign-off-bank", params: "code=NY-USD", body: `{"month":"2026-05","note":"Looked at with the bank"}`},

	{operation: "record-entry", name: "waits", body: bankCharges, status: 202, keep: "waiting=id"},
	{operation: "get-approval", params: "id={waiting}"},
	{operation: "list-approvals", params: "state=pending"},
	{operation: "decide-approval", name: "approved", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"approved"}`, keep: "manual=entries.0"},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"manual_entry","required":true,"above":{"amount":"100.00","currency":"USD"}}`},
	{operation: "record-entry", name: "at-once", body: strings.Replace(bankCharges, "Bank advice 12", "Bank advice 13", 1), keep: "second=id"},
	{operation: "reverse-entry", name: "waits", params: "id={manual}", body: `{"effective_date":"2026-04-01","reason":"The wrong month"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"approved"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"entry_reversal","required":false}`},
	{operation: "reverse-entry", name: "at-once", params: "id={second}", body: `{"effective_date":"2026-04-01","reason":"The wrong month"}`},

	{operation: "record-refund", name: "waits", body: `{"receipt":"{overpaid}","source":"advance","amount":{"amount":"5000.00","currency":"USD"},"effective_date":"2026-05-01","reason":"Paid by mistake","document_reference":"Letter of 28 April"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"refund","required":true,"above":{"amount":"10000.00","currency":"USD"}}`},
	{operation: "record-refund", name: "at-once", body: `{"receipt":"{overpaid}","source":"advance","amount":{"amount":"5000.00","currency":"USD"},"effective_date":"2026-05-01","reason":"Paid by mistake","document_reference":"Letter of 28 April"}`, keep: "refund=id"},
	{operation: "pay-refund", params: "id={refund}", body: `{"value_date":"2026-05-10","bank_reference":"OUT 1"}`},
	{operation: "get-refund", params: "id={refund}"},
	{operation: "list-refunds", params: "contributor=ADB"},
	{operation: "list-approval-policies"},

	{operation: "revalue", body: `{"fund":"CPCJF","effective_date":"2026-06-30"}`},
	{operation: "reverse-receipt", name: "waits", params: "id={receipt}", body: `{"effective_date":"2026-07-02","reason":"Returned by the bank"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"receipt_reversal","required":false}`},
	{operation: "reverse-receipt", name: "at-once", params: "id={receipt}", body: `{"effective_date":"2026-07-02","reason":"Returned by the bank"}`},
	{operation: "write-off-pledge", name: "waits", params: "id={pledge}", body: `{"effective_date":"2026-07-10","amount":{"amount":"300000.00","currency":"EUR"},"reason":"The budget was cut","document_reference":"NV-2026/41"}`, status: 202, keep: "waiting=id"},
	{operation: "decide-approval", name: "-", as: ledger.RoleApprover, params: "id={waiting}", body: `{"decision":"rejected"}`},
	{operation: "set-approval-policy", name: "-", as: ledger.RoleAdmin, body: `{"kind":"write_off","required":true,"above":{"amount":"500000.00","currency":"USD"}}`},
	{operation: "write-off-pledge", name: "at-once", params: "id={pledge}", body: `{"effective_date":"2026-07-10","amount":{"amount":"300000.00","currency":"EUR"},"reason":"The budget was cut","document_reference":"NV-2026/41"}`},
	{operation: "record-pledge", name: "-", body: `{"contributor":"TUR","fund":"CPCJF","fund_year":2026,"effective_date":"2026-05-01","amount":{"amount":"50000.00","currency":"USD"},"reference":"TR-1"}`, keep: "announced=id"},
	{operation: "cancel-pledge", params: "id={announced}", body: `{"effective_date":"2026-07-15","reason":"Given to another fund"}`},
	{operation: "get-pledge", params: "id={pledge}"},
	{operation: "list-pledges", params: "contributor=TUR"},
	{operation: "list-entries", params: "pledge={announced}"},
	{operation: "list-events", params: "after=0&limit=2"},
	{operation: "create-key", as: ledger.RoleAdmin, body: `{"name":"Delegation of the Netherlands","role":"donor","contributor":"NLD","last_day":"2027-12-31"}`, keep: "key=id"},
	{operation: "revoke-key", as: ledger.RoleAdmin, params: "id={key}"},
	{operation: "list-keys", as: ledger.RoleAdmin, params: "limit=10"},
	{operation: "list-audit", as: ledger.RoleAdmin, params: "operation=edit-fund"},
	{operation: "list-accounts"},
	{operation: "preview-statement", params: "code=TUR&from=2026-01-01&to=2026-12-31"},
	{operation: "preview-statement", name: "csv", params: "code=TUR&from=2026-01-01&to=2026-12-31&format=csv"},
	{operation: "issue-statement", params: "code=TUR", body: `{"from":"2026-01-01","to":"2026-06-30"}`, keep: "statement=document"},
	{operation: "record-pledge", name: "-", body: `{"contributor":"TUR","fund":"CPCJF","fund_year":2026,"effective_date":"2026-06-15","amount":{"amount":"20000.00","currency":"USD"},"reference":"TR-2"}`, keep: "promised=id"},
	{operation: "supersede-statement", params: "number={statement}", body: `{"reason":"A pledge of June was recorded late"}`, keep: "superseding=document"},
	{operation: "get-statement", params: "number={superseding}"},
	{operation: "get-statement", name: "csv", params: "number={superseding}&format=csv"},
	{operation: "list-statements", params: "code=TUR"},
	{operation: "ask-question", as: ledger.RoleDonor, body: `{"pledge":"{announced}","text":"Was our note verbale on the other fund received?"}`, keep: "question=id"},
	{operation: "answer-question", params: "id={question}", body: `{"text":"Yes, on 15 July; the pledge is cancelled here since."}`},
	{operation: "get-question", as: ledger.RoleDonor, params: "id={question}"},
	{operation: "list-questions", params: "contributor=TUR&limit=10"},
	{operation: "log-checkpoint", params: "format=json", keep: "size=size"},
	{operation: "log-checkpoint", name: "text"},
	{operation: "prove-inclusion", params: "entry={entry}"},
	{operation: "prove-consistency", params: "from={size}"},
	{operation: "list-log-keys"},
	{operation: "fund-report", params: "code=CYBER&year=2026"},
	{operation: "fund-overview", params: "code=CYBER&year=2026"},
	{operation: "trial-balance", params: "as_of=2026-06-30"},
	{operation: "export-hledger", params: "fund=PSC&as_of=2026-06-30"},
	{operation: "export-beancount", params: "fund=PSC&as_of=2026-06-30"},
	{operation: "export-iati", params: "fund=CYBER&as_of=2026-02-01"},
	{operation: "export-datacube", params: "fund=CYBER&year=2026"},
	{operation: "record-receipts", body: `{"receipts":[{"key":"file-7/1","value_date":"2026-07-20","bank_reference":"0720-1","contributor":"TUR","fund":"CPCJF","amount":{"amount":"120.00","currency":"USD"}},
		{"key":"file-7/2","value_date":"2026-07-20","bank_reference":"0720-2","contributor":"TUR","amount":{"amount":"20000.00","currency":"USD"},"allocations":[{"pledge":"{promised}","amount":{"amount":"20000.00","currency":"USD"}}]}]}`},
	{operation: "trial-balance", name: "csv", params: "as_of=2026-06-30&format=csv"},
}

const bankCharges = `{"effective_date":"2026-03-31","description":"Bank charges of March","reason":"Not deducted from a receipt","document_reference":"Bank advice 12",
	"lines":[{"account":"5800","fund":"CPCJF","debit":{"amount":"12.50","currency":"USD"}},
	         {"account":"1010","fund":"CPCJF","bank_account":"CPCJF","credit":{"amount":"12.50","currency":"USD"}}]}`

// mayStatement is a statement of the fund's account in USD, as MT940.
const mayStatement = ":20:STMT-2026-05\r\n:25:DE89370400440532013000\r\n:28C:5/1\r\n:60F:C260430USD10000,00\r\n" +
	":61:2605060506C9000,00NTRFNONREF//A1\r\n:86:166?00TRANSFER?20YOUR REF NV 2026 88?32KINGDOM OF THE NETHERLANDS\r\n" +
	":61:2605070507C500,00NTRFNONREF//A2\r\n:86:166?00TRANSFER?20HALF A YEAR?32BUNDESKASSE HALLE\r\n" +
	":61:2605080508C70,00NTRFNONREF//A3\r\n:86:166?00TRANSFER?20FOR YOU?32SOMEBODY\r\n" +
	":61:2605110511D12,50NCHGNONREF//A4\r\n:86:808?00CHARGES?20MONTHLY FEE\r\n" +
	":62F:C260531USD19557,50\r\n-\r\n"

// serveEmpty returns a client of a server over empty books, whose keys are held by people.
func serveEmpty(t *testing.T, store *postgres.Store) *client {
	t.Helper()
	c := &client{t: t, store: store, keys: map[ledger.Role]string{}, role: ledger.RoleOfficer}
	for _, who := range []struct {
		role ledger.Role
		name string
	}{{ledger.RoleOfficer, "Anna Officer"}, {ledger.RoleApprover, "Paul Approver"}, {ledger.RoleAdmin, "Ada Admin"}, {ledger.RoleAuditor, "Iris Auditor"}} {
		secret, err := ledgertest.Key(c.store, who.name, who.role, "")
		if err != nil {
			t.Fatal(err)
		}
		c.keys[who.role] = secret
	}
	c.server = httptest.NewServer(api.New(api.Config{Store: c.store, Authenticate: c.store.Authenticate, Version: "test",
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}))
	t.Cleanup(c.server.Close)
	return c
}

// teller tells the story.
type teller struct {
	*client
	doc   *contract
	kept  map[string]string // identifiers by their name in the story
	fixed map[string]string // what stands in the documentation for an identifier
	told  []func()          // each makes a call of the story once more
}

const keyHeader = "Idempotency-Key"

func newTeller(t *testing.T, store *postgres.Store) *teller {
	t.Helper()
	return &teller{client: serveEmpty(t, ledgertest.Signed(t, store)), doc: readContract(t), kept: map[string]string{}, fixed: map[string]string{}}
}

// call makes the request of a step, and keeps what later steps need of the answer.
func (tl *teller) call(s step) (*described, map[string]string, string, answer) {
	tl.t.Helper()
	op := tl.doc.operation(tl.t, s.operation)
	query, err := url.ParseQuery(tl.named(s.params))
	if err != nil {
		tl.t.Fatal(err)
	}
	path, params := op.path, map[string]string{}
	for name := range query {
		params[name] = query.Get(name)
		if part := "{" + name + "}"; strings.Contains(path, part) {
			path = strings.Replace(path, part, url.PathEscape(params[name]), 1)
			query.Del(name)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	who := tl.client
	if s.as == ledger.RoleDonor && tl.keys[s.as] == "" { // its contributor was recorded by the story
		if tl.keys[s.as], err = ledgertest.Key(tl.store, "Emine Donor", s.as, "TUR"); err != nil {
			tl.t.Fatal(err)
		}
	}
	if s.as != "" {
		who = tl.as(s.as)
	}
	body := tl.named(s.body)
	key := "story-" + strconv.Itoa(len(tl.told))
	headers := []string{keyHeader, key}
	if s.media != "" {
		headers = append(headers, "Content-Type", s.media)
	}
	if s.ifMatch != "" {
		params["If-Match"] = tl.named(s.ifMatch)
		headers = append(headers, "If-Match", params["If-Match"])
	}
	a := who.do(op.method, path, body, headers...)
	tl.told = append(tl.told, func() {
		again, first := who.do(op.method, path, body, headers...), secretForm.ReplaceAllString(a.body, "")
		first = strings.Replace(first, `,"secret":""`, "", 1) // what is shown once is not shown again
		if op.method != http.MethodGet && (again.body != first || again.status != a.status || again.header.Get("Idempotency-Replayed") != "true") {
			tl.t.Errorf("%s again: %d %v\n%s\nfirst: %d\n%s", s.operation, again.status, again.header, again.body, a.status, a.body)
		}
	})
	want := s.status
	if want == 0 {
		want = op.success()
	}
	if a.status != want {
		tl.t.Fatalf("%s, %s: status %d, want %d: %s\n%s", s.operation, s.name, a.status, want, a.body, body)
	}
	for _, pair := range strings.Fields(s.keep) {
		name, field, _ := strings.Cut(pair, "=")
		if field == "ETag" {
			tl.kept[name] = a.header.Get(field)
			continue
		}
		tl.kept[name] = strings.TrimPrefix(a.field(field), "/v1/statements/")
	}
	return op, params, body, a
}

// named puts the identifiers that were kept for the names in braces.
func (tl *teller) named(text string) string {
	for name, id := range tl.kept {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}

var (
	uuidForm    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	etagForm    = regexp.MustCompile(`"[0-9a-f]{32}"`)
	secretForm  = regexp.MustCompile(`vcl_[A-Za-z0-9_-]{43}`)
	hashForm    = regexp.MustCompile(`"[0-9a-f]{64}"`)
	numberForm  = regexp.MustCompile(`\b20\d\d([/-]\d{6})\b`)
	base64Form  = regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)
	signedForm  = regexp.MustCompile(`(— \S+) [A-Za-z0-9+/]{91}=`)
	issuedForm  = regexp.MustCompile(`\\n20\d\d(/\d{6}\\n)`)
	hashedForm  = regexp.MustCompile(`\\n[0-9a-f]{64}\\n`)
	storedForm  = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00`)
	instantForm = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
)

// stable puts for each identifier one that is the same at every run, and one instant for all.
func (tl *teller) stable(text string) string {
	text = uuidForm.ReplaceAllStringFunc(text, func(id string) string {
		if tl.fixed[id] == "" {
			tl.fixed[id] = fmt.Sprintf("0198c2a4-7f30-7c55-9d3e-%012d", len(tl.fixed)+1)
		}
		return tl.fixed[id]
	})
	text = secretForm.ReplaceAllString(text, "vcl_4Nq0mXbW1Y0aR7c5L2d8Kp3Jt6Vh9Zs_eGfUiQoTyMA")
	text = etagForm.ReplaceAllString(text, `"33a64df551425fcc55e4d42a148795d9"`)
	text = hashForm.ReplaceAllString(text, `"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`)
	text = signedForm.ReplaceAllString(text, "$1 7D2ODWvcqLMNCyjZLFYjbRT9ZrvPwcPQ…")
	text = base64Form.ReplaceAllString(text, "3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0=")
	text = issuedForm.ReplaceAllString(text, `\n2026$1`)
	text = hashedForm.ReplaceAllString(text, `\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n`)
	text = storedForm.ReplaceAllString(text, "2026-07-20 09:30:00.123456+00")
	text = numberForm.ReplaceAllString(text, "2026$1")
	return instantForm.ReplaceAllString(text, "2026-07-20T09:30:00.123456Z")
}

// TestExamples tells the story to a running server. Each request and each answer keeps to the schema of the document, by a
// validator that is not ours, and is the example that the documentation shows, letter by letter. Each operation is called,
// and each answer of success that the document promises is given. At the end the story is told again with the same keys: every
// write answers as it did.
func TestExamples(t *testing.T) {
	t.Parallel()
	tl := newTeller(t, ledgertest.Open(t, ledgertest.Database(t)))
	recorded := map[string][]api.ExampleCall{}
	given := map[string]bool{}
	for _, s := range story {
		op, params, body, a := tl.call(s)
		if s.media != "" {
			body = "" // a file is no value of the document
		}
		if body != "" {
			tl.doc.check(t, op.at+"/requestBody/content/application~1json/schema", []byte(body))
		}
		tl.doc.checkAnswer(t, op, a)
		for name, value := range params {
			params[name] = tl.stable(value)
		}
		media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		call := api.ExampleCall{Name: s.name, Parameters: params, Body: raw(tl.stable(body)), Status: a.status, Media: media, Answer: raw(strings.TrimSpace(tl.stable(a.body)))}
		if media != "application/json" {
			call.Answer = quoted(t, tl.stable(a.body))
		}
		switch call.Name {
		case "-":
			continue
		case "":
			call.Name = "example"
		}
		given[s.operation+" "+strconv.Itoa(a.status)+" "+media] = true
		recorded[s.operation] = append(recorded[s.operation], call)
		if !*update {
			compareExample(t, op, call)
		}
	}
	for _, op := range tl.doc.operations {
		for status, response := range op.Responses {
			for media := range response.Content {
				if strings.HasPrefix(status, "2") && !given[op.id+" "+status+" "+media] && media == "application/json" {
					t.Errorf("the story lacks %s answering %s in %s", op.id, status, media)
				}
			}
		}
	}
	for _, again := range tl.told {
		again()
	}
	ledgertest.CheckBooks(t, tl.store)
	if *update {
		writeExamples(t, recorded)
	}
}

// compareExample compares a call with the example of the document.
func compareExample(t *testing.T, op *described, call api.ExampleCall) {
	t.Helper()
	const again = "go test ./api -run TestExamples -update && go test ./api -run OpenAPIGolden -update"
	same := func(what string, want, got json.RawMessage) {
		t.Helper()
		if diff := cmp.Diff(indented(t, want), indented(t, got)); diff != "" {
			t.Errorf("%s, %s: %s is another than documented; %s (-documented +now):\n%s", op.id, call.Name, what, again, diff)
		}
	}
	if op.RequestBody != nil && len(call.Body) > 0 {
		same("the body", op.RequestBody.Content["application/json"].Examples[call.Name].Value, call.Body)
	}
	same("the answer", op.Responses[strconv.Itoa(call.Status)].Content[call.Media].Examples[call.Name].Value, call.Answer)
	for _, p := range op.Parameters {
		value, ok := call.Parameters[p.Name]
		if p.Required && !ok && len(p.Example) == 0 {
			t.Errorf("%s, %s: the parameter %s has no example", op.id, call.Name, p.Name)
		}
		shown := string(p.Examples[call.Name].Value)
		if text, err := strconv.Unquote(shown); err == nil {
			shown = text
		}
		if got := shown; got != value {
			t.Errorf("%s, %s: the parameter %s is %q in the document, %q now; %s", op.id, call.Name, p.Name, got, value, again)
		}
	}
}

// writeExamples writes the files that the documentation is made from, and removes those of operations that are no more.
func writeExamples(t *testing.T, recorded map[string][]api.ExampleCall) {
	t.Helper()
	if err := os.RemoveAll("examples"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("examples", 0o755); err != nil {
		t.Fatal(err)
	}
	for id, calls := range recorded {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(calls); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("examples", id+".json"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

func quoted(t *testing.T, text string) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func indented(t *testing.T, data json.RawMessage) string {
	t.Helper()
	if len(data) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return b.String()
}
