package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// copying is a COPY into one table that is under way. Whoever begins one closes it before the transaction goes on or is rolled
// back, also after a fault: until then the driver reads the connection in the background.
type copying struct {
	table string
	stmt  *sql.Stmt
}

// preparer is a transaction of database/sql or of sqlx.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func copyInto(ctx context.Context, tx preparer, table string, columns []string) (*copying, error) {
	stmt, err := tx.PrepareContext(ctx, `COPY `+pq.QuoteIdentifier(table)+` (`+quoted(columns, "")+`) FROM STDIN`)
	if err != nil {
		return nil, fmt.Errorf("load table %s: %w", table, err)
	}
	return &copying{table, stmt}, nil
}

// row adds a row. lib/pq writes text as COPY wants it, and leaves its meaning to the column's type.
func (c *copying) row(ctx context.Context, values []any) error {
	if _, err := c.stmt.ExecContext(ctx, values...); err != nil {
		return fmt.Errorf("load table %s: %w", c.table, err)
	}
	return nil
}

// end sends what is left and closes; none under way is nothing to end.
func (c *copying) end(ctx context.Context) error {
	if c == nil {
		return nil
	}
	if _, err := c.stmt.ExecContext(ctx); err != nil {
		return fmt.Errorf("load table %s: %w", c.table, err)
	}
	if err := c.stmt.Close(); err != nil {
		return fmt.Errorf("load table %s: %w", c.table, err)
	}
	return nil
}

// abandon closes what was not ended; after an end it does nothing.
func (c *copying) abandon() {
	if c != nil {
		_ = c.stmt.Close() // the fault that led here is told already
	}
}
