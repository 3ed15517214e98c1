package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzParseJSON holds the strict reader against encoding/json: what it takes is JSON and means the same, and its canonical
// form is one.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{goodBody, `[1,-0.5e3,null,true,"\u0041\ud83d\ude00"]`, `{"a":1,"a":2}`, `{"a":{"b":[{}]}}`, `"\ud800"`, "\"\xff\"", `1 2`, `{"\\u0061":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := parseJSON(body)
		if err != nil {
			return
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			t.Fatalf("taken: %q", body)
		}
		if hasBadText(v) {
			return
		}
		one := canonical(nil, v)
		var want, got any
		for in, out := range map[*any][]byte{&want: body, &got: one} {
			dec := json.NewDecoder(bytes.NewReader(out))
			dec.UseNumber()
			if err := dec.Decode(in); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%q means another than %q", one, body)
		}
		again, err := parseJSON(one)
		if err != nil || !bytes.Equal(canonical(nil, again), one) {
			t.Fatalf("%q has two canonical forms (%v)", one, err)
		}
	})
}

func hasBadText(v any) bool {
	switch v := v.(type) {
	case badText:
		return true
	case []any:
		for _, item := range v {
			if hasBadText(item) {
				return true
			}
		}
	case object:
		for _, f := range v {
			if hasBadText(f.value) {
				return true
			}
		}
	}
	return false
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		` { "b" : 1.0 , "a" : [ true , null ] } `: `{"a":[true,null],"b":1.0}`,
		`"\u0041<\/"`:           `"A</"`,
		`{"é":"\u00e9","e":{}}`: `{"e":{},"é":"é"}`,
	} {
		v, err := parseJSON([]byte(in))
		if got := string(canonical(nil, v)); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", in, got, want, err)
		}
	}
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct {
		accept string
		want   float64
	}{{"", 1}, {"*/*", 1}, {"application/json", 1}, {"text/html", 0}, {"application/*;q=0.3, */*;q=0.9", 0.3}, {"APPLICATION/JSON; q=0.5", 0.5},
		{"application/json;q=0, */*", 0}, {"text/html;q=bad, application/json;version=1;q=0.2", 0.2}} {
		if got := accepted([]string{tt.accept}, jsonType); got != tt.want {
			t.Errorf("%s: %v want %v", tt.accept, got, tt.want)
		}
	}
}
