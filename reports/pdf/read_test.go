package pdf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A small reader of the PDF that package pdf writes: no more of ISO 32000-1 than that. What it does not know it reports.

type (
	name string
	ref  int
	dict map[string]any
)

// object is a value of the file, and the bytes of its stream, inflated.
type object struct {
	value  any
	stream []byte
}

type file struct {
	objects []object // by number
	trailer dict
}

// tokens reads values from bytes.
type tokens struct {
	b  []byte
	at int
}

var (
	errSyntax = errors.New("not of our PDF")
	reference = regexp.MustCompile(`^(\d+) 0 R\b`)
	numeral   = regexp.MustCompile(`^-?\d+(\.\d+)?`)
	word      = regexp.MustCompile(`^[^\s<>\[\]()/]+`)
)

func (t *tokens) space() {
	for t.at < len(t.b) && strings.ContainsRune(" \n", rune(t.b[t.at])) {
		t.at++
	}
}

func (t *tokens) take(s string) bool {
	if t.space(); bytes.HasPrefix(t.b[t.at:], []byte(s)) {
		t.at += len(s)
		return true
	}
	return false
}

// until reads values up to a closing mark.
func (t *tokens) until(mark string) ([]any, error) {
	var list []any
	for !t.take(mark) {
		v, err := t.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// value reads a value; a word that is none, such as an operator, is a string.
func (t *tokens) value() (any, error) {
	switch {
	case t.take("<<"):
		list, err := t.until(">>")
		d := dict{}
		for i := 0; i+1 < len(list); i += 2 {
			key, ok := list[i].(name)
			if !ok {
				return nil, fmt.Errorf("%w: the key %v", errSyntax, list[i])
			}
			d[string(key)] = list[i+1]
		}
		return d, err
	case t.take("["):
		return t.until("]")
	case t.take("<"):
		end := bytes.IndexByte(t.b[t.at:], '>')
		if end < 0 {
			return nil, fmt.Errorf("%w: a string without an end", errSyntax)
		}
		s, err := hex.DecodeString(string(t.b[t.at : t.at+end]))
		t.at += end + 1
		return s, err
	case t.take("("):
		end := bytes.IndexByte(t.b[t.at:], ')')
		s := t.b[t.at : t.at+end]
		t.at += end + 1
		return s, nil
	case t.take("/"):
		w := word.Find(t.b[t.at:])
		t.at += len(w)
		return name(w), nil
	}
	rest := t.b[t.at:]
	if m := reference.FindSubmatch(rest); m != nil {
		t.at += len(m[0])
		n, err := strconv.Atoi(string(m[1]))
		return ref(n), err
	}
	if m := numeral.Find(rest); m != nil {
		t.at += len(m)
		return strconv.ParseFloat(string(m), 64)
	}
	w := word.Find(rest)
	if len(w) == 0 {
		return nil, fmt.Errorf("%w: %q", errSyntax, rest[:min(len(rest), 20)])
	}
	t.at += len(w)
	return string(w), nil
}

var entry = regexp.MustCompile(`^(\d{10}) (\d{5}) ([fn]) \n`)

// read reads a file by its table of objects: each must stand exactly where that says.
func read(b []byte) (*file, error) {
	at := bytes.LastIndex(b, []byte("startxref\n"))
	if !bytes.HasPrefix(b, []byte("%PDF-1.7\n")) || !bytes.HasSuffix(b, []byte("\n%%EOF\n")) || at < 0 {
		return nil, fmt.Errorf("%w: its head or its end", errSyntax)
	}
	var start, count int
	if _, err := fmt.Sscanf(string(b[at:]), "startxref\n%d", &start); err != nil {
		return nil, err
	}
	head := regexp.MustCompile(`^xref\n0 (\d+)\n`).FindSubmatch(b[start:])
	if head == nil {
		return nil, fmt.Errorf("%w: no table of objects at %d", errSyntax, start)
	}
	count, _ = strconv.Atoi(string(head[1]))
	table := b[start+len(head[0]):]
	f := &file{objects: make([]object, count)}
	for n := range count {
		m := entry.FindSubmatch(table[20*n:])
		if m == nil {
			return nil, fmt.Errorf("%w: the entry of object %d", errSyntax, n)
		}
		if n == 0 {
			continue
		}
		offset, _ := strconv.Atoi(string(m[1]))
		var err error
		if f.objects[n], err = readObject(b[offset:], n); err != nil {
			return nil, fmt.Errorf("object %d: %w", n, err)
		}
	}
	t := &tokens{b: table, at: 20 * count}
	if !t.take("trailer") {
		return nil, fmt.Errorf("%w: no trailer", errSyntax)
	}
	v, err := t.value()
	f.trailer, _ = v.(dict)
	return f, err
}

func readObject(b []byte, number int) (object, error) {
	t := &tokens{b: b}
	if !t.take(fmt.Sprintf("%d 0 obj\n", number)) {
		return object{}, fmt.Errorf("%w: it begins with %q", errSyntax, b[:min(20, len(b))])
	}
	v, err := t.value()
	o := object{value: v}
	if err != nil || !t.take("stream\n") {
		return o, err
	}
	d := v.(dict)
	data := b[t.at : t.at+int(d["Length"].(float64))]
	if !bytes.HasPrefix(b[t.at+len(data):], []byte("\nendstream\nendobj\n")) {
		return o, fmt.Errorf("%w: the length of its stream", errSyntax)
	}
	if o.stream = data; d["Filter"] == name("FlateDecode") {
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return o, err
		}
		o.stream, err = io.ReadAll(r)
		return o, err
	}
	return o, nil
}

// dict is the dictionary that a value is or leads to.
func (f *file) dict(v any) dict {
	if r, ok := v.(ref); ok {
		v = f.objects[r].value
	}
	d, _ := v.(dict)
	return d
}

// utf16Text is a text string.
func utf16Text(v any) string {
	b, _ := v.([]byte)
	b = bytes.TrimPrefix(b, []byte{0xfe, 0xff})
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(utf16.Decode(units))
}
