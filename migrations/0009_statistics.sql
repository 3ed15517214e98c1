-- After a bulk load the planner must not go by what it knew of empty tables: its plans then take minutes.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    ANALYZE contributor, pledge, pledge_item, pledge_event, receipt, allocation, delivery, journal_entry, journal_line, idempotency_key, instalment;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION refresh_statistics IS 'for the service, which does not own the tables and so may not analyze them itself';
REVOKE ALL ON FUNCTION refresh_statistics FROM public;
GRANT EXECUTE ON FUNCTION refresh_statistics TO vcledger_service;
