-- Who may do what in the database. The service connects and takes the role vcledger_service: it reads, it adds, and it
-- changes only what is not a posted record.

-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
    -- Roles belong to the whole server, so another database of it may have made this one already, or be making it now.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vcledger_service') THEN
        CREATE ROLE vcledger_service NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'vcledger_service', 'MEMBER') THEN
        EXECUTE format('GRANT vcledger_service TO %I', current_user);
    END IF;
END $$;
-- +goose StatementEnd

GRANT SELECT ON ALL TABLES IN SCHEMA public TO vcledger_service;
GRANT INSERT ON contributor, contributor_alias, bank_account, fund, period, rate, actor, api_key, pledge, pledge_item,
    receipt, delivery, idempotency_key, journal_entry, journal_line, pledge_event, pledge_event_item, allocation
    TO vcledger_service;
GRANT UPDATE (parent) ON contributor TO vcledger_service;
GRANT UPDATE (closed) ON period TO vcledger_service;
GRANT UPDATE (revoked_at) ON api_key TO vcledger_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vcledger_service;
