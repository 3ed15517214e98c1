-- What is held for a contributor is a few lines among all of its lines.

-- +goose Up

CREATE INDEX journal_line_held_contributor ON journal_line (contributor, effective_date) WHERE account = '2200';
