package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// maxChecked is how many bytes a form with a file to check may have.
const maxChecked = 8 << 20

// checkPage draws the form by which a file is checked.
func (s *Server) checkPage(c echo.Context, v visitor) error {
	return s.checked(c, v, tongue(c), nil, "")
}

// checkIssued checks a statement that was issued to the donor, as it is given out.
func (s *Server) checkIssued(c echo.Context, v visitor) error {
	p, err := s.perform(c, v, wish{path: pathUnder("/v1/statements", c.Param("number")), query: url.Values{"format": {"json"}}})
	if err != nil {
		return err
	}
	return s.check(c, v, p.body.Bytes())
}

// checkFile checks a file that was sent. It is looked at and not kept.
func (s *Server) checkFile(c echo.Context, v visitor) error {
	l := tongue(c)
	if v.again {
		return s.checked(c, v, l, nil, "") // the file is chosen again
	}
	sent, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return s.checked(c, v, l, nil, l.T("no file was chosen"))
	}
	if err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	f, err := sent.Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer f.Close()
	file, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	return s.check(c, v, file)
}

// check does what vcledger verify FILE does, with the oldest key of the log, which vouches for the others.
func (s *Server) check(c echo.Context, v visitor, file []byte) error {
	l := tongue(c)
	keys, err := ask[LogKeys](s, c, v, "/v1/proof/keys", nil)
	if err != nil {
		return err
	}
	if len(keys.Keys) == 0 {
		return s.checked(c, v, l, nil, l.T("the log of this ledger is not signed"))
	}
	key := keys.Keys[0].Key
	found, err := render.Check(file, key)
	if err != nil {
		return s.checked(c, v, l, nil, render.Say(l, reports.Why(err)))
	}
	out := &web.Checked{Title: render.Say(l, found.Title), Good: len(found.Wrong) == 0, Verdict: l.T("Nothing in it is wrong."), Fingerprint: web.Fact{Label: l.T("Fingerprint")},
		Key:     web.Fact{Label: l.T("The public key"), Cells: []web.Cell{textCell(key)}},
		Command: web.Fact{Label: l.T("You need not trust this page: the same program checks the file on your own computer."), Cells: []web.Cell{textCell("vcledger verify FILE --key " + key)}}}
	if !out.Good {
		out.Verdict = l.T("Do not rely on it: something in it is wrong.")
	}
	if found.Fingerprint != "" {
		out.Fingerprint.Cells = []web.Cell{textCell(found.Fingerprint)}
	}
	for _, part := range []struct {
		title string
		wrong bool
		lines []reports.Told
	}{{l.T("What is wrong"), true, found.Wrong}, {l.T("What is proven"), false, found.Proven}, {l.T("What is not proven"), false, found.Unproven}} {
		if len(part.lines) == 0 {
			continue
		}
		said := web.Sentences{Title: part.title, Wrong: part.wrong}
		for _, t := range part.lines {
			said.Lines = append(said.Lines, render.Say(l, t))
		}
		out.Parts = append(out.Parts, said)
	}
	return s.checked(c, v, l, out, "")
}

// checked draws the page with what was found, or why a file could not be looked at.
func (s *Server) checked(c echo.Context, v visitor, l language.Language, found *web.Checked, fault string) error {
	issued, err := s.issuedTo(c, v)
	if err != nil {
		return err
	}
	page := web.Check{Donor: s.donor(c, v, l, l.T("Check a statement")), Checked: found, File: l.T("File"), Send: l.T("Check the file"), Issued: issuedSheet(l, issued),
		Intro: l.T("Choose a statement as you have it, in JSON, PDF or HTML. It is checked that the fund issued it as it is, and that its lines are in the signed log. The file is not kept.")}
	status := http.StatusOK
	if fault != "" {
		page.Fault, status = l.F("The file could not be checked: %s.", fault), http.StatusUnprocessableEntity
	}
	return s.pageAs(c, status, "check", page)
}
