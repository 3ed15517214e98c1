package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"vcledger/api/web"
	"vcledger/ledger"
)

// queueLength is how many lines that wait a page shows.
const queueLength = 25

func (s *Server) bankPage(c echo.Context, v visitor) error {
	return s.showBank(c, v, http.StatusOK, nil)
}

// showBank lists the statements, below the form of who may upload one.
func (s *Server) showBank(c echo.Context, v visitor, status int, faults map[string]string) error {
	page := web.Bank{Frame: s.frame(c, v, "Bank"), Key: newKey(), Sheet: web.Sheet{Caption: "Statements", Heads: heads("File", "Account", "From", "To", "#Lines", "#Waiting", "#Closing balance", "State"),
		Empty: "No statement was imported yet. Upload the file that the bank sends."}}
	page.Upload = v.may("import-bank-statements")
	list, err := ask[Page[BankStatement]](s, c, v, "/v1/bank-statements", kept(c, "cursor", "bank_account"))
	if err != nil {
		return err
	}
	for _, b := range list.Items {
		at := "/bank/" + string(b.ID)
		closing, state := web.Cell{}, web.Cell{}
		if b.Closing != nil {
			closing = moneyCell(b.Closing.Amount.Amount, b.Closing.Amount.Currency, reconciledPage(b.BankAccount, b.Closing.Date))
		}
		if len(b.Problems) > 0 {
			state.Mark = "does not add up"
		}
		page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{linkCell(cmp.Or(b.File, b.Format), at), linkCell(b.BankAccount, reconciledPage(b.BankAccount, b.To)), dayCell(b.From), dayCell(b.To),
			{Text: fmt.Sprint(b.Lines), Amount: true, Href: at}, {Text: fmt.Sprint(b.Waiting), Amount: true, Href: at}, closing, state})
	}
	if list.NextCursor != "" {
		next := kept(c, "bank_account")
		next.Set("cursor", list.NextCursor)
		page.Next = "/bank?" + next.Encode()
	}
	if page.Upload {
		accounts, err := ask[Page[BankAccount]](s, c, v, "/v1/bank-accounts", url.Values{"limit": {"500"}})
		if err != nil {
			return err
		}
		options := []web.Option{{Text: "that of the file"}}
		for _, a := range accounts.Items {
			options = append(options, web.Option{Value: a.Code, Text: a.Code + ", " + a.Name})
		}
		page.Inputs = []web.Input{{Name: "bank_account", Label: "Bank account", Type: "select", Options: options, Hint: "A CSV file names none: choose it."}}
	}
	page.Faults = fill(page.Inputs, c.FormValue, faults, func(name string) string { return "?" + name })
	return s.pageAs(c, status, "bank", page)
}

// importBankFile takes a bank's file as the API takes it, applies what is sure, and shows what waits.
func (s *Server) importBankFile(c echo.Context, v visitor) error {
	if v.again {
		if err := v.need("import-bank-statements"); err != nil {
			return err
		}
		return s.showBank(c, v, http.StatusOK, nil)
	}
	head, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return s.showBank(c, v, http.StatusUnprocessableEntity, map[string]string{"": "Choose the file first."})
	}
	if err != nil {
		return ledger.Fail(ledger.RuleMalformedBody, "The file could not be read to its end.")
	}
	file, err := head.Open()
	if err != nil {
		return fmt.Errorf("open what was uploaded: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("read what was uploaded: %w", err)
	}
	media := "application/octet-stream"
	if strings.EqualFold(filepath.Ext(head.Filename), ".csv") {
		media = csvType
	}
	query := url.Values{"file": {head.Filename}}
	if account := c.FormValue("bank_account"); account != "" {
		query.Set("bank_account", account)
	}
	key := c.FormValue("key")
	answer, err := s.perform(c, v, wish{method: http.MethodPost, path: "/v1/bank-statements", query: query, file: data, media: media, key: key})
	faults, err := faultsOf(err)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return s.showBank(c, v, http.StatusUnprocessableEntity, faults)
	}
	var imported ImportedStatements
	if err := json.Unmarshal(answer.body.Bytes(), &imported); err != nil {
		return fmt.Errorf("read the statements: %w", err)
	}
	for i, b := range imported.Statements {
		// What is sure and cannot be booked, as in a closed period, stays in the queue, where the decision says why.
		_, err := s.perform(c, v, wish{method: http.MethodPost, path: pathUnder("/v1/bank-statements", string(b.ID), "match"), key: fmt.Sprintf("%s-match-%d", key, i)})
		if _, err := faultsOf(err); err != nil {
			return err
		}
	}
	if len(imported.Statements) == 1 {
		return s.redirect(c, "/bank/"+string(imported.Statements[0].ID))
	}
	return s.redirect(c, "/bank") // the newest stand first
}

