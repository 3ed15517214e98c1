package pdf_test

import (
	"fmt"
	"regexp"
	"strings"
)

// drawn is a line of words on a page, from left to right as it is seen.
type drawn struct {
	text      string
	x, y      float64 // where it begins, from the lower left corner
	end       float64 // where its last glyph ends
	mark      int     // the marked content that it belongs to; -1 for an artifact
	artifact  bool
	untracked bool // it belongs to neither
}

// sheet is a page as it is read.
type sheet struct {
	width, height float64
	lines         []drawn
	filled        []filled
	marks         map[int]string // the structure type that each mark is drawn as
}

// filled is a rectangle that is filled, from its lower left corner.
type filled struct {
	x, y, width, height float64
	mark                int
}

// typeface is a font: what its codes mean, and how wide they are.
type typeface struct {
	name   string
	means  map[int]string
	widths []any
	file   []byte
}

var mapping = regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]*)>$`)

func (f *file) typeface(v any) (typeface, error) {
	d := f.dict(v)
	below := f.dict(d["DescendantFonts"].([]any)[0])
	t := typeface{name: string(d["BaseFont"].(name)), means: map[int]string{}, widths: below["W"].([]any)[1].([]any)}
	for _, m := range mapping.FindAllStringSubmatch(string(f.objects[d["ToUnicode"].(ref)].stream), -1) {
		var code int
		var units []byte
		if _, err := fmt.Sscanf(m[1], "%X", &code); err != nil {
			return t, err
		}
		if _, err := fmt.Sscanf(m[2], "%X", &units); err != nil {
			return t, err
		}
		t.means[code] = utf16Text(units)
	}
	t.file = f.objects[f.dict(below["FontDescriptor"])["FontFile2"].(ref)].stream
	return t, nil
}

// pages reads what is drawn on each page.
func (f *file) pages() ([]sheet, error) {
	var sheets []sheet
	root := f.dict(f.trailer["Root"])
	for _, kid := range f.dict(root["Pages"])["Kids"].([]any) {
		p := f.dict(kid)
		box := p["MediaBox"].([]any)
		s := sheet{width: box[2].(float64), height: box[3].(float64), marks: map[int]string{}}
		fonts := map[name]typeface{}
		for n, v := range f.dict(f.dict(p["Resources"])["Font"]) {
			t, err := f.typeface(v)
			if err != nil {
				return nil, err
			}
			fonts[name(n)] = t
		}
		if err := s.draw(f.objects[p["Contents"].(ref)].stream, fonts); err != nil {
			return nil, fmt.Errorf("page %d: %w", len(sheets)+1, err)
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// scope is marked content that is open.
type scope struct {
	mark     int
	artifact bool
	actual   string // what its glyphs stand for together
	spans    bool
}

// draw runs the operators of a page.
func (s *sheet) draw(content []byte, fonts map[name]typeface) error {
	t := &tokens{b: content}
	var operands []any
	var open []scope
	var face typeface
	var size float64
	var line *drawn
	for t.space(); t.at < len(t.b); t.space() {
		v, err := t.value()
		if err != nil {
			return err
		}
		operator, ok := v.(string)
		if !ok {
			operands = append(operands, v)
			continue
		}
		switch operator {
		case "BDC":
			d, kind := operands[1].(dict), operands[0].(name)
			one := scope{mark: -1, artifact: kind == "Artifact", spans: kind == "Span"}
			if len(open) > 0 {
				one.mark, one.artifact = open[len(open)-1].mark, open[len(open)-1].artifact
			}
			if one.spans {
				one.actual = utf16Text(d["ActualText"])
				line.text += one.actual
			} else if m, marked := d["MCID"].(float64); marked {
				one.mark = int(m)
				s.marks[one.mark] = string(kind)
			}
			open = append(open, one)
		case "EMC":
			open = open[:len(open)-1]
		case "Tm":
			line = &drawn{x: operands[4].(float64), y: operands[5].(float64), mark: -1, untracked: true}
			if line.end = line.x; len(open) > 0 {
				line.mark, line.artifact, line.untracked = open[len(open)-1].mark, open[len(open)-1].artifact, false
			}
		case "Tf":
			face, size = fonts[operands[0].(name)], operands[1].(float64)
		case "TJ":
			if err := line.show(operands[0].([]any), face, size, len(open) > 0 && open[len(open)-1].spans); err != nil {
				return err
			}
		case "re":
			r := filled{operands[0].(float64), operands[1].(float64), operands[2].(float64), operands[3].(float64), -1}
			if len(open) > 0 {
				r.mark = open[len(open)-1].mark
			}
			s.filled = append(s.filled, r)
		case "ET":
			s.lines = append(s.lines, *line)
		}
		operands = nil
	}
	if len(open) > 0 {
		return fmt.Errorf("%d marked contents are not ended", len(open))
	}
	return nil
}

// show adds glyphs to a line. A glyph whose meaning is told beside it adds no text.
func (d *drawn) show(parts []any, t typeface, size float64, told bool) error {
	for _, p := range parts {
		if back, ok := p.(float64); ok {
			d.end -= back * size / 1000
			continue
		}
		codes := p.([]byte)
		for i := 0; i+1 < len(codes); i += 2 {
			code := int(codes[i])<<8 | int(codes[i+1])
			means, known := t.means[code]
			if !known || code >= len(t.widths) {
				return fmt.Errorf("the code %d of %s means nothing", code, t.name)
			}
			if !told {
				d.text += strings.ReplaceAll(means, "\u200b", "")
			}
			d.end += t.widths[code].(float64) * size / 1000
		}
	}
	return nil
}
