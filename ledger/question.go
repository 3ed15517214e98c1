package ledger

import (
	"time"

	"github.com/google/uuid"
)

// Question is what a donor asks the fund, about one line of its account or, when no line is named, in general.
type Question struct {
	ID          uuid.UUID
	Contributor ContributorCode // of the donor who asks
	Pledge      uuid.UUID       // of this and the next three at most one is given
	Receipt     uuid.UUID
	Delivery    uuid.UUID
	Statement   StatementNumber
	Text        string
	RecordedAt  time.Time
}
