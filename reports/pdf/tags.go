package pdf

import (
	"fmt"
	"strings"
)

// element is an element of the structure of the document (ISO 32000-1, section 14.7): what a program reads out, in order.
type element struct {
	kind       string // a standard structure type: H1, P, TD
	attributes string // an attribute dictionary; empty for none
	alt        string // what a figure shows, in words
	parent     *element
	kids       []kid
	number     int // of its object
}

// kid is an element, or marked content of a page.
type kid struct {
	*element
	page *page
	mark int
}

// add adds an element at the end.
func (e *element) add(kind, attributes string) *element {
	child := &element{kind: kind, attributes: attributes, parent: e}
	e.kids = append(e.kids, kid{element: child})
	return child
}

// reserve gives an element and those below it their numbers.
func (e *element) reserve(o *objects) {
	e.number = o.reserve()
	for _, k := range e.kids {
		if k.element != nil {
			k.element.reserve(o)
		}
	}
}

// write writes an element and those below it; parent is the number of the object above.
func (e *element) write(o *objects, parent int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type /StructElem /S /%s /P %d 0 R", e.kind, parent)
	if e.attributes != "" {
		b.WriteString(" /A " + e.attributes)
	}
	if e.alt != "" {
		b.WriteString(" /Alt " + text(e.alt))
	}
	b.WriteString(" /K [")
	for _, k := range e.kids {
		if k.element != nil {
			fmt.Fprintf(&b, "%d 0 R ", k.number)
		} else {
			fmt.Fprintf(&b, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", k.page.number, k.mark)
		}
	}
	b.WriteString("]>>")
	o.object(e.number, "%s", b.String())
	for _, k := range e.kids {
		if k.element != nil {
			k.element.write(o, e.number)
		}
	}
}

// writeTree writes the root of the structure and returns its number. Its parent tree leads from the marks of each page to
// their elements.
func writeTree(o *objects, document *element, pages []*page) int {
	root := o.reserve()
	document.reserve(o)
	document.write(o, root)
	var parents strings.Builder
	for i, p := range pages {
		fmt.Fprintf(&parents, "%d [", i)
		for _, e := range p.marked {
			fmt.Fprintf(&parents, "%d 0 R ", e.number)
		}
		parents.WriteString("] ")
	}
	tree := o.add("<</Nums [%s]>>", parents.String())
	o.object(root, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", document.number, tree, len(pages))
	return root
}

// spanning is the attribute of a cell that stands across columns, and of a header its scope; either may be left out.
func spanning(columns int, scope string) string {
	var b strings.Builder
	b.WriteString("<</O /Table")
	if columns > 1 {
		fmt.Fprintf(&b, " /ColSpan %d", columns)
	}
	if scope != "" {
		b.WriteString(" /Scope /" + scope)
	}
	b.WriteString(">>")
	return b.String()
}
