package render

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"io/fs"
	"sort"
	"strings"

	"vcledger/reports/layout"
)

// typedZip is the archive of a workbook, with three things put right that excelize does. It marks the value beside every formula
// as a text: ours are all numbers, and a reader that does not compute would take a total for a text. It lists the types of
// its parts in another order each time: the same document gives the same bytes. And it writes the properties of the document
// without the prefix that some readers insist on, with a date on which nothing was made.
type typedZip struct {
	*zip.Writer
	properties properties
	part       *typedPart // not written yet
}

// properties are those of the document (ECMA-376 part 2, section 8.3).
type properties struct {
	XMLName  xml.Name `xml:"cp:coreProperties"`
	CP       string   `xml:"xmlns:cp,attr"`
	DC       string   `xml:"xmlns:dc,attr"`
	Title    string   `xml:"dc:title"`
	Subject  string   `xml:"dc:subject"`
	Creator  string   `xml:"dc:creator"`
	Language string   `xml:"dc:language"`
}

type typedPart struct {
	bytes.Buffer
	name string
}

func newTypedZip(w io.Writer, d *layout.Document) *typedZip {
	return &typedZip{Writer: zip.NewWriter(w), properties: properties{
		CP: "http://schemas.openxmlformats.org/package/2006/metadata/core-properties", DC: "http://purl.org/dc/elements/1.1/",
		Title: clean(d.Title), Subject: clean(d.Subject), Creator: "vcledger", Language: string(d.Language)}}
}

// Create begins a part of the workbook.
func (z *typedZip) Create(name string) (io.Writer, error) {
	if err := z.flush(); err != nil {
		return nil, err
	}
	z.part = &typedPart{name: name}
	return z.part, nil
}

// AddFS is refused: a workbook is made of parts.
func (z *typedZip) AddFS(fs.FS) error { return fs.ErrInvalid }

// Close ends the archive.
func (z *typedZip) Close() error {
	if err := z.flush(); err != nil {
		return err
	}
	return z.Writer.Close()
}

func (z *typedZip) flush() error {
	if z.part == nil {
		return nil
	}
	w, err := z.Writer.Create(z.part.name)
	if err != nil {
		return err
	}
	b := z.part.Bytes()
	switch {
	case strings.HasPrefix(z.part.name, "xl/worksheets/"):
		b = bytes.ReplaceAll(b, []byte(` t="str"><f>`), []byte(`><f>`))
	case z.part.name == "docProps/core.xml":
		if b, err = xml.Marshal(z.properties); err != nil {
			return err
		}
		b = append([]byte(xml.Header), b...)
	case z.part.name == "[Content_Types].xml":
		if b, err = sortedTypes(b); err != nil {
			return err
		}
	}
	z.part = nil
	_, err = w.Write(b)
	return err
}

// contentTypes is the list of a workbook's parts (ECMA-376 part 2, section 7.2.3).
type contentTypes struct {
	XMLName  xml.Name `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
	Defaults []struct {
		Extension   string `xml:",attr"`
		ContentType string `xml:",attr"`
	} `xml:"Default"`
	Overrides []struct {
		PartName    string `xml:",attr"`
		ContentType string `xml:",attr"`
	} `xml:"Override"`
}

func sortedTypes(b []byte) ([]byte, error) {
	var types contentTypes
	if err := xml.Unmarshal(b, &types); err != nil {
		return nil, err
	}
	sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	out, err := xml.Marshal(types)
	return append([]byte(xml.Header), out...), err
}
