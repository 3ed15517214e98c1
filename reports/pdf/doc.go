// Package pdf writes a [layout.Document] as a PDF (ISO 32000-1): pages of A4 with what the document is at the foot of each,
// tables whose header is repeated and whose rows are not cut, and charts drawn as shapes. Nothing is left to the reader's
// machine: the fonts are embedded, as subsets of those beside this file. The structure is tagged, in the order in which it is
// read (PDF/UA-1, ISO 14289-1), and every glyph leads back to its characters.
//
// The writer is our own because no PDF library for Go that could be had writes tagged PDF or shapes Arabic.
//
// Arabic is shaped by HarfBuzz's rules and ordered by the Unicode Bidirectional Algorithm (UAX 9); lines end where UAX 14
// lets them. Names come from outside, so a character that no font has, or that would change the order of others without being
// seen, is written as [U+XXXX].
//
// The same document gives the same bytes: there is no date from a clock, and the file's identifier is a hash of its content.
// A text is shaped once in a document, in the units of its font, however often and in whatever size it stands.
package pdf
