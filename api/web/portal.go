package web

// Donor is what stands around a page of the portal: the frame, in the donor's language.
type Donor struct {
	Frame
	Language    string
	RightToLeft bool
	Words       DonorWords
	Tongues     []Link // this page in each language
}

// DonorWords are the words of the frame in the language of the page.
type DonorWords struct{ Skip, Who, SignOut, Languages, Pages, Again string }

// Portal is a donor's own position at a glance.
type Portal struct {
	Donor
	Name    string // of the donor
	Basis   string
	Figures []Fact
	Chart   *Chart
	Sheets  []Sheet
}

// Holdings is a page of the portal with the records of one kind.
type Holdings struct {
	Donor
	Sheets    []Sheet
	Statement *Form // by which a document is asked for; nil for none
}

// Check is the page on which a statement is checked.
type Check struct {
	Donor
	Intro, File, Send string // words of the form
	Checked           *Checked
	Fault             string // why the file could not be looked at
	Issued            Sheet
}

// Checked is what a check found, in words.
type Checked struct {
	Title       string
	Good        bool
	Verdict     string
	Fingerprint Fact
	Key         Fact
	Parts       []Sentences
	Command     Fact
}

// Sentences are a part of what a check found.
type Sentences struct {
	Title string
	Wrong bool
	Lines []string
}

// DonorRefused is the portal's page of what could not be done or shown.
type DonorRefused struct {
	Donor
	Detail, Quote string
	Faults        []string // in English, as the API says them
	Back          Link
}

// Chart is a drawing in SVG, with what a screen reader says of it. Its lengths are in points.
type Chart struct {
	Told          string
	Years         bool // its columns are years, of which the last is looked at first
	Width, Height string
	Lines         []Stroke
	Rects         []Rect
	Texts         []Words
}

// Stroke is a line of a chart.
type Stroke struct{ X1, Y1, X2, Y2, Width, Colour string }

// Rect is a column of a chart.
type Rect struct{ X, Y, Width, Height, Colour string }

// Words are a text of a chart.
type Words struct {
	X, Y, Size, Anchor string
	Bold               bool
	Text               string
}
