package api

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/reports/language"
	"vcledger/reports/render"
)

// Formatted is embedded in the input of every document.
type Formatted struct {
	Format string `query:"format" enum:"json,csv,xlsx,pdf,html,text" doc:"Left out: the Accept header chooses."`
	Lang   string `query:"lang" enum:"ar,en,es,fr,ru,zh" doc:"Language of the headings and notes of what people read (not of JSON and CSV). Left out: the Accept-Language header chooses, or English."`
}

func (f Formatted) formatted() Formatted { return f }

// document registers an operation that makes a document in the formats of [render.Formats], unless it has its own. In embeds [Formatted]; Out is the
// document, whose JSON is in the documentation. The answer has a strong ETag: the same inputs make the same bytes.
func document[In, Out any](s *Server, op operation, fn func(ctx context.Context, in *In) (Out, error)) {
	if _, ok := any(new(In)).(interface{ formatted() Formatted }); !ok {
		panic(fmt.Sprintf("api: operation %s: the input of a document embeds Formatted", op.ID))
	}
	if op.formats == nil {
		op.formats = render.Formats
	}
	ho := s.describe(op, http.MethodGet, http.StatusOK, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	ok := ho.Responses[strconv.Itoa(http.StatusOK)]
	for _, f := range op.formats {
		if f.MediaType != jsonType {
			ok.Content[f.MediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
	}
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*rendered, error) {
		c := callFrom(ctx)
		err := c.found.Err()
		if err != nil {
			return nil, newProblem(c, err)
		}
		defer c.leave()
		doc, err := fn(ctx, in)
		if err != nil {
			return nil, newProblem(c, err)
		}
		out, err := c.render(any(in).(interface{ formatted() Formatted }).formatted(), op, doc)
		if err != nil {
			return nil, newProblem(c, err)
		}
		out.Link = c.link
		return out, nil
	})
}

// rendered is a document as huma sends it.
type rendered struct {
	ContentType        string `header:"Content-Type" hidden:"true"`
	ContentDisposition string `header:"Content-Disposition" doc:"A name to save the document by."`
	ContentLanguage    string `header:"Content-Language" hidden:"true"`
	Policy             string `header:"Content-Security-Policy" hidden:"true"`
	ETag               string `header:"ETag" doc:"A hash of the bytes, for If-None-Match."`
	Vary               string `header:"Vary" hidden:"true"`
	Link               string `header:"Link" doc:"Of an issued statement that is superseded: the one that took its place, with rel=successor-version (RFC 5829)."`
	Body               func(huma.Context)
}

// chooseFormat returns the format that was named, or the one that Accept likes best; of equals the first.
func chooseFormat(formats []render.Format, name string, accept []string) render.Format {
	best, weight := formats[0], 0.0
	for _, f := range formats {
		if f.Name == name {
			return f
		}
		if w := accepted(accept, f.MediaType); name == "" && w > weight {
			best, weight = f, w
		}
	}
	return best
}

// documentPolicy lets a document have the style that stands in it, and nothing else.
var documentPolicy = "default-src 'none'; style-src " + render.StyleSource + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// nameOf is a name to keep a document by, without an extension.
func nameOf(doc any) string {
	if c, ok := doc.(*LogCheckpoint); ok {
		return fmt.Sprintf("checkpoint-%d", c.Size)
	}
	return render.FileName(doc)
}

// render writes a document in the format and the language that the caller asked for.
func (c *call) render(asked Formatted, op operation, doc any) (*rendered, error) {
	f, l := chooseFormat(op.formats, asked.Format, c.accept), language.Language(asked.Lang)
	if l == "" {
		l = language.Accepted(c.acceptLanguage)
	}
	b := newSpool()
	if err := f.Write(b, doc, l); err != nil {
		b.drop()
		return nil, fmt.Errorf("render as %s: %w", f.Name, err)
	}
	etag, err := b.finish()
	if err != nil {
		b.drop()
		return nil, err
	}
	out := &rendered{ContentType: f.ContentType(), ContentDisposition: mime.FormatMediaType("inline", map[string]string{"filename": nameOf(doc) + "." + f.Extension}), Policy: documentPolicy,
		ETag: etag, Vary: "Accept, Accept-Language", Body: b.send}
	if f.Told {
		out.ContentLanguage = string(l)
	}
	if has(c.ifNoneMatch, out.ETag) {
		b.drop()
		out.Body = func(ctx huma.Context) { ctx.SetStatus(http.StatusNotModified) }
	}
	return out, nil
}
