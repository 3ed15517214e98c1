package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
)

var bankAccountsParent = web.Link{Text: "Bank accounts", Href: "/settings/bank-accounts"}

func bankAccountPath(code string) string { return "/settings/bank-accounts/" + url.PathEscape(code) }

func (s *Server) bankAccountsPage(c echo.Context, v visitor) error {
	page := web.List{Frame: s.frame(c, v, "Bank accounts"), Parent: &settingsParent, Sheet: web.Sheet{Caption: "By code", Heads: heads("Code", "Name", "Currency", "IBAN or number", "BIC", "CSV files"),
		Empty: "No bank account is recorded yet. Record the first one, or a fund, which has one of its own."}}
	if v.may("record-bank-account") {
		page.Action = &web.Link{Text: "Record a bank account", Href: "/settings/bank-accounts/new"}
	}
	return listPageOf(s, c, v, "/v1/bank-accounts", page, func(b BankAccount) []web.Cell {
		at, read := bankAccountPath(b.Code), "cannot be read yet"
		if b.CSVMapping != nil {
			read = "are read"
		}
		return []web.Cell{linkCell(b.Code, at), linkCell(b.Name, at), textCell(b.currencies()), textCell(b.known()), textCell(b.Bank), textCell(read)}
	})
}

// currencies says what cash is kept on the account.
func (b BankAccount) currencies() string {
	if b.Currency == "" {
		return "each apart"
	}
	return b.Currency
}

// known is by what the account's statements are known.
func (b BankAccount) known() string {
	if b.IBAN == "" {
		return b.Number
	}
	return b.IBAN
}

// bankFields are the details by which the statements of an account are known to be of it.
func bankFields(b BankAccount) []web.Input {
	return []web.Input{
		{Name: "iban", Label: "IBAN", Type: "text", Value: b.IBAN, Hint: "Spaces are left out."},
		{Name: "number", Label: "Number, without an IBAN", Type: "text", Value: b.Number, Hint: "As its bank writes it in statements."},
		{Name: "bank", Label: "BIC of the bank", Type: "text", Value: b.Bank}}
}

// tidyIBAN puts an IBAN into a body as the operation takes it: people write it in groups of four.
func tidyIBAN(body map[string]any) {
	if iban, ok := body["iban"].(string); ok {
		body["iban"] = strings.ToUpper(strings.Join(strings.Fields(iban), ""))
	}
}

func newBankAccountAct() act {
	return act{name: "new", operation: "record-bank-account", path: "/v1/bank-accounts", title: "Record a bank account", text: "How its CSV files are read is said on its page.", inputs: append([]web.Input{
		{Name: "code", Label: "Code", Type: "text", Required: true, Hint: "Capitals and digits, as NY-USD. It stays for good."}, {Name: "name", Label: "Name", Type: "text", Required: true},
		{Name: "currency", Label: "Currency", Type: "text", Hint: "ISO code, as USD. Left empty: it keeps each currency apart. It stays for good."}}, bankFields(BankAccount{})...),
		add: func(_ func(string) string, body map[string]any) (map[string]string, error) {
			tidyIBAN(body)
			tidyCurrency(body)
			return nil, nil
		}}
}

func (s *Server) newBankAccount(c echo.Context, v visitor) error {
	return s.showNew(c, v, bankAccountsParent, "/settings/bank-accounts", newBankAccountAct(), nil)
}

func (s *Server) fillBankAccount(c echo.Context, v visitor) error {
	return s.fillNew(c, v, bankAccountsParent, "/settings/bank-accounts", newBankAccountAct(), bankAccountPath(c.FormValue("code")))
}

// bankAccountActs change by what the statements of an account are known, and how its CSV files are read.
func bankAccountActs(b BankAccount, match string) []act {
	path := pathUnder("/v1/bank-accounts", b.Code)
	edit := act{name: "edit", operation: "edit-bank-account", method: http.MethodPatch, match: match, path: path, title: "Change the bank account", text: "What was imported stays as it is.", button: "Change", inputs: bankFields(b)}
	edit.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		for _, name := range []string{"iban", "number", "bank"} { // emptied, it is taken away; left out, it would stay
			body[name] = value(name)
		}
		tidyIBAN(body)
		return nil, nil
	}
	return []act{edit, columnsAct(b, path, match)}
}

