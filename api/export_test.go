package api

// ExampleCall is what the test of the story records.
type ExampleCall = exampleCall
