package web

// Portal is a donor's own position.
type Portal struct {
	Frame
	Language    string
	RightToLeft bool
	Skip        string
	Who         string
	SignOut     string
	Donor       string
	Basis       string
	Tongues     []Option
	Figures     []Fact
	Chart       *Chart
	Sheets      []Sheet
	Issued      Sheet
	Statement   Form
}

// Chart is a drawing in SVG, with what a screen reader says of it. Its lengths are in points.
type Chart struct {
	Told          string
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