func (s *Server) bankAccountPage(c echo.Context, v visitor) error {
	return s.showBankAccount(c, v, nil)
}

// showBankAccount draws a bank account with what can be changed of it.
func (s *Server) showBankAccount(c echo.Context, v visitor, refused *tried) error {
	b, match, err := askTagged[BankAccount](s, c, v, pathUnder("/v1/bank-accounts", c.Param("code")))
	if err != nil {
		return err
	}
	page := web.Record{Frame: s.frame(c, v, b.Name), Parent: bankAccountsParent}
	facts := fact(nil, "Code", textCell(b.Code))
	facts = fact(facts, "Currency", textCell(b.currencies()))
	facts = fact(facts, "IBAN", textCell(b.IBAN))
	facts = fact(facts, "Number", textCell(b.Number))
	facts = fact(facts, "BIC of the bank", textCell(b.Bank))
	facts = fact(facts, "Its statements", linkCell("bank", "/bank?"+url.Values{"bank_account": {b.Code}}.Encode()))
	facts = fact(facts, "The bank against the books", linkCell("today", reconciledPage(b.Code, Date(todayText()))))
	facts = fact(facts, "Its cash", linkCell("journal", journalOf("account", "1010", "bank_account", b.Code)))
	page.Facts = fact(facts, "Recorded", textCell(instant(b.RecordedAt)))
	if !v.may("edit-bank-account") {
		page.Sheets = []web.Sheet{columnsSheet(b)} // for whoever may, the form below says it
	}
	page.Forms, page.Faults = formsOf(c, v, bankAccountPath(b.Code), bankAccountActs(b, match), refused)
	return s.pageAs(c, refused.status(), "record", page)
}

func (s *Server) actOnBankAccount(c echo.Context, v visitor) error {
	b, err := ask[BankAccount](s, c, v, pathUnder("/v1/bank-accounts", c.Param("code")), nil)
	if err != nil {
		return err
	}
	refused, err := s.carryOut(c, v, bankAccountActs(b, c.FormValue("match")), c.Param("act"), bankAccountPath(b.Code))
	if refused == nil {
		return err
	}
	return s.showBankAccount(c, v, refused)
}

// columnField is a part of a mapping of CSV files, as a form asks it.
type columnField struct {
	name  string // in the mapping
	label string
	hint  string
	kind  columnKind
}

// columnKind says how a part of a mapping is written.
type columnKind int

const (
	aText columnKind = iota
	aNumber
	aChoice // yes or no
	aList   // one a line
	aSeparator
)

// columnFields are in the order of the questions that somebody asks who has such a file open.
var columnFields = []columnField{
	{"header_rows", "Lines before the first entry", "The last of them names the columns. 0: there is none.", aNumber},
	{"footer_rows", "Lines after the last entry", "Of totals.", aNumber},
	{"separator", "Between two columns", "", aSeparator},
	{"encoding", "Encoding", "As windows-1252. Left empty: UTF-8.", aText},
	{"loose_quotes", "Quotes stand in texts as they are", "", aChoice},
	{"date_layout", "How a date is written", "As DD.MM.YYYY. Left empty: YYYY-MM-DD.", aText},
	{"decimal_comma", "Decimals come after a comma", "", aChoice},
	{"currency", "Currency of all entries", "Left empty: a column has it.", aText},
	{"currency_column", "Column of the currency", "", aText},
	{"value_date", "Column of the value date", "", aText},
	{"booking_date", "Column of the booking date", "", aText},
	{"amount", "Column of the amount", "Signed, or beside a column of marks. Left empty: debits and credits have a column each.", aText},
	{"debit_positive", "A positive amount leaves the account", "", aChoice},
	{"mark", "Column that says debit or credit", "", aText},
	{"debit_marks", "What stands there for a debit", "One a line.", aList},
	{"credit_marks", "What stands there for a credit", "One a line.", aList},
	{"debit", "Column of debits", "", aText},
	{"credit", "Column of credits", "", aText},
	{"balance", "Column of the balance after the entry", "Checked from line to line.", aText},
	{"name", "Column of the other side's name", "", aText},
	{"account", "Column of its account", "", aText},
	{"bank", "Column of its bank", "", aText},
	{"reference", "Column of the bank's reference", "", aText},
	{"end_to_end", "Column of the payer's reference", "", aText},
	{"code", "Column of the kind of entry", "", aText},
	{"remittance", "Columns of the text", "One a line, in the order in which they are joined.", aList},
}

