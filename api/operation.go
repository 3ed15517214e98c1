package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
	"vcledger/reports/render"
)

// operation describes one operation of the API, for the router, the checks and the documentation alike.
type operation struct {
	ID          string        // unique, in kebab case: "record-receipt"
	Method      string        // GET for a read or a list, POST for a write, unless given
	Path        string        // "/v1/receipts/{receipt}"
	Tag         string        // the group in the documentation
	Summary     string        // one line, without a full stop
	Description string        // paragraphs, with an empty line between them
	Roles       []ledger.Role // those of the table of access, unless given
	Open        bool          // nobody needs to say who asks
	Status      int           // of success: 201 for a write, 200 for a read, unless given
	Problems    []ledger.Rule // those of the operation itself; the general ones are added
	Guarded     bool          // it may have to wait for a second pair of eyes
	Edits       bool          // it changes what was read: the request carries its ETag as If-Match
	Upload      []string      // the media types of a body that is a file; none for JSON

	writes, pages bool
	formats       []render.Format // of a document; the other operations answer in JSON
	streams       string          // media type of a stream
}

// tags says what the groups of the documentation are about.
var tags = map[string]string{
	serviceTag:        "Whether the server runs and can answer. Nobody needs a key for it.",
	"access":          "Keys, and the audit trail of who did what.",
	"approvals":       "What waits for a second pair of eyes, and the policies that say what has to.",
	"bank accounts":   "Where the cash is.",
	"questions":       "What donors ask about a line of their account, and what the fund answers.",
	"bank statements": "What banks say happened on the accounts, what each line was for, and the bank held against the books.",
	"contributors":    "Who gives: States, development banks and others, with the codes and names that they have and had.",
	"deliveries":      "Goods and services in kind that were provided.",
	"exports":         "The books in formats of other programs and of open data. They are streamed and never cut: what breaks off breaks the connection.",
	"expenditures":    "What was spent of the contributions, what was charged on it, and the interest that they earned.",
	"funds":           "Self-balancing sets of books, their policies, and their reports.",
	"journal":         "The double entries behind every record, and what is read from them and from nothing else.",
	"periods":         "The closing of months and years, and what is looked at before.",
	"pledges":         "What contributors promise, in cash or in kind, from the announcement to the last payment.",
	"proof":           "The log that every record goes into, and the proofs by which anybody can check what was shown without trusting the ledger.",
	"rates":           "Rates of exchange to the US dollar.",
	"receipts":        "Cash that arrived, and what it was for.",
	"refunds":         "Cash that is given back.",
	"statements":      "Statements as they were issued: numbered, frozen, and superseded when something changed.",
}

// media returns the media types that the operation answers in.
func (op operation) media() []string {
	if op.streams != "" {
		return []string{op.streams}
	}
	if len(op.formats) == 0 {
		return []string{jsonType}
	}
	list := make([]string, len(op.formats))
	for i, f := range op.formats {
		list[i] = f.MediaType
	}
	return list
}

// write registers an operation that changes the books. In holds the parameters and a field Body; Out is the body of the
// answer, for the documentation: the answer itself is bytes that the store kept. fn runs only when every check of the
// request passed.
func write[In, Out any](s *Server, op operation, fn func(ctx context.Context, req Request, in *In) (Answer, error)) {
	op.writes = true
	ho := s.describe(op, http.MethodPost, http.StatusCreated, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*written, error) {
		c := callFrom(ctx)
		a, err := Answer{}, c.found.Err()
		if err == nil {
			a, err = fn(ctx, c.request, in)
		}
		c.leave()
		if err != nil {
			return nil, newProblem(c, err)
		}
		if a.Status == 0 {
			return nil, newProblem(c, fmt.Errorf("operation %s made an answer without a status", op.ID))
		}
		w := &written{Status: a.Status, Location: a.Location, ContentType: jsonType, Body: a.Body}
		if a.Replayed {
			w.Replayed = "true"
		}
		if c.request.DryRun {
			w.DryRun, w.Location = "true", ""
		}
		return w, nil
	})
}

