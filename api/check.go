package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"vcledger/ledger"
)

// checker compares values with the schemas that OpenAPI shows and gathers every fault.
type checker struct {
	schemas huma.Registry
	found   ledger.Violations
}

// The formats of text that the checker knows, beside those of objects, moneyFormat and moneyOrZeroFormat.
const (
	formatAmount   = "amount"
	formatCurrency = "currency"
	formatDate     = "date"
	formatInstant  = "date-time"
	formatUUID     = "uuid"
)

// value checks one value that is there. required says that empty text will not do.
func (k *checker) value(at string, s *huma.Schema, v any, required bool) {
	format := s.Format // beside a reference it belongs to the field and not to the type
	for s.Ref != "" {
		s = k.schemas.SchemaFromRef(s.Ref)
	}
	if format == "" {
		format = s.Format
	}
	switch s.Type {
	case huma.TypeObject:
		if o, ok := v.(object); ok {
			k.object(at, s, o, format)
			return
		}
		k.wrongType(at, "an object", v)
	case huma.TypeArray:
		if list, ok := v.([]any); ok {
			k.list(at, s, list)
			return
		}
		k.wrongType(at, "a list", v)
	case huma.TypeString:
		switch t := v.(type) {
		case string:
			k.text(at, s, t, format, required)
		case badText:
			k.found.Add(at, ledger.RuleText, "The text has half of a surrogate pair, which is no character.")
		default:
			k.wrongType(at, "text (a JSON string)", v)
		}
	case huma.TypeInteger:
		if n, ok := v.(json.Number); ok {
			k.integer(at, s, n)
			return
		}
		k.wrongType(at, "a whole number", v)
	case huma.TypeBoolean:
		if _, ok := v.(bool); !ok {
			k.wrongType(at, "true or false", v)
		}
	}
}

func (k *checker) wrongType(at, wanted string, v any) {
	k.found.Add(at, ledger.RuleType, "This must be %s, not %s.", wanted, typeName(v))
}

// typeName tells a person what a JSON value is.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	case object:
		return "an object"
	default:
		return "text"
	}
}

// object checks the fields in the order in which they were written, then tells which are missing. null stands for a field
// that is left out.
func (k *checker) object(at string, s *huma.Schema, o object, format string) {
	before := len(k.found)
	for _, f := range o {
		here := at + pointerTo(f.name)
		property, ok := s.Properties[f.name]
		if !ok {
			if property, ok = s.AdditionalProperties.(*huma.Schema); !ok {
				k.unknown(here, s, f.name)
				continue
			}
		}
		switch {
		case f.value != nil:
			k.value(here, property, f.value, slices.Contains(s.Required, f.name))
		case slices.Contains(s.Required, f.name):
			k.found.Add(here, ledger.RuleRequired, "The field must have a value.")
		}
	}
	for _, name := range s.Required {
		if _, ok := o.get(name); !ok {
			k.found.Add(at+pointerTo(name), ledger.RuleRequired, "The field is missing.")
		}
	}
	if len(k.found) == before && (format == moneyFormat || format == moneyOrZeroFormat) {
		amount, _ := o.get("amount")
		currency, _ := o.get("currency")
		k.money(at, fmt.Sprint(amount), ledger.Currency(fmt.Sprint(currency)), format == moneyOrZeroFormat)
	}
}

func (k *checker) unknown(at string, s *huma.Schema, name string) {
	for known := range s.Properties {
		if strings.EqualFold(known, name) {
			k.found.Add(at, ledger.RuleUnknownField, "There is no such field; the field %s is written so.", known)
			return
		}
	}
	k.found.Add(at, ledger.RuleUnknownField, "There is no such field.")
}

func (k *checker) list(at string, s *huma.Schema, list []any) {
	if s.MaxItems != nil && len(list) > *s.MaxItems {
		k.found.Add(at, ledger.RuleTooMany, "The list may have %d items; it has %d.", *s.MaxItems, len(list))
		return
	}
	if s.MinItems != nil && len(list) < *s.MinItems {
		k.found.Add(at, ledger.RuleRequired, "The list must have at least %d items; it has %d.", *s.MinItems, len(list))
	}
	for i, item := range list {
		k.value(at+"/"+strconv.Itoa(i), s.Items, item, true)
	}
}