// input is the name of the part's field: with where it stands in the body, for what is wrong with it to be told beside it.
func (f columnField) input() string { return "_csv_mapping/" + f.name }

// tab stands for the separator that nobody can type into a field.
const tab = "tab"

var separators = []web.Option{{Text: "comma"}, {Value: ";", Text: "semicolon"}, {Value: tab, Text: "tab"}, {Value: "|", Text: "upright line"}}

// parts is a mapping by its names, each part as it is typed.
func (m *CSVMapping) parts() map[string]string {
	if m == nil {
		return map[string]string{"header_rows": "1"}
	}
	data, err := json.Marshal(m)
	var all map[string]any
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	typed := map[string]string{}
	for name, part := range all {
		switch part := part.(type) {
		case []any:
			lines := make([]string, len(part))
			for i, line := range part {
				lines[i] = fmt.Sprint(line)
			}
			typed[name] = strings.Join(lines, "\n")
		default:
			typed[name] = fmt.Sprint(part)
		}
	}
	if typed["separator"] == "\t" {
		typed["separator"] = tab
	}
	return typed
}

// columnsAct says how the CSV files of an account's bank are read.
func columnsAct(b BankAccount, path, match string) act {
	a := act{name: "columns", operation: "edit-bank-account", method: http.MethodPatch, match: match, path: path, title: "Say how its CSV files are read", button: "Set",
		text: "Only for a bank that sends no camt.053 and no MT940. A column is named by its heading, or by its number from 1."}
	now := b.CSVMapping.parts()
	for _, f := range columnFields {
		in := web.Input{Name: f.input(), Label: f.label, Type: "text", Hint: f.hint, Value: now[f.name]}
		switch f.kind {
		case aList:
			in.Type = "textarea"
		case aChoice:
			in.Type, in.Options = "select", chosenOf(in.Value, []web.Option{{Text: "no"}, {Value: "true", Text: "yes"}})
		case aSeparator:
			in.Type, in.Options = "select", chosenOf(in.Value, separatorsWith(in.Value))
		}
		a.inputs = append(a.inputs, in)
	}
	a.add = func(value func(string) string, body map[string]any) (map[string]string, error) {
		body["csv_mapping"] = mappingTyped(value)
		return nil, nil
	}
	return a
}

// separatorsWith offers the usual separators, and the one of the mapping when it is another.
func separatorsWith(now string) []web.Option {
	if slices.ContainsFunc(separators, func(o web.Option) bool { return o.Value == now }) {
		return separators
	}
	return append(slices.Clone(separators), web.Option{Value: now, Text: now})
}

// mappingTyped is the mapping that was typed. What is no number stays as it was typed, for the operation to refuse.
func mappingTyped(value func(string) string) map[string]any {
	m := map[string]any{}
	for _, f := range columnFields {
		typed := value(f.input())
		switch {
		case typed == "":
		case f.kind == aNumber && wholeNumber.MatchString(typed):
			m[f.name] = json.Number(typed)
		case f.kind == aChoice:
			m[f.name] = typed == "true"
		case f.kind == aList:
			m[f.name] = linesOf(typed)
		case f.name == "separator" && typed == tab:
			m[f.name] = "\t"
		case f.name == "currency":
			m[f.name] = strings.ToUpper(typed)
		default:
			m[f.name] = typed
		}
	}
	return m
}

// linesOf returns the lines that say something.
func linesOf(text string) (list []string) {
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// columnsSheet shows how the CSV files of an account are read: what is not said is left out.
func columnsSheet(b BankAccount) web.Sheet {
	sheet := web.Sheet{Caption: "How its CSV files are read", Heads: heads("What", "Where"), Empty: "No CSV file of this account can be read yet. Files of camt.053 and MT940 can."}
	if b.CSVMapping == nil {
		return sheet
	}
	now := b.CSVMapping.parts()
	for _, f := range columnFields {
		text := strings.ReplaceAll(now[f.name], "\n", ", ")
		switch {
		case f.kind == aChoice && text == "true":
			text = "yes"
		case f.kind == aSeparator:
			text = optionText(separators, text)
		}
		if text != "" {
			sheet.Rows = append(sheet.Rows, []web.Cell{textCell(f.label), textCell(text)})
		}
	}
	return sheet
}