// written is the answer of a write as huma sends it.
type written struct {
	Status      int
	Location    string `header:"Location" doc:"The path of the record."`
	Replayed    string `header:"Idempotency-Replayed" enum:"true" doc:"The request was carried out before; this is the answer that it got then."`
	DryRun      string `header:"Dry-Run" enum:"true" doc:"Nothing was kept."`
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// read registers an operation that shows one thing. In holds the parameters; Out is the body of the answer.
func read[In, Out any](s *Server, op operation, fn func(ctx context.Context, in *In) (Out, error)) {
	ho := s.describe(op, http.MethodGet, http.StatusOK, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*shown, error) {
		c := callFrom(ctx)
		err := c.found.Err()
		var out Out
		if err == nil {
			out, err = fn(ctx, in)
		}
		var answer *shown
		if err == nil {
			answer, err = show(c, out)
		}
		if err != nil {
			return nil, newProblem(c, err)
		}
		return answer, nil
	})
}

// shown is the answer of a read as huma sends it.
type shown struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag" doc:"A hash of the answer, for If-None-Match and, where something can be edited, for If-Match."`
	Link        string `header:"Link" doc:"Of a list: the address of the next page, with rel=next (RFC 8288)."`
	Body        []byte
}

// show encodes an answer, and leaves its body out when the caller has it already.
func show(c *call, out any) (*shown, error) {
	body, err := encode(out)
	if err != nil {
		return nil, err
	}
	answer := &shown{Status: http.StatusOK, ContentType: jsonType, ETag: etagOf(body), Body: body}
	if has(c.ifNoneMatch, answer.ETag) {
		answer.Status, answer.Body = http.StatusNotModified, nil
	}
	return answer, nil
}

// list registers an operation that shows many things by pages. In embeds [Paging] and holds the filters; Key is the sort
// key that goes into the cursor. fn returns at most w.Limit items that come after w.After, and the key of the last one when
// there are more.
func list[In, Item, Key any](s *Server, op operation, fn func(ctx context.Context, in *In, w Window[Key]) (items []Item, next *Key, err error)) {
	if _, ok := any(new(In)).(interface{ paging() Paging }); !ok {
		panic(fmt.Sprintf("api: operation %s: the input of a list embeds Paging", op.ID))
	}
	op.pages = true
	ho := s.describe(op, http.MethodGet, http.StatusOK, reflect.TypeFor[In](), reflect.TypeFor[Page[Item]]())
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*shown, error) {
		c := callFrom(ctx)
		page, link, err := listPage(ctx, c, in, fn)
		var answer *shown
		if err == nil {
			answer, err = show(c, page)
		}
		if err != nil {
			return nil, newProblem(c, err)
		}
		answer.Link = link
		return answer, nil
	})
}

func listPage[In, Item, Key any](ctx context.Context, c *call, in *In, fn func(context.Context, *In, Window[Key]) ([]Item, *Key, error)) (page Page[Item], link string, err error) {
	if err := c.found.Err(); err != nil {
		return page, "", err
	}
	w, err := window[Key](c, any(in).(interface{ paging() Paging }).paging().Limit)
	if err != nil {
		return page, "", err
	}
	items, next, err := fn(ctx, in, w)
	if err != nil {
		return page, "", err
	}
	return pageOf(c, items, next)
}