func (k *checker) integer(at string, s *huma.Schema, n json.Number) {
	if strings.ContainsAny(n.String(), ".eE") {
		k.found.Add(at, ledger.RuleType, "This must be a whole number, without point or exponent.")
		return
	}
	i, err := n.Int64()
	low, high := s.Minimum != nil && float64(i) < *s.Minimum, s.Maximum != nil && float64(i) > *s.Maximum
	if err == nil && !low && !high {
		k.oneOf(at, s, i)
		return
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		k.found.Add(at, ledger.RuleOutOfRange, "The number must be from %.0f to %.0f.", *s.Minimum, *s.Maximum)
	case low:
		k.found.Add(at, ledger.RuleOutOfRange, "The number must be at least %.0f.", *s.Minimum)
	case high:
		k.found.Add(at, ledger.RuleOutOfRange, "The number must be at most %.0f.", *s.Maximum)
	default:
		k.found.Add(at, ledger.RuleOutOfRange, "The number is too large to be counted with.")
	}
}

// oneOf checks a value against the words or numbers that the schema lists.
func (k *checker) oneOf(at string, s *huma.Schema, v any) {
	if len(s.Enum) == 0 {
		return
	}
	words := make([]string, len(s.Enum))
	for i, e := range s.Enum {
		words[i] = fmt.Sprint(e)
		if words[i] == fmt.Sprint(v) {
			return
		}
	}
	k.found.Add(at, ledger.RuleNotOneOf, "This must be one of: %s.", strings.Join(words, ", "))
}

// patterns keeps the schemas' patterns compiled; there are as many as the program has.
var patterns sync.Map

func matches(pattern, text string) bool {
	re, ok := patterns.Load(pattern)
	if !ok {
		re, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return re.(*regexp.Regexp).MatchString(text)
}

func (k *checker) text(at string, s *huma.Schema, text, format string, required bool) {
	length := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text):
		k.found.Add(at, ledger.RuleText, "The text is not UTF-8.")
	case strings.ContainsFunc(text, unicode.IsControl):
		k.found.Add(at, ledger.RuleText, "The text has a control character; tabs and line breaks are such, too.")
	case required && strings.TrimSpace(text) == "":
		k.found.Add(at, ledger.RuleRequired, "The value must not be empty.")
	case strings.TrimSpace(text) != text:
		k.found.Add(at, ledger.RuleText, "The text begins or ends with a space.")
	case s.MaxLength != nil && length > *s.MaxLength:
		k.found.Add(at, ledger.RuleTooLong, "The text may have %d characters; it has %d.", *s.MaxLength, length)
	case s.MinLength != nil && length < *s.MinLength:
		k.found.Add(at, ledger.RuleText, "The text must have at least %d characters; it has %d.", *s.MinLength, length)
	case s.Pattern != "" && !matches(s.Pattern, text):
		wanted := s.PatternDescription
		if wanted == "" {
			wanted = "as the pattern " + s.Pattern + " says"
		}
		k.found.Add(at, ledger.RuleText, "The text must be %s.", wanted)
	default:
		k.format(at, format, text)
		k.oneOf(at, s, text)
	}
}

func (k *checker) format(at, format, text string) {
	switch format {
	case formatDate:
		if _, err := ledger.ParseDate(text); err != nil {
			k.found.Add(at, ledger.RuleDate, "%s.", sentence(err))
		}
	case formatInstant:
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			k.found.Add(at, ledger.RuleDate, "An instant is written as 2026-03-01T15:04:05Z (RFC 3339).")
		}
	case formatUUID:
		if _, err := uuid.Parse(text); err != nil || len(text) != 36 {
			k.found.Add(at, ledger.RuleText, "An identifier is a UUID: 32 hexadecimal digits in five groups.")
		}
	case formatCurrency:
		if !ledger.Currency(text).Known() {
			k.currency(at, text)
		}
	}
}

