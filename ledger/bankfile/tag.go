package bankfile

import "bytes"

// tag reads a start or end tag.
func (s *scanner) tag() (token, error) {
	n, err := s.tagEnd()
	if err != nil {
		return token{}, err
	}
	b := s.take(n)
	if err := s.characters(b); err != nil {
		return token{}, err
	}
	b = b[1 : n-1]
	if b[0] == '/' {
		return s.endTag(b[1:])
	}
	empty := len(b) > 0 && b[len(b)-1] == '/'
	if empty {
		b = b[:len(b)-1]
	}
	name, rest, err := s.nameOf(b)
	if err != nil {
		return token{}, err
	}
	t := token{kind: start, name: local(name)}
	if t.attrs, err = s.attributes(rest); err != nil {
		return token{}, err
	}
	switch {
	case len(s.open) == 0 && s.rooted:
		return token{}, broken(s.line, t.name, "A second element follows the end of the document.")
	case len(s.open) == maxDepth:
		return token{}, broken(s.line, t.name, "The elements nest deeper than %d.", maxDepth)
	}
	s.open = append(s.open, name)
	s.rooted, s.pending = true, empty
	return t, nil
}

func (s *scanner) endTag(b []byte) (token, error) {
	name, rest, err := s.nameOf(b)
	if err != nil {
		return token{}, err
	}
	if len(bytes.TrimLeft(rest, " \t\r\n")) > 0 {
		return token{}, s.fault("an end tag has more than its name")
	}
	if len(s.open) == 0 || s.open[len(s.open)-1] != name {
		return token{}, broken(s.line, local(name), "The end tag has no start tag.")
	}
	return token{kind: end, name: s.leave()}, nil
}

// tagEnd returns how many bytes the tag has: an angle within quotes does not end it.
func (s *scanner) tagEnd() (int, error) {
	var quote byte
	for n := 1; ; n++ {
		for s.r+n >= s.w {
			more, err := s.fill()
			if err != nil {
				return 0, err
			}
			if !more {
				return 0, s.cut()
			}
		}
		switch c := s.buf[s.r+n]; {
		case quote != 0:
			if c == '<' {
				return 0, s.fault("an attribute has < in it")
			}
			if c == quote {
				quote = 0
			}
		case c == '>':
			if n == 1 {
				return 0, s.fault("a tag has no name")
			}
			return n + 1, nil
		case c == '<':
			return 0, s.fault("a tag begins within a tag")
		case c == '"', c == '\'':
			quote = c
		}
	}
}

// nameOf reads a name and returns what follows.
func (s *scanner) nameOf(b []byte) (string, []byte, error) {
	n := 0
	for n < len(b) && nameByte(b[n], n == 0) {
		n++
	}
	name := s.name(b[:n])
	colons := bytes.Count(b[:n], []byte(":"))
	if n == 0 || colons > 1 || name[0] == ':' || name[n-1] == ':' {
		return "", nil, s.fault("%q is not a name", clip(string(b)))
	}
	if colons == 1 {
		if after := local(name); !nameByte(after[0], true) {
			return "", nil, s.fault("%q is not a name", clip(name))
		}
	}
	if n < len(b) && !space(b[n]) && b[n] != '=' {
		return "", nil, s.fault("%q is not a name", clip(string(b)))
	}
	return name, b[n:], nil
}

// nameByte reports whether a byte may stand in a name, or begin one. XML admits letters of other scripts too; no name of ISO 20022
// has them.
func nameByte(c byte, first bool) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':':
		return true
	case c >= '0' && c <= '9', c == '-', c == '.':
		return !first
	}
	return false
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// attributes reads what follows the name of a start tag.
func (s *scanner) attributes(b []byte) ([]attribute, error) {
	s.attrs = s.attrs[:0]
	for {
		trimmed := bytes.TrimLeft(b, " \t\r\n")
		if len(trimmed) == 0 {
			return s.attrs, nil
		}
		if len(trimmed) == len(b) {
			return nil, s.fault("an attribute follows without a space")
		}
		name, rest, err := s.nameOf(trimmed)
		if err != nil {
			return nil, err
		}
		rest, ok := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("="))
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if !ok || len(rest) == 0 || (rest[0] != '"' && rest[0] != '\'') {
			return nil, s.fault("the attribute %s has no value in quotes", clip(name))
		}
		n := bytes.IndexByte(rest[1:], rest[0])
		if n < 0 {
			return nil, s.fault("the attribute %s does not end", clip(name))
		}
		value, err := s.replaced(rest[1 : n+1])
		if err != nil {
			return nil, err
		}
		s.attrs = append(s.attrs, attribute{name, s.name(value)})
		b = rest[n+2:]
	}
}

// skip passes over the rest of the element whose start was read last.
func (s *scanner) skip() error {
	for depth := len(s.open); len(s.open) >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}
