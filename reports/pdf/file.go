package pdf

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// embed returns the font that the document embeds of a typeface.
func (c *composer) embed(t typeface) *embedded {
	if c.fonts[t] == nil {
		c.fonts[t] = newEmbedded(t)
	}
	return c.fonts[t]
}

// file writes the pages, their fonts and their structure as a PDF.
func (c *composer) file() []byte {
	o := newObjects()
	tree := o.reserve()
	for _, p := range c.pages {
		p.number = o.reserve()
	}
	var kids, fonts strings.Builder
	for t, f := range c.fonts {
		if f != nil {
			fmt.Fprintf(&fonts, "/F%d %d 0 R ", t, f.write(o))
		}
	}
	resources := o.add("<</Font <<%s>>>>", fonts.String())
	for i, p := range c.pages {
		content := o.reserve()
		o.stream(content, "", p.content.Bytes())
		o.object(p.number, "<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources %d 0 R /Contents %d 0 R /StructParents %d>>",
			tree, number(p.width), number(p.height), resources, content, i)
		fmt.Fprintf(&kids, "%d 0 R ", p.number)
	}
	o.object(tree, "<</Type /Pages /Count %d /Kids [%s]>>", len(c.pages), kids.String())
	structure := writeTree(o, c.tree, c.pages)
	metadata := o.reserve()
	o.plain(metadata, "/Type /Metadata /Subtype /XML", []byte(c.metadata()))
	direction := "L2R"
	if c.language.RightToLeft() {
		direction = "R2L"
	}
	catalog := o.add("<</Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R /MarkInfo <</Marked true>> /Lang %s /Metadata %d 0 R /ViewerPreferences <</DisplayDocTitle true /Direction /%s>>%s>>",
		tree, structure, text(string(c.language)), metadata, direction, o.attach(c.document.Attached))
	info := o.add("<</Title %s /Producer (vcledger)>>", text(c.title()))
	return o.close(catalog, info)
}

// title is what a window that shows the document is called.
func (c *composer) title() string { return joined(" — ", c.document.Title, c.document.Subject) }

// metadata is the description of the document as XMP (ISO 16684-1). It does not claim PDF/UA: no validator has said so.
func (c *composer) metadata() string {
	var title strings.Builder
	_ = xml.EscapeText(&title, []byte(c.title())) // a builder takes everything
	return "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
		"<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">" +
		"<dc:format>application/pdf</dc:format>" +
		"<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" + title.String() + "</rdf:li></rdf:Alt></dc:title>" +
		"<dc:language><rdf:Bag><rdf:li>" + string(c.language) + "</rdf:li></rdf:Bag></dc:language>" +
		"<pdf:Producer>vcledger</pdf:Producer>" +
		"</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
}
