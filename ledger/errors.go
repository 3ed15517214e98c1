package ledger

import (
	"fmt"
	"strings"
)

// Kind says what sort of failure an [Error] is; it alone decides the HTTP status.
type Kind int

// The kinds of failure, in the order in which a request meets them.
const (
	KindMalformed       Kind = iota + 1 // the request cannot be read
	KindUnauthenticated                 // nobody, or nobody known, asks
	KindForbidden                       // the actor's role does not allow it
	KindNotFound                        // no such record, or none that this actor may see
	KindConflict                        // it contradicts what the books already hold
	KindInvalid                         // it can be read and breaks a rule
	KindTooLarge                        // more bytes or rows than are taken at once
	KindUnavailable                     // the ledger cannot answer now; nothing was written
)

// Violation is one broken rule and the place in the request that broke it.
type Violation struct {
	Pointer string // RFC 6901 JSON pointer into the body ("/allocations/0/amount"), or "?limit" for a query parameter
	Rule    Rule
	Detail  string // one sentence for the person who sent the request
}

// Error is every failure that a caller can mend. Anything else is a fault of ours and is shown to nobody.
type Error struct {
	Kind       Kind
	Rule       Rule
	Detail     string
	Violations Violations
}

// Error lists the rule, the detail and each violation on one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Rule, e.Detail)
	for _, v := range e.Violations {
		fmt.Fprintf(&b, "; %s %s: %s", v.Pointer, v.Rule, v.Detail)
	}
	return b.String()
}

// Fail returns an Error of the rule's own kind with a detail.
func Fail(rule Rule, format string, args ...any) *Error {
	return &Error{Kind: rule.Doc().Kind, Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// Violations gathers every broken rule of one request, so that one answer names them all.
type Violations []Violation

// Add records that the value at pointer breaks a rule.
func (v *Violations) Add(pointer string, rule Rule, format string, args ...any) {
	*v = append(*v, Violation{Pointer: pointer, Rule: rule, Detail: fmt.Sprintf(format, args...)})
}

// Err returns nil when no rule is broken; otherwise an [Error] that lists every violation. One violation lends the
// error its own rule and kind; several make it [RuleInvalidRequest].
func (v Violations) Err() error {
	switch len(v) {
	case 0:
		return nil
	case 1:
		e := Fail(v[0].Rule, "%s", v[0].Detail)
		e.Violations = v
		return e
	default:
		e := Fail(RuleInvalidRequest, "%d values break a rule; each is listed in errors.", len(v))
		e.Violations = v
		return e
	}
}