func (k *checker) currency(at, text string) {
	if upper := strings.ToUpper(text); ledger.Currency(upper).Known() {
		k.found.Add(at, ledger.RuleCurrencyUnknown, "Currencies are written in capitals: %s.", upper)
		return
	}
	k.found.Add(at, ledger.RuleCurrencyUnknown, "This is no currency of ISO 4217 that the ledger knows.")
}

// money checks an amount in its currency, whose form is right.
func (k *checker) money(at, amount string, c ledger.Currency, zero bool) {
	at += "/amount"
	d, err := ledger.ParseAmount(strings.TrimPrefix(amount, "-"), c)
	switch {
	case errors.Is(err, ledger.ErrAmountScale):
		k.found.Add(at, ledger.RuleAmountScale, "%s has %d decimals; the amount has more.", c, c.MinorUnits())
	case errors.Is(err, ledger.ErrAmountSize):
		k.found.Add(at, ledger.RuleAmountTooLarge, "%s.", sentence(err))
	case err != nil:
		k.found.Add(at, ledger.RuleAmount, "%s.", sentence(err))
	case strings.HasPrefix(amount, "-"):
		k.found.Add(at, ledger.RuleAmountNotPositive, "The amount is negative; a correction is a reversal.")
	case d.IsZero() && !zero:
		k.found.Add(at, ledger.RuleAmountNotPositive, "The amount must be more than zero.")
	}
}

