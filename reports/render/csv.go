package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"vcledger/reports"
)

// section is one table of a CSV file.
type section struct {
	name    string
	columns []string
	rows    [][]string
}

func (s *section) add(cells ...string) { s.rows = append(s.rows, cells) }

func writeSections(w io.Writer, sections []section) error {
	for i, s := range sections {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return fmt.Errorf("write CSV: %w", err)
			}
		}
		c := csv.NewWriter(w)
		rows := append([][]string{append([]string{"section"}, s.columns...)}, s.rows...)
		for j, row := range rows {
			if j > 0 {
				row = append([]string{s.name}, row...)
				for k := range row {
					row[k] = harmless(row[k])
				}
			}
			if err := c.Write(row); err != nil {
				return fmt.Errorf("write CSV: %w", err)
			}
		}
		if c.Flush(); c.Error() != nil {
			return fmt.Errorf("write CSV: %w", c.Error())
		}
	}
	return nil
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// harmless keeps a spreadsheet from running a text as a formula (CWE-1236). A real number stays one.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !number.MatchString(s) {
		return "'" + s
	}
	return s
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func idOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func moneyOf(m *reports.Money) string {
	if m == nil {
		return ""
	}
	return m.Fixed()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func rateCells(r *reports.Rate) []string {
	if r == nil {
		return []string{"", "", ""}
	}
	return []string{r.UnitsPerUSD.String(), r.Date.String(), string(r.Source)}
}

func valueCells(v reports.Value) []string { return []string{v.Money.Fixed(), v.USD.Fixed()} }

// usd returns the names of columns with "_usd" added.
func usd(columns []string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c + "_usd"
	}
	return out
}

var (
	cashColumns = []string{"opening", "announced", "agreed", "adjusted", "received", "written_off", "cancelled", "other", "closing"}
	kindColumns = []string{"opening", "offered", "declined", "adjusted", "delivered", "written_off", "cancelled", "other", "closing"}
	rateColumns = []string{"units_per_usd", "rate_date", "rate_source"}
	fundColumns = []string{"fund", "name", "kind", "recognition", "services", "illustrative"}
)

func cashOf(m reports.CashMovements) []reports.Money {
	return []reports.Money{m.Opening, m.Announced, m.Agreed, m.Adjusted, m.Received, m.WrittenOff, m.Cancelled, m.Other, m.Closing}
}

func kindOf(m reports.KindMovements) []reports.Money {
	return []reports.Money{m.Opening, m.Offered, m.Declined, m.Adjusted, m.Delivered, m.WrittenOff, m.Cancelled, m.Other, m.Closing}
}

func plain(amounts ...reports.Money) []string {
	cells := make([]string, len(amounts))
	for i, m := range amounts {
		cells[i] = m.Fixed()
	}
	return cells
}

// join puts the cells of several groups of columns into one row.
func join(groups ...[]string) []string {
	var row []string
	for _, g := range groups {
		row = append(row, g...)
	}
	return row
}

func fundSection(funds []reports.Fund) section {
	s := section{name: "funds", columns: fundColumns}
	for _, f := range funds {
		s.add(string(f.Code), f.Name, string(f.Kind), string(f.Recognition), string(f.Services), illustrative(f.Illustrative))
	}
	return s
}

// illustrativeLabel marks what is made up wherever it is shown.
const illustrativeLabel = "ILLUSTRATIVE"

func illustrative(b bool) string {
	if b {
		return illustrativeLabel
	}
	return ""
}

func noteSection(notes []string) section {
	s := section{name: "notes", columns: []string{"note"}}
	for _, n := range notes {
		s.add(n)
	}
	return s
}

func year(y int) string { return strconv.Itoa(y) }
