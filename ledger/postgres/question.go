package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// QuestionRecord is a question with its answers, the oldest first.
type QuestionRecord struct {
	ledger.Question
	Reference string      // of the pledge, or of the bank for the receipt
	On        ledger.Date // value date of the receipt, or day of the delivery; zero for others
	AskedBy   string
	Answers   []AnswerRecord
}

// QuestionState says which questions are meant; the empty one means all.
type QuestionState string

// The states of a question.
const (
	QuestionOpen     QuestionState = "open" // it has no answer
	QuestionAnswered QuestionState = "answered"
)

// AnswerRecord is what the fund answers.
type AnswerRecord struct {
	ID         uuid.UUID
	Text       string
	AnsweredBy string
	RecordedAt time.Time
}

type questionRow struct {
	ID          uuid.UUID
	Contributor string
	PledgeID    uuid.NullUUID `db:"pledge_id"`
	ReceiptID   uuid.NullUUID `db:"receipt_id"`
	DeliveryID  uuid.NullUUID `db:"delivery_id"`
	Statement   string
	Reference   string
	OnDate      sql.Null[ledger.Date] `db:"on_date"`
	Text        string
	AskedBy     string    `db:"asked_by"`
	RecordedAt  time.Time `db:"recorded_at"`
}

func (r questionRow) record() QuestionRecord {
	return QuestionRecord{Question: ledger.Question{ID: r.ID, Contributor: ledger.ContributorCode(r.Contributor), Pledge: r.PledgeID.UUID, Receipt: r.ReceiptID.UUID, Delivery: r.DeliveryID.UUID,
		Statement: ledger.StatementNumber(r.Statement), Text: r.Text, RecordedAt: r.RecordedAt.UTC()}, Reference: r.Reference, On: r.OnDate.V, AskedBy: r.AskedBy}
}

// questionsQuery reads questions, the newest first: $1 before which, $2 of whom, $3 in which state, $4 the one, $5 how many.
const questionsQuery = `
SELECT q.id, q.contributor, q.pledge_id, q.receipt_id, q.delivery_id, coalesce(q.statement, '') AS statement, q.text, a.name AS asked_by, q.recorded_at,
       coalesce(p.reference, r.bank_reference, '') AS reference, coalesce(r.value_date, d.delivered_on) AS on_date
FROM question q JOIN actor a ON a.id = q.actor_id
LEFT JOIN pledge p ON p.id = q.pledge_id
LEFT JOIN receipt r ON r.id = q.receipt_id
LEFT JOIN delivery d ON d.id = q.delivery_id
WHERE ($1::uuid IS NULL OR q.id < $1) AND ($2 = '' OR q.contributor = $2) AND ($4::uuid IS NULL OR q.id = $4)
  AND ($3 = '' OR ($3 = 'answered') = EXISTS (SELECT FROM answer w WHERE w.question_id = q.id))
ORDER BY q.id DESC LIMIT $5`

// questions reads questions with their answers.
func questions(ctx context.Context, query selecting, before uuid.UUID, of ledger.ContributorCode, state QuestionState, one uuid.UUID, limit int) ([]QuestionRecord, error) {
	var rows []questionRow
	if err := query(ctx, &rows, questionsQuery, nullUUID(before), of, state, nullUUID(one), limit); err != nil {
		return nil, err
	}
	list, at, ids := make([]QuestionRecord, len(rows)), map[uuid.UUID]int{}, make([]uuid.UUID, len(rows))
	for i, r := range rows {
		list[i], at[r.ID], ids[i] = r.record(), i, r.ID
	}
	var answers []struct {
		ID         uuid.UUID
		QuestionID uuid.UUID `db:"question_id"`
		Text       string
		AnsweredBy string    `db:"answered_by"`
		RecordedAt time.Time `db:"recorded_at"`
	}
	err := query(ctx, &answers, `
		SELECT w.id, w.question_id, w.text, a.name AS answered_by, w.recorded_at FROM answer w JOIN actor a ON a.id = w.actor_id
		WHERE w.question_id = ANY ($1) ORDER BY w.question_id, w.id`, pq.Array(ids))
	for _, w := range answers {
		q := &list[at[w.QuestionID]]
		q.Answers = append(q.Answers, AnswerRecord{w.ID, w.Text, w.AnsweredBy, w.RecordedAt.UTC()})
	}
	return list, err
}

