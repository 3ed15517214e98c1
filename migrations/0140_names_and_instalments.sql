-- The names of many contributors are looked up in one plan: a function that is called for each of a fund's thousands takes four
-- times as long. What officers applied to an instalment is little beside all allocations, and is asked of every pledge that is due.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION contributor_on(on_date date, known_at timestamptz) RETURNS TABLE (code text, name text, kind text, country text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.code,
           coalesce((SELECT n.name FROM contributor_name n
                     WHERE n.contributor = c.code AND n.from_date <= on_date AND n.recorded_at <= known_at
                     ORDER BY n.from_date DESC, n.id DESC LIMIT 1), c.name),
           c.kind, coalesce(c.country, '')
    FROM contributor c;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION contributor_on IS 'the contributors with their names on a date as they were known at an instant, so that a past statement keeps the name it had';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contributor_name_on(code text, on_date date, known_at timestamptz) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.name FROM contributor_on(on_date, known_at) c WHERE c.code = contributor_name_on.code;
END;
-- +goose StatementEnd
COMMENT ON FUNCTION contributor_name_on IS 'the name of contributor_on';

CREATE INDEX allocation_instalment ON allocation (pledge_id) WHERE instalment IS NOT NULL;
