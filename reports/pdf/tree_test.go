package pdf_test

import (
	"fmt"
	"strings"
)

// node is an element of the structure.
type node struct {
	kind  string
	alt   string
	text  string // of its own marked content, the lines of it parted by |
	pages map[int]bool
	kids  []*node
}

// structure reads the tree of the structure with the texts of the pages. It reports a mark that is in no element or in two, one
// that the parent tree leads to another element, and an element whose parent is another.
func (f *file) structure(sheets []sheet) (*node, error) {
	root := f.dict(f.trailer["Root"])
	tree := f.dict(root["StructTreeRoot"])
	numbers := map[ref]int{}
	for i, kid := range f.dict(root["Pages"])["Kids"].([]any) {
		numbers[kid.(ref)] = i
	}
	parents := map[[2]int]ref{}
	nums := f.dict(tree["ParentTree"])["Nums"].([]any)
	for i := 0; i < len(nums); i += 2 {
		for mark, e := range nums[i+1].([]any) {
			parents[[2]int{int(nums[i].(float64)), mark}] = e.(ref)
		}
	}
	texts := map[[2]int][]string{}
	for i, s := range sheets {
		for _, l := range s.lines {
			texts[[2]int{i, l.mark}] = append(texts[[2]int{i, l.mark}], l.text)
		}
	}
	seen := map[[2]int]bool{}
	var walk func(r, parent ref) (*node, error)
	walk = func(r, parent ref) (*node, error) {
		d := f.dict(r)
		n := &node{kind: string(d["S"].(name)), alt: utf16Text(d["Alt"]), pages: map[int]bool{}}
		if d["P"] != parent {
			return n, fmt.Errorf("the parent of %s %d is %v, not %d", n.kind, r, d["P"], parent)
		}
		var told []string
		for _, kid := range d["K"].([]any) {
			if below, ok := kid.(ref); ok {
				child, err := walk(below, r)
				if err != nil {
					return n, err
				}
				n.kids = append(n.kids, child)
				continue
			}
			marked := f.dict(kid)
			at := [2]int{numbers[marked["Pg"].(ref)], int(marked["MCID"].(float64))}
			if seen[at] || parents[at] != r || sheets[at[0]].marks[at[1]] != n.kind {
				return n, fmt.Errorf("mark %d of page %d: in two elements, or its parent is %d and not the %s %d, or it is drawn as %s", at[1], at[0]+1, parents[at], n.kind, r, sheets[at[0]].marks[at[1]])
			}
			seen[at], n.pages[at[0]] = true, true
			told = append(told, texts[at]...)
		}
		n.text = strings.Join(told, "|")
		return n, nil
	}
	document, err := walk(tree["K"].(ref), root["StructTreeRoot"].(ref))
	if err != nil {
		return nil, err
	}
	for i, s := range sheets {
		for mark := range s.marks {
			if !seen[[2]int{i, mark}] {
				return nil, fmt.Errorf("mark %d of page %d is in no element", mark, i+1)
			}
		}
		for _, l := range s.lines {
			if l.untracked {
				return nil, fmt.Errorf("page %d: %q is neither in the structure nor an artifact", i+1, l.text)
			}
		}
	}
	return document, nil
}

// all calls fn with a node and those below it.
func (n *node) all(fn func(*node)) {
	fn(n)
	for _, k := range n.kids {
		k.all(fn)
	}
}

// told writes the structure as it is read out: an element a line, a row of a table on one.
func (n *node) told(b *strings.Builder, indent string) {
	if n.kind == "TR" {
		cells := make([]string, len(n.kids))
		for i, k := range n.kids {
			cells[i] = strings.TrimSpace(k.kind + " " + k.text)
		}
		b.WriteString(indent + "TR " + strings.Join(cells, " ¦ ") + "\n")
		return
	}
	line := strings.TrimRight(indent+n.kind+" "+n.text, " ")
	if n.alt != "" {
		line += " (" + n.alt + ")"
	}
	b.WriteString(line + "\n")
	for _, k := range n.kids {
		k.told(b, indent+" ")
	}
}
