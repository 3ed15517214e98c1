package web

// Questions is the portal's page of what a donor asks, with the answers.
type Questions struct {
	Donor
	Say     QuestionWords
	Notice  string
	Fault   string
	Details []string // of the fault, in English, as the API says them
	About   Input
	Key     string // idempotency key: the question is put once under it
	Text    string // what was typed
	Asked   []Asked
}

// QuestionWords are the words of the page in its language.
type QuestionWords struct{ Ask, Explain, Yours, Send, Answer, Waits, Empty string }

// Answers is the officers' page of what donors ask.
type Answers struct {
	Frame
	Faults   []string
	Answered bool // those that have an answer; otherwise those that wait for one
	Asked    []Asked
	Next     string // address of the next page; empty on the last
}

// Asked is a question with its answers. Contributor, Href and what follows are for officers.
type Asked struct {
	About, By, Text string
	Answers         []Answered
	ID              string
	Contributor     Cell
	Href            string // of what it is about
	Form, Key       string // where an answer is sent, under which idempotency key; empty for who may not answer
	Typed           string
}

// Answered is an answer of the fund.
type Answered struct{ By, Text string }