// describe turns an operation into huma's, and refuses at start-up an input that could not be bound or checked whole.
func (s *Server) describe(op operation, method string, status int, in, out reflect.Type) huma.Operation {
	if err := embedsExported(in); err != nil {
		panic(fmt.Sprintf("api: operation %s: %v", op.ID, err))
	}
	if op.Method == "" {
		op.Method = method
	}
	if op.Status == 0 {
		op.Status = status
	}
	if len(op.Roles) == 0 && !op.Open {
		roles, known := access[op.ID]
		if !known {
			panic(fmt.Sprintf("api: operation %s is not in the table of access", op.ID))
		}
		op.Roles = roles
	}
	_, hasBody := in.FieldByName("Body")
	ho := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Tags: []string{op.Tag}, Summary: op.Summary, Description: op.Description,
		DefaultStatus: op.Status, Responses: s.problems(op, hasBody),
		SkipValidateParams: true, SkipValidateBody: true, // guard did both
		MaxBodyBytes: -1, BodyReadTimeout: -1, // guard has read the body, within the limits of the server
		Middlewares: huma.Middlewares{s.guard(op, hasBody)},
		Security:    []map[string][]string{{}},
	}
	if !op.Open {
		ho.Security = []map[string][]string{{securityName: {}}}
		who := "every role"
		if len(op.Roles) > 0 {
			who = roleList(op.Roles)
		}
		ho.Description = strings.TrimSpace(ho.Description + "\n\nFor: " + who + ".")
		ho.Extensions = map[string]any{rolesExtension: op.Roles}
	}
	if len(op.Upload) > 0 {
		ho.RequestBody = &huma.RequestBody{Required: true, Description: "The file.", Content: map[string]*huma.MediaType{}}
		for _, media := range op.Upload {
			ho.RequestBody.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, ContentEncoding: "binary"}}
		}
	}
	if op.writes {
		ho.Parameters = []*huma.Param{keyParameter(), dryRunParameter()}
		if op.Edits {
			ho.Parameters = append(ho.Parameters, ifMatchParameter())
		}
		if slices.Contains(op.Problems, ledger.RulePeriodClosed) {
			ho.Parameters = append(ho.Parameters, lateParameter())
		}
	}
	ho.Responses[strconv.Itoa(op.Status)] = &huma.Response{Description: http.StatusText(op.Status), Content: map[string]*huma.MediaType{
		jsonType: {Schema: s.api.OpenAPI().Components.Schemas.Schema(out, true, pascal(op.ID)+"Answer")}}}
	if !op.writes {
		ho.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: "The caller has the answer already (If-None-Match)."}
	}
	if op.Guarded {
		ho.Responses[strconv.Itoa(http.StatusAccepted)] = &huma.Response{Description: "It waits for an approver who is not the requester; nothing is posted yet.",
			Content: map[string]*huma.MediaType{jsonType: {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Approval](), true, "Approval")}}}
	}
	if !slices.ContainsFunc(s.api.OpenAPI().Tags, func(t *huma.Tag) bool { return t.Name == op.Tag }) {
		s.api.OpenAPI().Tags = append(s.api.OpenAPI().Tags, &huma.Tag{Name: op.Tag, Description: tags[op.Tag]})
	}
	return ho
}

// problems documents what an operation may refuse a request for.
func (s *Server) problems(op operation, hasBody bool) map[string]*huma.Response {
	rules := []ledger.Rule{ledger.RuleInvalidRequest, ledger.RuleText, ledger.RuleUnknownParameter, ledger.RuleNotAcceptable, ledger.RuleInternal, ledger.RuleUnavailable}
	if !op.Open {
		rules = append(rules, ledger.RuleUnauthenticated, ledger.RuleTooManyRequests)
	}
	if len(op.Roles) > 0 {
		rules = append(rules, ledger.RuleForbidden)
	}
	if op.writes {
		rules = append(rules, ledger.RuleIdempotencyKeyMissing, ledger.RuleIdempotencyKeyReused, ledger.RuleIdempotencyKeyInFlight)
	}
	if op.Edits {
		rules = append(rules, ledger.RuleEditUnconditional, ledger.RuleEditStale)
	}
	if op.pages {
		rules = append(rules, ledger.RuleCursor)
	}
	if hasBody {
		rules = append(rules, ledger.RuleMalformedBody, ledger.RuleDuplicateField, ledger.RuleUnsupportedMediaType, ledger.RuleBodyTooLarge,
			ledger.RuleRequired, ledger.RuleUnknownField, ledger.RuleType)
	}
	if len(op.Upload) > 0 {
		rules = append(rules, ledger.RuleMalformedBody, ledger.RuleUnsupportedMediaType, ledger.RuleBodyTooLarge)
	}
	if op.Guarded {
		rules = append(rules, ledger.RuleApprovalPending)
	}
	responses := map[string]*huma.Response{}
	s.refuses(responses, append(rules, op.Problems...))
	return responses
}

