package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// format is one of the formats that a document is made in.
type format struct {
	name   string // of ?format=
	media  string
	render func(io.Writer, any) error
}

// Formatted is embedded in the input of every document.
type Formatted struct {
	Format string `query:"format" enum:"json,csv" doc:"Left out: the Accept header chooses."`
}

func (f Formatted) format() string { return f.Format }

// document registers an operation that makes a document in several formats. In embeds [Formatted]; Out is the document,
// whose JSON is in the documentation. The answer has a strong ETag: the same inputs make the same bytes.
func document[In, Out any](s *Server, op operation, formats []format, fn func(ctx context.Context, in *In) (Out, error)) {
	if _, ok := any(new(In)).(interface{ format() string }); !ok {
		panic(fmt.Sprintf("api: operation %s: the input of a document embeds Formatted", op.ID))
	}
	op.formats = formats
	ho := s.describe(op, http.MethodGet, http.StatusOK, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	ok := ho.Responses[strconv.Itoa(http.StatusOK)]
	for _, f := range formats[1:] {
		ok.Content[f.media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*rendered, error) {
		c := callFrom(ctx)
		err := c.found.Err()
		if err != nil {
			return nil, newProblem(c, err)
		}
		doc, err := fn(ctx, in)
		if err != nil {
			return nil, newProblem(c, err)
		}
		out, err := renderAs(chooseFormat(formats, any(in).(interface{ format() string }).format(), c.accept), doc, c.ifNoneMatch)
		if err != nil {
			return nil, newProblem(c, err)
		}
		out.Link = c.link
		return out, nil
	})
}

// rendered is a document as huma sends it.
type rendered struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag" doc:"A hash of the bytes, for If-None-Match."`
	Vary        string `header:"Vary" hidden:"true"`
	Link        string `header:"Link" doc:"Of an issued statement that is superseded: the one that took its place, with rel=successor-version (RFC 5829)."`
	Body        []byte
}

// chooseFormat returns the format that was named, or the one that Accept likes best; of equals the first.
func chooseFormat(formats []format, name string, accept []string) format {
	best, weight := formats[0], 0.0
	for _, f := range formats {
		if f.name == name {
			return f
		}
		if w := accepted(accept, f.media); name == "" && w > weight {
			best, weight = f, w
		}
	}
	return best
}

func renderAs(f format, doc any, ifNoneMatch []string) (*rendered, error) {
	var b bytes.Buffer
	if err := f.render(&b, doc); err != nil {
		return nil, fmt.Errorf("render as %s: %w", f.name, err)
	}
	out := &rendered{Status: http.StatusOK, ContentType: f.media, ETag: etagOf(b.Bytes()), Vary: "Accept", Body: b.Bytes()}
	if has(ifNoneMatch, out.ETag) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}
