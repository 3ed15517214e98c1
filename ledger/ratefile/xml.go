package ratefile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"vcledger/ledger"
)

// The elements that hold rates.
const (
	unRoot   = "UN_OPERATIONAL_RATES_DATASET"
	unRate   = "UN_OPERATIONAL_RATES"
	ecbRoot  = "Envelope"
	ecbCube  = "Cube"
	maxDepth = 32
)

// readXML reads either XML form, element by element. What cannot be parsed is a fault of the line where it stands.
func (b *builder) readXML(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = charset.NewReaderLabel
	p := &xmlReader{builder: b, decoder: d}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if p.depth > 0 || p.root == "" {
				b.fault(p.line(), ledger.RuleRegisterRow, "The file ends in the middle.")
			}
			break
		}
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			b.fault(syntax.Line, ledger.RuleRegisterRow, "The file is not XML: %s.", syntax.Msg)
			return nil
		}
		if err != nil {
			b.fault(p.line(), ledger.RuleRegisterRow, "The file is not XML that can be read.")
			return nil
		}
		if stop := p.token(token); stop {
			return nil
		}
	}
	p.endDay()
	return nil
}

// xmlReader follows the elements of a file.
type xmlReader struct {
	*builder
	decoder *xml.Decoder
	root    string
	depth   int
	field   string            // the element of a United Nations rate that is open
	record  map[string]string // of the United Nations rate that is open
	today   day               // of the European Central Bank
}

func (p *xmlReader) line() int {
	line, _ := p.decoder.InputPos()
	return line
}

func (p *xmlReader) token(token xml.Token) (stop bool) {
	switch t := token.(type) {
	case xml.Directive:
		p.fault(p.line(), ledger.RuleRegisterRow, "The file has a document type declaration, which is not taken.")
		return true
	case xml.StartElement:
		p.depth++
		if p.depth > maxDepth {
			p.fault(p.line(), ledger.RuleRegisterRow, "The file's elements are nested too deep.")
			return true
		}
		return p.start(t)
	case xml.EndElement:
		p.depth--
		if p.root == unRoot && t.Name.Local == unRate {
			p.endRate()
		}
		p.field = ""
	case xml.CharData:
		if p.record != nil && p.field != "" && len(p.record[p.field]) < maxCell {
			p.record[p.field] += string(t)
		}
	}
	return false
}

func (p *xmlReader) start(t xml.StartElement) (stop bool) {
	name := t.Name.Local
	if p.root == "" {
		p.root = name
		switch name {
		case unRoot:
			p.table.Source = ledger.SourceUN
		case ecbRoot:
			p.table.Source = ledger.SourceECB
		default:
			p.fault(p.line(), ledger.RuleRegisterRow, "The file begins with %q: it is neither of the United Nations nor of the European Central Bank.", clip(name))
			return true
		}
		return false
	}
	switch {
	case p.root == unRoot && name == unRate:
		p.record = map[string]string{}
	case p.root == unRoot:
		p.field = name
	case name == ecbCube:
		p.cube(t)
	}
	return false
}

// endRate adds the United Nations rate that ends. An element of the inline schema has the same name and no fields.
func (p *xmlReader) endRate() {
	r := p.record
	p.record = nil
	code, date, rate := strings.TrimSpace(r["f_curr_code"]), strings.TrimSpace(r["eff_date"]), r["rate"]
	if code == "" && date == "" && rate == "" {
		return
	}
	units, ok := p.number(p.line(), rate)
	if !ok {
		return
	}
	if on, ok := p.unDate(p.line(), date); ok {
		p.add(p.line(), code, on, units)
	}
}

// unDate reads a date as the United Nations write it, "01 Oct 2026", or an ISO date.
func (b *builder) unDate(line int, text string) (ledger.Date, bool) {
	if t, err := time.Parse("02 Jan 2006", text); err == nil {
		return b.date(line, t.Format(time.DateOnly))
	}
	return b.date(line, text)
}

func (p *xmlReader) cube(t xml.StartElement) {
	attribute := map[string]string{}
	for _, a := range t.Attr {
		attribute[a.Name.Local] = a.Value
	}
	if date, ok := attribute["time"]; ok {
		p.endDay()
		if on, ok := p.date(p.line(), date); ok {
			p.today = day{line: p.line(), date: on}
		}
	}
	code, rate := attribute["currency"], attribute["rate"]
	if code == "" || p.today.date.IsZero() {
		return
	}
	if units, ok := p.number(p.line(), rate); ok {
		p.today.codes, p.today.units = append(p.today.codes, code), append(p.today.units, units)
	}
}

func (p *xmlReader) endDay() {
	p.cross(p.today)
	p.today = day{}
}