func (s *Server) bankStatementPage(c echo.Context, v visitor) error {
	return s.showQueue(c, v, http.StatusOK, "", nil)
}

// showQueue draws a statement with the lines that wait; the one that was refused keeps what was typed, with the faults.
func (s *Server) showQueue(c echo.Context, v visitor, status int, refused string, faults map[string]string) error {
	path := pathUnder("/v1/bank-statements", c.Param("id"))
	b, err := ask[BankStatement](s, c, v, path, nil)
	if err != nil {
		return err
	}
	waiting, err := ask[Page[BankLine]](s, c, v, path+"/lines", url.Values{"state": {"waiting"}, "limit": {fmt.Sprint(queueLength)}})
	if err != nil {
		return err
	}
	decided, err := ask[Page[BankLine]](s, c, v, path+"/lines", url.Values{"state": {"decided"}, "limit": {"500"}})
	if err != nil {
		return err
	}
	page := web.Queue{Frame: s.frame(c, v, "Bank statement "+cmp.Or(b.File, b.Identification)), More: waiting.NextCursor != "",
		Sheet: web.Sheet{Caption: "Lines that are decided", Heads: heads("Value date", "Reference", "Payer", "#Amount", "What it was", "By"), Empty: "Nothing is decided yet."}}
	f := fact(nil, "Account", textCell(b.BankAccount))
	f = fact(f, "From and to", dayCell(b.From), dayCell(b.To))
	for _, one := range []struct {
		label   string
		balance *StatementBalance
	}{{"Opening balance", b.Opening}, {"Closing balance", b.Closing}} {
		if one.balance != nil {
			f = fact(f, one.label, moneyCell(one.balance.Amount.Amount, one.balance.Amount.Currency, reconciledPage(b.BankAccount, one.balance.Date)), dayCell(one.balance.Date))
		}
	}
	f = fact(f, "Lines", textCell(fmt.Sprintf("%d, of which %d wait", b.Lines, b.Waiting)))
	for _, p := range b.Problems {
		f = fact(f, "Does not add up", web.Cell{Text: p.Detail, Mark: "look"})
	}
	page.Facts = fact(f, "Recorded", textCell(instant(b.RecordedAt)), textCell("by "+b.RecordedBy))
	for _, l := range decided.Items {
		at, kind := "", textCell(plain(l.Decision.Kind))
		if l.Decision.Entry != "" {
			at = entryPage(l.Decision.Entry)
		}
		if l.Decision.Receipt != "" {
			at = receiptPage(l.Decision.Receipt)
		}
		kind.Href = at
		if l.Decision.Automatic {
			kind.Text += ", matched alone"
		}
		page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{dayCell(l.ValueDate), textCell(l.Reference), textCell(l.Payer), moneyCell(l.Amount.Amount, l.Amount.Currency, at), kind, textCell(l.Decision.RecordedBy)})
	}
	if !v.may("decide-bank-line") {
		for _, l := range waiting.Items {
			page.Sheet.Rows = append(page.Sheet.Rows, []web.Cell{dayCell(l.ValueDate), textCell(l.Reference), textCell(l.Payer), moneyCell(l.Amount.Amount, l.Amount.Currency, ""), {Mark: "waits"}, {}})
		}
		page.Sheet.Caption = "Lines"
		return s.pageAs(c, status, "queue", page)
	}
	funds, err := s.fundOptions(c, v)
	if err != nil {
		return err
	}
	for _, l := range waiting.Items {
		w := waitingLine(l, funds)
		if string(l.ID) == refused {
			if v.again {
				w.Key = c.FormValue("key")
			}
			for i := range w.Choices {
				w.Choices[i].Chosen = w.Choices[i].Value == c.FormValue("choice")
			}
			w.Faults = fill(w.Inputs, c.FormValue, faults, func(name string) string { return "/" + name })
			faults = nil
		}
		page.Waiting = append(page.Waiting, w)
	}
	page.Faults = fill(nil, nil, faults, nil) // the line does not wait any more
	return s.pageAs(c, status, "queue", page)
}