// Questions lists what donors asked, the newest first; to a donor, what it may see.
func (s *Store) Questions(ctx context.Context, before uuid.UUID, of ledger.ContributorCode, state QuestionState, limit int) ([]QuestionRecord, error) {
	return questions(ctx, s.selectRows, before, of, state, uuid.Nil, limit)
}

// Question returns a question with its answers.
// Errors: [ledger.RuleNotFound], also for another donor's.
func (s *Store) Question(ctx context.Context, id uuid.UUID) (*QuestionRecord, error) {
	return oneQuestion(ctx, s.selectRows, id)
}

func oneQuestion(ctx context.Context, query selecting, id uuid.UUID) (*QuestionRecord, error) {
	if id == uuid.Nil { // to the query it would be any question
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such question.")
	}
	list, err := questions(ctx, query, uuid.Nil, "", "", id, 1)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such question.")
	}
	return &list[0], nil
}

// AskQuestion records what a donor asks. What it is about is looked for as the donor, to whom another's record is not there; a
// donor's role writes nothing, so the question itself is written by the service's, and PostgreSQL holds that it is the donor's
// own (migration 0098). The record of the answer is a *[QuestionRecord].
// Errors: [ledger.RuleNotFound] for what it is about, [ledger.RuleTooMany].
func (s *Store) AskQuestion(ctx context.Context, c Command, in ledger.Question) (Answer, error) {
	var v ledger.Violations
	named := 0
	for _, about := range []struct {
		pointer string
		given   bool
		query   string
		key     any
	}{
		{"/pledge", in.Pledge != uuid.Nil, `SELECT EXISTS (SELECT FROM pledge WHERE id = $1)`, in.Pledge},
		{"/receipt", in.Receipt != uuid.Nil, `SELECT EXISTS (SELECT FROM receipt WHERE id = $1)`, in.Receipt},
		{"/delivery", in.Delivery != uuid.Nil, `SELECT EXISTS (SELECT FROM delivery WHERE id = $1)`, in.Delivery},
		{"/statement", in.Statement != "", `SELECT EXISTS (SELECT FROM statement WHERE number = $1)`, in.Statement},
	} {
		if !about.given {
			continue
		}
		var there bool
		if err := s.get(ctx, &there, about.query, about.key); err != nil {
			return Answer{}, translate(err)
		}
		if named++; !there {
			v.Add(about.pointer, ledger.RuleNotFound, "There is no such record.")
		}
	}
	if named > 1 {
		v.Add("", ledger.RuleTooMany, "A question is about one record, or about none.")
	}
	if err := v.Err(); err != nil {
		return Answer{}, err
	}
	return s.write(AsDonor(ctx, ""), c, nil, func(ctx context.Context, t *tx) (any, error) {
		id, err := newID()
		if err != nil {
			return nil, err
		}
		if err := t.exec(ctx, `
			INSERT INTO question (id, contributor, pledge_id, receipt_id, delivery_id, statement, text, actor_id)
			VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8)`,
			id, t.actor.Contributor, nullUUID(in.Pledge), nullUUID(in.Receipt), nullUUID(in.Delivery), in.Statement, in.Text, t.actor.ID); err != nil {
			return nil, err
		}
		return oneQuestion(ctx, t.selectRows, id)
	})
}

// AnswerQuestion records what the fund answers. The record of the answer is a *[QuestionRecord].
// Errors: [ledger.RuleNotFound].
func (s *Store) AnswerQuestion(ctx context.Context, c Command, question uuid.UUID, text string) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		q, err := oneQuestion(ctx, t.selectRows, question)
		if err != nil {
			return nil, err
		}
		id, err := newID()
		if err != nil {
			return nil, err
		}
		if err := t.exec(ctx, `INSERT INTO answer (id, question_id, contributor, text, actor_id) VALUES ($1, $2, $3, $4, $5)`,
			id, question, q.Contributor, text, t.actor.ID); err != nil {
			return nil, err
		}
		return oneQuestion(ctx, t.selectRows, question)
	})
}
