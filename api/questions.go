package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// QuestionBody is what a donor asks.
type QuestionBody struct {
	Pledge    ID     `json:"pledge,omitempty" format:"uuid" doc:"What it is about; one of the four, or none."`
	Receipt   ID     `json:"receipt,omitempty" format:"uuid"`
	Delivery  ID     `json:"delivery,omitempty" format:"uuid"`
	Statement string `json:"statement,omitempty" maxLength:"11" pattern:"^[0-9]{4}/[0-9]{6}$" patternDescription:"the number of a statement, such as 2026/000123" example:"2026/000123"`
	Text      string `json:"text" maxLength:"2000" example:"Which of our transfers is this?"`
}

// AskQuestionInput is the request to ask the fund.
type AskQuestionInput struct{ Body QuestionBody }

// AnswerBody is what the fund answers.
type AnswerBody struct {
	Text string `json:"text" maxLength:"2000" example:"The one of 5 March, with your reference NV-2026/3."`
}

// AnswerQuestionInput is the request to answer a question.
type AnswerQuestionInput struct {
	QuestionInput
	Body AnswerBody
}

// QuestionInput names a question in the path.
type QuestionInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the question."`
}

// QuestionsInput are the filters of the list of questions.
type QuestionsInput struct {
	Paging
	Contributor string `query:"contributor" maxLength:"64" doc:"Only of this one."`
	State       string `query:"state" enum:"open,answered" doc:"Only those without an answer, or only those with one. Left out: both."`
}

// QuestionAnswer is an answer of the fund.
type QuestionAnswer struct {
	Text       string `json:"text"`
	AnsweredBy string `json:"answered_by"`
	AnsweredAt string `json:"answered_at" format:"date-time"`
}

// Question is what a donor asked, with the answers to it.
type Question struct {
	ID          ID               `json:"id" format:"uuid"`
	Contributor string           `json:"contributor" example:"NLD"`
	Pledge      ID               `json:"pledge,omitempty" format:"uuid"`
	Receipt     ID               `json:"receipt,omitempty" format:"uuid"`
	Delivery    ID               `json:"delivery,omitempty" format:"uuid"`
	Statement   string           `json:"statement,omitempty"`
	Reference   string           `json:"reference,omitempty" doc:"Of the pledge, or of the bank for the receipt."`
	On          Date             `json:"date,omitempty" doc:"The value date of the receipt, or the day of the delivery."`
	Text        string           `json:"text"`
	AskedBy     string           `json:"asked_by"`
	AskedAt     string           `json:"asked_at" format:"date-time"`
	Answers     []QuestionAnswer `json:"answers" doc:"The oldest first."`
}

func questionOf(q postgres.QuestionRecord) Question {
	out := Question{ID: idOf(q.ID), Contributor: string(q.Contributor), Pledge: idOf(q.Pledge), Receipt: idOf(q.Receipt), Delivery: idOf(q.Delivery), Statement: string(q.Statement),
		Reference: q.Reference, On: dateOf(q.On), Text: q.Text, AskedBy: q.AskedBy, AskedAt: instantOf(q.RecordedAt), Answers: []QuestionAnswer{}}
	for _, a := range q.Answers {
		out.Answers = append(out.Answers, QuestionAnswer{a.Text, a.AnsweredBy, instantOf(a.RecordedAt)})
	}
	return out
}

func (s *Server) serveQuestions(store *postgres.Store) {
	questionCommand := func(r Request) postgres.Command {
		return command(r, 201, func(q *postgres.QuestionRecord) (string, any) { return pathTo("questions", q.ID), questionOf(*q) })
	}
	write[AskQuestionInput, Question](s, operation{ID: "ask-question", Path: "/v1/questions", Tag: "questions", Summary: "Ask the fund about a line of one's account",
		Description: "A question of a donor about a pledge, a receipt, a delivery or an issued statement of its own, or about its contributions in general. It is kept as it is.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleTooMany}},
		func(ctx context.Context, r Request, in *AskQuestionInput) (Answer, error) {
			b := in.Body
			a, err := store.AskQuestion(ctx, questionCommand(r), ledger.Question{Pledge: b.Pledge.ledger(), Receipt: b.Receipt.ledger(), Delivery: b.Delivery.ledger(),
				Statement: ledger.StatementNumber(b.Statement), Text: b.Text})
			return Answer(a), err
		})
	write[AnswerQuestionInput, Question](s, operation{ID: "answer-question", Path: "/v1/questions/{id}/answers", Tag: "questions", Summary: "Answer a donor's question",
		Description: "The donor sees the answer beside its question. It is kept as it is; another one adds to it.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *AnswerQuestionInput) (Answer, error) {
			a, err := store.AnswerQuestion(ctx, questionCommand(r), in.ID.ledger(), in.Body.Text)
			return Answer(a), err
		})
	read(s, operation{ID: "get-question", Path: "/v1/questions/{id}", Tag: "questions", Summary: "Show a question with its answers", Description: "As it was put, by whom and when, and each answer. Another donor's is not there.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *QuestionInput) (Question, error) {
			q, err := store.Question(ctx, in.ID.ledger())
			if err != nil {
				return Question{}, err
			}
			return questionOf(*q), nil
		})
	list(s, operation{ID: "list-questions", Path: "/v1/questions", Tag: "questions", Summary: "List the questions of donors", Description: "The newest first, each with its answers. A donor sees its own."},
		func(ctx context.Context, in *QuestionsInput, w Window[uuid.UUID]) ([]Question, *uuid.UUID, error) {
			records, err := store.Questions(ctx, first(w), ledger.ContributorCode(in.Contributor), postgres.QuestionState(in.State), w.Limit+1)
			items, next := nextOf(records, w.Limit, questionOf, func(q postgres.QuestionRecord) uuid.UUID { return q.ID })
			return items, next, err
		})
}