// waitingLine draws a line with what it may be for, the likeliest first and chosen.
func waitingLine(l BankLine, funds []web.Option) web.Waiting {
	id := string(l.ID)
	w := web.Waiting{ID: id, Action: "/bank/" + string(l.Statement) + "/lines/" + id, Key: newKey(),
		Title: strings.Join(nonempty(moneyCell(l.Amount.Amount, l.Amount.Currency, "").Text, day(l.ValueDate), l.Payer), ", ")}
	f := fact(nil, "Text", textCell(l.Remittance))
	f = fact(f, "On behalf of", textCell(l.Ultimate))
	f = fact(f, "From the account", textCell(l.PayerAccount))
	f = fact(f, "Charges that banks kept", optionalCell(l.Charges, ""))
	w.Facts = fact(f, "Bank reference", textCell(l.Reference))
	choose := func(value, text, hint string) {
		w.Choices = append(w.Choices, web.Choice{ID: fmt.Sprintf("choice-%s-%d", id, len(w.Choices)), Value: value, Text: text, Hint: hint, Chosen: len(w.Choices) == 0})
	}
	for _, r := range l.Receipts {
		choose("linked:"+string(r), "The receipt of the same amount that is in the books already", string(r))
	}
	for _, g := range l.Suggestions {
		hint := fmt.Sprintf("%d of 100: %s", g.Score, strings.Join(g.Reasons, "; "))
		switch {
		case g.Pledge != "":
			text := "Pledge " + g.PledgeReference + " of " + g.Contributor + ", " + g.Fund
			if g.Outstanding != nil {
				text += ", outstanding " + moneyCell(g.Outstanding.Amount, g.Outstanding.Currency, "").Text
			}
			charges := ""
			if g.Charges != nil {
				charges = g.Charges.Amount
				text += ", charges " + g.Charges.cell("").Text
			}
			choose("pledge:"+string(g.Pledge)+":"+charges, text, hint)
		case g.Kind != "":
			choose(g.Kind, "No contribution: "+plain(g.Kind), hint)
		case g.Contributor != "":
			choose("gift:"+g.Contributor, "Gift of "+g.Contributor+" without a pledge", hint)
		}
	}
	amount, err := decimal.NewFromString(l.Amount.Amount)
	credit := err == nil && amount.IsPositive()
	if credit {
		choose("another", "Another pledge", "By its reference below.")
		choose("unidentified", "Unidentified for now", "It is held in 2100 in the fund below until somebody knows who paid.")
	} else {
		choose("charge", "Charge of the bank", "Borne by the fund below.")
	}
	choose("transfer", "Transfer between own accounts", "Books nothing; needs a note.")
	choose("other", "Something else", "Books nothing; needs a note.")
	w.Inputs = []web.Input{{Form: id, Name: "reference", Label: "Reference of another pledge", Type: "text"},
		{Form: id, Name: "fund", Label: "Fund", Type: "select", Options: append([]web.Option{{Text: "that of the pledge"}}, funds...)},
		{Form: id, Name: "note", Label: "Note", Type: "text"}}
	if !credit {
		w.Inputs = w.Inputs[1:]
	}
	for i := range w.Inputs { // each form chooses its own
		w.Inputs[i].Options = append([]web.Option(nil), w.Inputs[i].Options...)
	}
	return w
}