// sentence begins an error's text with a capital.
func sentence(err error) string {
	text := err.Error()
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

// parameters checks the parameters of an operation: each that it takes, and that there are no others.
func (k *checker) parameters(params []*huma.Param, query url.Values, path func(string) string, header func(string) []string) {
	known := map[string]bool{}
	for _, p := range params {
		var (
			at     string
			values []string
		)
		switch p.In {
		case "query":
			known[p.Name] = true
			at, values = "?"+p.Name, query[p.Name]
		case "path":
			at, values = "path:"+p.Name, []string{path(p.Name)}
		case "header":
			at, values = "header:"+p.Name, header(p.Name)
		}
		k.parameter(at, p, values)
	}
	for _, name := range sortedKeys(query) {
		if !known[name] {
			k.found.Add("?"+strings.TrimPrefix(pointerTo(name), "/"), ledger.RuleUnknownParameter, "The operation takes no such parameter.")
		}
	}
}

func (k *checker) parameter(at string, p *huma.Param, values []string) {
	if len(values) == 0 {
		if p.Required {
			k.found.Add(at, ledger.RuleRequired, "The parameter is missing.")
		}
		return
	}
	isList := p.Schema.Type == huma.TypeArray
	if len(values) > 1 && (!isList || p.Explode == nil || !*p.Explode) {
		k.found.Add(at, ledger.RuleTooMany, "The parameter stands %d times; it may stand once.", len(values))
		return
	}
	if values[0] == "" {
		k.found.Add(at, ledger.RuleRequired, "The parameter is empty; leave it out or give it a value.")
		return
	}
	if !isList {
		k.value(at, p.Schema, typed(p.Schema, values[0]), true)
		return
	}
	if p.Explode == nil || !*p.Explode {
		values = strings.Split(values[0], ",")
	}
	list := &checker{schemas: k.schemas}
	items := make([]any, len(values))
	for i, v := range values {
		items[i] = typed(p.Schema.Items, v)
	}
	list.value("", p.Schema, items, true)
	for _, v := range list.found { // a parameter has no places inside it
		k.found = append(k.found, ledger.Violation{Pointer: at, Rule: v.Rule, Detail: v.Detail})
	}
}

// integerForm is a whole number as JSON writes it.
var integerForm = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,30})$`)

// typed gives the text of a parameter the type that its schema asks for, where it has that form.
func typed(s *huma.Schema, text string) any {
	switch {
	case s.Type == huma.TypeInteger && integerForm.MatchString(text):
		return json.Number(text)
	case s.Type == huma.TypeBoolean && (text == "true" || text == "false"):
		return text == "true"
	default:
		return text
	}
}

// whole reports why a schema of input could not be checked whole: it uses a word that the checker does not know, or takes
// text of any length.
func (k *checker) whole(at string, s *huma.Schema, seen map[*huma.Schema]bool) error {
	format := s.Format
	for s.Ref != "" {
		s = k.schemas.SchemaFromRef(s.Ref)
	}
	if seen[s] {
		return nil
	}
	seen[s] = true
	if format == "" {
		format = s.Format
	}
	if s.OneOf != nil || s.AnyOf != nil || s.AllOf != nil || s.Not != nil || s.UniqueItems || len(s.DependentRequired) > 0 ||
		s.MultipleOf != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil || s.MinProperties != nil || s.MaxProperties != nil {
		return fmt.Errorf("%s: the schema uses a word that package api does not check", at)
	}
	switch s.Type {
	case huma.TypeObject:
		for _, name := range sortedKeys(s.Properties) {
			if err := k.whole(at+pointerTo(name), s.Properties[name], seen); err != nil {
				return err
			}
		}
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			return k.whole(at+"/*", values, seen)
		}
		if s.AdditionalProperties != false {
			return fmt.Errorf("%s: the schema takes unknown fields", at)
		}
	case huma.TypeArray:
		if s.MaxItems == nil {
			return fmt.Errorf("%s: the list needs maxItems", at)
		}
		return k.whole(at+"/0", s.Items, seen)
	case huma.TypeString:
		switch format {
		case formatAmount, formatCurrency, formatDate, formatInstant, formatUUID:
		case "":
			if s.MaxLength == nil && s.Enum == nil {
				return fmt.Errorf("%s: the text needs maxLength, enum or a format", at)
			}
		default:
			return fmt.Errorf("%s: package api does not check the format %s", at, format)
		}
	case huma.TypeInteger, huma.TypeBoolean:
	default:
		return fmt.Errorf("%s: values of the type %q are not taken; an amount is text", at, s.Type)
	}
	return nil
}

// rules adds the rules that a value of a schema may break.
func (k *checker) rules(s *huma.Schema, into map[ledger.Rule]bool, seen map[*huma.Schema]bool) {
	format := s.Format
	for s.Ref != "" {
		s = k.schemas.SchemaFromRef(s.Ref)
	}
	if seen[s] {
		return
	}
	seen[s] = true
	if format == "" {
		format = s.Format
	}
	add := func(rules ...ledger.Rule) {
		for _, rule := range rules {
			into[rule] = true
		}
	}
	if len(s.Enum) > 0 {
		add(ledger.RuleNotOneOf)
	}
	switch s.Type {
	case huma.TypeObject:
		for name, property := range s.Properties {
			k.rules(property, into, seen)
			if name == "usd_amount" { // it may be in another currency, or contradict an amount that is in USD itself
				add(ledger.RuleCurrencyMismatch, ledger.RuleUSDMismatch)
			}
		}
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			k.rules(values, into, seen)
		}
		if format == moneyFormat || format == moneyOrZeroFormat {
			add(ledger.RuleAmountScale, ledger.RuleAmountTooLarge, ledger.RuleAmount, ledger.RuleAmountNotPositive)
		}
	case huma.TypeArray:
		add(ledger.RuleTooMany)
		k.rules(s.Items, into, seen)
	case huma.TypeString:
		add(ledger.RuleText)
		switch format {
		case formatDate, formatInstant:
			add(ledger.RuleDate)
		case formatCurrency:
			add(ledger.RuleCurrencyUnknown)
		}
		if s.MaxLength != nil {
			add(ledger.RuleTooLong)
		}
	case huma.TypeInteger:
		add(ledger.RuleOutOfRange, ledger.RuleType)
	case huma.TypeBoolean:
		add(ledger.RuleType)
	}
}
