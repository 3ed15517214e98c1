// Package api speaks HTTP: it reads requests, says who asks, calls the ledger and answers in JSON, or with a problem
// (RFC 9457) that names every fault of the request at once.
//
// # How a request is answered
//
//  1. The request gets a number, which is in every problem and in the log.
//  2. guard reads it before huma does: who asks (401), whether the role may (403), the Idempotency-Key, the content
//     type, the body as strict JSON (400, 413, 415), and then every value against the schema that OpenAPI shows.
//  3. huma binds parameters and body to the operation's input and runs its resolvers, also when step 2 found faults:
//     the faults of both are one answer (422).
//  4. The handler calls the store. An error of the ledger becomes its rule's problem; any other is "internal", and its
//     text goes to the log and to nobody else.
//
// # Why the schema is checked here and not by huma
//
// huma locates a fault by a path with dots. A field whose name has a dot corrupts the paths of the faults after it, the
// rule is known only by the English of its message, and bodies are compared with their schema without regard to the order
// of their fields. So [checker] walks the same schema, gives RFC 6901 pointers, rules and sentences, and refuses at start-up a
// schema that it could not check whole. huma keeps the routing, the binding and the OpenAPI document.
//
// # Where the examples come from
//
// The examples of the OpenAPI document are not written by hand. TestExamples tells a story to a running server, step by
// step: each operation is called, each answer of success that the document promises is given, and with -update what was
// asked and answered is kept in examples/. [exemplify] puts it into the document. Identifiers and instants, which differ at
// each run, are fixed there. A new operation needs a step of the story; the test names the operation that has none.
package api