// nonempty leaves out what says nothing.
func nonempty(texts ...string) []string {
	var said []string
	for _, t := range texts {
		if t != "" {
			said = append(said, t)
		}
	}
	return said
}

// matchBankLine decides on a line by what was chosen.
func (s *Server) matchBankLine(c echo.Context, v visitor) error {
	id := c.Param("line")
	if v.again {
		if err := v.need("decide-bank-line"); err != nil {
			return err
		}
		return s.showQueue(c, v, http.StatusOK, id, nil)
	}
	body, faults, err := s.bankDecision(c, v, id)
	if err != nil {
		return err
	}
	if len(faults) == 0 {
		_, err := s.perform(c, v, wish{method: http.MethodPost, path: pathUnder("/v1/bank-lines", id) + "/decision", body: body, key: c.FormValue("key")})
		if faults, err = faultsOf(err); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return s.showQueue(c, v, http.StatusUnprocessableEntity, id, faults)
	}
	return s.redirect(c, "/bank/"+url.PathEscape(c.Param("id")))
}

// bankDecision is what the form of a line asks of the API. A pledge gets what arrived and what banks kept on the way.
func (s *Server) bankDecision(c echo.Context, v visitor, id string) (body map[string]any, faults map[string]string, err error) {
	body = map[string]any{}
	for _, name := range []string{"fund", "note"} {
		if typed := strings.TrimSpace(c.FormValue(name)); typed != "" {
			body[name] = typed
		}
	}
	kind, rest, _ := strings.Cut(c.FormValue("choice"), ":")
	body["kind"] = kind
	pledge, charges, _ := strings.Cut(rest, ":")
	switch kind {
	case "linked":
		body["receipt"] = rest
		return body, nil, nil
	case "gift":
		body["kind"], body["contributor"] = "receipt", rest
		return body, nil, nil
	case "another":
		p, faults, err := s.pledgeByReference(c, v, c.FormValue("reference"))
		if len(faults) > 0 || err != nil {
			return nil, faults, err
		}
		pledge = string(p.ID)
	case "pledge":
	default:
		return body, nil, nil
	}
	line, err := ask[BankLine](s, c, v, pathUnder("/v1/bank-lines", id), nil)
	if err != nil {
		return nil, nil, err
	}
	amount, err := decimal.NewFromString(line.Amount.Amount)
	if err != nil {
		return nil, nil, fmt.Errorf("read the amount of a line: %w", err)
	}
	if charges == "" && line.Charges != nil {
		charges = line.Charges.Amount
	}
	if kept, err := decimal.NewFromString(charges); err == nil {
		amount = amount.Add(kept)
		body["charges"] = map[string]string{"amount": charges, "currency": line.Amount.Currency}
	}
	credited := ledger.Money{Amount: amount, Currency: ledger.Currency(line.Amount.Currency)}
	body["kind"] = "receipt"
	body["allocations"] = []map[string]any{{"pledge": pledge, "amount": map[string]string{"amount": credited.Fixed(), "currency": line.Amount.Currency}}}
	return body, nil, nil
}

// pledgeByReference finds the one pledge of a reference.
func (s *Server) pledgeByReference(c echo.Context, v visitor, reference string) (Pledge, map[string]string, error) {
	reference = strings.TrimSpace(reference)
	if reference == "" {
		return Pledge{}, map[string]string{"/reference": "Type the reference of the pledge."}, nil
	}
	found, err := ask[Page[Pledge]](s, c, v, "/v1/pledges", url.Values{"reference": {reference}, "form": {"cash"}})
	faults, err := faultsOf(err)
	switch {
	case err != nil:
		return Pledge{}, nil, err
	case len(faults) > 0 || len(found.Items) == 0:
		return Pledge{}, map[string]string{"/reference": "No cash pledge has this reference."}, nil
	case len(found.Items) > 1:
		return Pledge{}, map[string]string{"/reference": "Pledges of several funds have this reference; decide on the line over the API."}, nil
	}
	return found.Items[0], nil, nil
}
