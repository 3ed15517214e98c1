-- The accounts that a schedule of individual trust funds needs: what contributions receivable that are not due within a year are
-- worth less today, and what funds transfer to each other. Entries on them are written by an officer, line by line, each with
-- the contributor whose pledge is discounted.
-- Source: IPSAS 41, a receivable is first measured at fair value, the present value of what it will bring.

-- +goose Up

INSERT INTO account (code, name, kind) VALUES
    ('1295', 'Discount of contributions receivable', 'asset'),
    ('4020', 'Transfers between funds', 'revenue'),
    ('4090', 'Present value adjustment of contributions', 'revenue');
