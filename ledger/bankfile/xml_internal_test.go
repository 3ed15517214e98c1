package bankfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// ours returns the tags and texts of a file by the scanner, and whether it was taken.
func ours(r io.Reader) (string, error) {
	var out strings.Builder
	s := newScanner(r)
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t.kind {
		case start:
			out.WriteString("<" + t.name)
			for _, a := range t.attrs {
				out.WriteString(" " + local(a.name) + "=" + a.value)
			}
			out.WriteString(">")
		case end:
			out.WriteString("</" + t.name + ">")
		case text:
			out.Write(t.text)
		}
	}
}

// theirs does the same by encoding/xml.
func theirs(file string) (string, error) {
	var out strings.Builder
	var open []xml.Name
	rooted := false
	d := xml.NewDecoder(strings.NewReader(file))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) && rooted && len(open) == 0 {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if (len(open) == 0 && rooted) || len(open) == maxDepth {
				return "", errors.New("a second root, or too deep")
			}
			rooted = true
			open = append(open, t.Name)
			out.WriteString("<" + t.Name.Local)
			for _, a := range t.Attr {
				out.WriteString(" " + a.Name.Local + "=" + a.Value)
			}
			out.WriteString(">")
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name {
				return "", errors.New("crossed")
			}
			open = open[:len(open)-1]
			out.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if len(open) > 0 {
				out.Write(t)
			} else if strings.Trim(string(t), " \t\r\n") != "" {
				return "", errors.New("text outside")
			}
		case xml.Directive:
			return "", errors.New("directive")
		}
	}
}

// FuzzScanner holds that what the scanner takes encoding/xml takes too, as the same tags and texts, however the bytes come.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		`<a/>`, `<?xml version="1.0" encoding="UTF-8"?><!-- c --><a b="1" c='&lt;&#65;'>x &amp; y<![CDATA[<z>]]></a>` + "\n", `<n:a xmlns:n="u"><n:b/></n:a>`,
		`<a><b></a></b>`, `<a>]]></a>`, `<!DOCTYPE a><a/>`, `<a b=c/>`, `<a>&x;</a>`, `<a b="<"/>`, `<!----><a/>`, `<a><!-- -- --></a>`, "<a>\r\n\x00</a>", `<a b="1"c="2"/>`, `< a/>`, `<a:/>`, `<a`, `</a>`, `<a>é€</a>`, `<é/>`, `<??><a/>`, `<?xml version="2.0"?><a/>`, "<\u064cf/>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		got, err := ours(strings.NewReader(file))
		byByte, errByByte := ours(iotest.OneByteReader(strings.NewReader(file)))
		if got != byByte || (err == nil) != (errByByte == nil) {
			t.Fatalf("at once %q %v, byte by byte %q %v", got, err, byByte, errByByte)
		}
		if err != nil {
			return
		}
		want, err := theirs(file)
		if err != nil {
			t.Fatalf("taken, but encoding/xml says: %v", err)
		}
		// encoding/xml makes one end of a line of two characters; here oneLine does that with the text.
		if unix := strings.NewReplacer("\r\n", "\n", "\r", "\n"); unix.Replace(got) != unix.Replace(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