// refuses adds to the answers of an operation the problems of rules that it holds.
func (s *Server) refuses(responses map[string]*huma.Response, rules []ledger.Rule) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	slices.Sort(rules)
	for _, rule := range slices.Compact(rules) {
		doc := rule.Doc()
		status := strconv.Itoa(statusOf(doc.Kind, rule))
		r := responses[status]
		if r == nil {
			r = &huma.Response{Content: map[string]*huma.MediaType{problemType: {Schema: schema, Examples: map[string]*huma.Example{}}}}
			responses[status] = r
		}
		if r.Content[problemType].Examples[string(rule)] != nil {
			continue
		}
		r.Description = strings.TrimPrefix(r.Description+". "+doc.Title, ". ")
		s.api.OpenAPI().Components.Examples[string(rule)] = &huma.Example{Summary: doc.Title, Value: exampleProblem(rule)}
		r.Content[problemType].Examples[string(rule)] = &huma.Example{Ref: "#/components/examples/" + string(rule)}
	}
}

// exampleProblem shows what a caller gets for breaking a rule.
func exampleProblem(rule ledger.Rule) *Problem {
	doc := rule.Doc()
	return &Problem{Type: problemPath + string(rule), Title: doc.Title, Status: statusOf(doc.Kind, rule), Detail: doc.Means,
		Instance: "urn:uuid:4b6e6d34-0b2f-4b6a-9d3e-6a1f1f0b7c55"}
}

// checkable refuses an operation whose input the checker could not check whole, and documents what it may find.
func (s *Server) checkable(oapi *huma.OpenAPI, op *huma.Operation) {
	k := checker{schemas: oapi.Components.Schemas}
	seen, rules := map[*huma.Schema]bool{}, map[ledger.Rule]bool{}
	for _, p := range op.Parameters {
		if err := k.whole(p.In+" "+p.Name, p.Schema, seen); err != nil {
			panic(fmt.Sprintf("api: operation %s: %v", op.OperationID, err))
		}
		if p.Name != keyHeader { // it has rules of its own
			rules[ledger.RuleRequired], rules[ledger.RuleTooMany] = true, true // empty, or there twice
			k.rules(p.Schema, rules, map[*huma.Schema]bool{})
		}
	}
	if op.RequestBody != nil && op.RequestBody.Content[jsonType] != nil {
		schema := op.RequestBody.Content[jsonType].Schema
		if err := k.whole("", schema, seen); err != nil {
			panic(fmt.Sprintf("api: operation %s: body %v", op.OperationID, err))
		}
		k.rules(schema, rules, map[*huma.Schema]bool{})
	}
	s.refuses(op.Responses, slices.Collect(maps.Keys(rules)))
}

// embedsExported refuses an input that embeds an unexported struct: huma would silently ignore what is in it.
func embedsExported(t reflect.Type) error { return embedsExportedIn(t, map[reflect.Type]bool{}) }

func embedsExportedIn(t reflect.Type, seen map[reflect.Type]bool) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t.PkgPath() != "" && !strings.HasPrefix(t.PkgPath(), "vcledger/") {
		return nil
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			return fmt.Errorf("%s embeds %s, which is not exported, so huma would ignore it", t, f.Type)
		}
		if err := embedsExportedIn(f.Type, seen); err != nil {
			return err
		}
	}
	return nil
}

// pascal turns an operation's identifier into the name of a schema.
func pascal(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// bind is how huma fills an operation's input from a body that guard has checked. A value of the wrong type was found
// there; encoding/json leaves it out and goes on, so that resolvers see the rest.
func bind(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("bind the body: %w", err)
	}
	return nil
}
