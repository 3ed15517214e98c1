-- Inserts one whole posting in one round trip.
--
-- $1: a jsonb document with a list of rows for each table (type posting in posting.go). An empty string stands for NULL.
-- Amounts are strings, read as exact numerics; a debit is positive. Foreign keys are checked when the statement ends, so
-- the order of the inserts does not matter; the entries are checked when the transaction commits.

WITH insert_keys AS (
    INSERT INTO idempotency_key (
        actor_id, key, request_hash, status, location, body)
    SELECT
        actor_id, key, decode(request_hash, 'hex'), status, location, body
    FROM jsonb_to_recordset($1::jsonb -> 'keys') AS r (
        actor_id bigint, key text, request_hash text, status smallint, location text, body text)
),
insert_audit AS (
    INSERT INTO audit (
        request_id, actor_id, key_id, address, operation, outcome, record, change)
    SELECT
        nullif(request_id, '')::uuid, actor_id, nullif(key_id, '')::uuid, address, operation, 'done', record, change
    FROM jsonb_to_recordset($1::jsonb -> 'audit') AS r (
        request_id text, actor_id bigint, key_id text, address text, operation text, record text, change jsonb)
),
insert_pledges AS (
    INSERT INTO pledge (
        id, reference, form, contributor, fund, fund_year, recognition, note, actor_id)
    SELECT
        id, reference, form, contributor, fund, fund_year, recognition, note, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'pledges') AS r (
        id uuid, reference text, form text, contributor text, fund text, fund_year smallint, recognition text, note
        text, actor_id bigint)
),
insert_items AS (
    INSERT INTO pledge_item (
        pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, rate, rate_date,
        rate_source, unit_amount, declared_currency, declared_amount, valuation_basis, valuer, valued_on, evidence,
        evidence_sha256)
    SELECT
        pledge_id, number, category, description, quantity, unit, currency, amount, amount_usd, nullif(rate,
        '')::numeric, nullif(rate_date, '')::date, nullif(rate_source, ''), nullif(unit_amount, '')::numeric,
        nullif(declared_currency, ''), nullif(declared_amount, '')::numeric, valuation_basis, valuer,
        nullif(valued_on, '')::date, evidence, evidence_sha256
    FROM jsonb_to_recordset($1::jsonb -> 'items') AS r (
        pledge_id uuid, number smallint, category text, description text, quantity numeric, unit text, currency text,
        amount numeric, amount_usd numeric, rate text, rate_date text, rate_source text, unit_amount text,
        declared_currency text, declared_amount text, valuation_basis text, valuer text, valued_on text, evidence text,
        evidence_sha256 text)
),
insert_receipts AS (
    INSERT INTO receipt (
        id, bank_account, bank_reference, value_date, contributor, fund, fund_year, currency, amount, amount_usd,
        rate, rate_date, rate_source, charges, credited, payer, instrument, note, replaces, actor_id)
    SELECT
        id, bank_account, nullif(bank_reference, ''), value_date, nullif(contributor, ''), fund, fund_year, currency,
        amount, amount_usd, nullif(rate, '')::numeric, nullif(rate_date, '')::date, nullif(rate_source, ''), charges,
        credited, payer, instrument, note, nullif(replaces, '')::uuid, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'receipts') AS r (
        id uuid, bank_account text, bank_reference text, value_date date, contributor text, fund text, fund_year
        smallint, currency text, amount numeric, amount_usd numeric, rate text, rate_date text, rate_source text,
        charges numeric, credited numeric, payer text, instrument text, note text, replaces text, actor_id bigint)
),
insert_deliveries AS (
    INSERT INTO delivery (
        id, contributor, fund, fund_year, pledge_id, item_number, delivered_on, period_from, category, description,
        quantity, pledged_quantity, unit, currency, amount, amount_usd, rate, rate_date, rate_source, period_to, expert,
        certified_by, unit_amount, declared_currency, declared_amount, valuation_basis, valuer, valued_on, evidence,
        evidence_sha256, note, actor_id)
    SELECT
        id, contributor, fund, fund_year, nullif(pledge_id, '')::uuid, nullif(item_number, '')::smallint,
        delivered_on, nullif(period_from, '')::date, category, description, quantity, pledged_quantity, unit,
        currency, amount, amount_usd, nullif(rate, '')::numeric, nullif(rate_date, '')::date, nullif(rate_source, ''),
        nullif(period_to, '')::date, expert, certified_by, nullif(unit_amount, '')::numeric,
        nullif(declared_currency, ''), nullif(declared_amount, '')::numeric, valuation_basis, valuer,
        nullif(valued_on, '')::date, evidence, evidence_sha256, note, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'deliveries') AS r (
        id uuid, contributor text, fund text, fund_year smallint, pledge_id text, item_number text, delivered_on date,
        period_from text, category text, description text, quantity numeric, pledged_quantity numeric, unit text,
        currency text, amount numeric, amount_usd numeric, rate text, rate_date text, rate_source text,
        period_to text, expert text, certified_by text, unit_amount text, declared_currency text, declared_amount
        text, valuation_basis text, valuer text, valued_on text, evidence text, evidence_sha256 text, note text,
        actor_id bigint)
),
insert_expenditures AS (
    INSERT INTO expenditure (
        id, fund, effective_date, currency, amount, amount_usd, rate, rate_date, rate_source, description, project,
        reference, bank_account, overdraft_reason, replaces, actor_id)
    SELECT
        id, fund, effective_date, currency, amount, amount_usd, nullif(rate, '')::numeric, nullif(rate_date,
        '')::date, nullif(rate_source, ''), description, project, reference, bank_account, overdraft_reason,
        nullif(replaces, '')::uuid, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'expenditures') AS r (
        id uuid, fund text, effective_date date, currency text, amount numeric, amount_usd numeric, rate text,
        rate_date text, rate_source text, description text, project text, reference text, bank_account text,
        overdraft_reason text, replaces text, actor_id bigint)
),
insert_shares AS (
    INSERT INTO expenditure_share (
        expenditure_id, number, fund, contributor, pledge_id, weight, currency, amount, amount_usd)
    SELECT
        expenditure_id, number, fund, nullif(contributor, ''), nullif(pledge_id, '')::uuid, weight, currency, amount,
        amount_usd
    FROM jsonb_to_recordset($1::jsonb -> 'shares') AS r (
        expenditure_id uuid, number smallint, fund text, contributor text, pledge_id text, weight numeric, currency
        text, amount numeric, amount_usd numeric)
),
insert_interest AS (
    INSERT INTO interest (
        id, bank_account, bank_reference, value_date, period_from, period_to, currency, amount, amount_usd, entry_id,
        actor_id)
    SELECT
        id, bank_account, bank_reference, value_date, period_from, period_to, currency, amount, amount_usd, entry_id,
        actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'interest') AS r (
        id uuid, bank_account text, bank_reference text, value_date date, period_from date, period_to date, currency
        text, amount numeric, amount_usd numeric, entry_id uuid, actor_id bigint)
),
insert_entries AS (
    INSERT INTO journal_entry (
        id, kind, effective_date, actor_id, idempotency_key, description, reason, document, original_date, approval_id,
        reverses, pledge_id, receipt_id, delivery_id, expenditure_id)
    SELECT
        id, kind, effective_date, actor_id, idempotency_key, description, reason, document,
        nullif(original_date, '')::date, nullif(approval_id, '')::uuid, nullif(reverses, '')::uuid,
        nullif(pledge_id, '')::uuid, nullif(receipt_id, '')::uuid, nullif(delivery_id, '')::uuid,
        nullif(expenditure_id, '')::uuid
    FROM jsonb_to_recordset($1::jsonb -> 'entries') AS r (
        id uuid, kind text, effective_date date, actor_id bigint, idempotency_key text, description text, reason text,
        document text, original_date text, approval_id text, reverses text, pledge_id text, receipt_id text,
        delivery_id text, expenditure_id text)
),
insert_lines AS (
    INSERT INTO journal_line (
        entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, item_number,
        receipt_id, currency, amount, amount_usd, rate, rate_date, rate_source)
    SELECT
        entry_id, number, effective_date, account, fund, nullif(contributor, ''), nullif(bank_account, ''),
        nullif(pledge_id, '')::uuid, nullif(item_number, '')::smallint, nullif(receipt_id, '')::uuid, currency,
        amount, amount_usd, nullif(rate, '')::numeric, nullif(rate_date, '')::date, nullif(rate_source, '')
    FROM jsonb_to_recordset($1::jsonb -> 'lines') AS r (
        entry_id uuid, number smallint, effective_date date, account text, fund text, contributor text, bank_account
        text, pledge_id text, item_number text, receipt_id text, currency text, amount numeric, amount_usd numeric,
        rate text, rate_date text, rate_source text)
),
insert_legs AS (
    INSERT INTO pledge_event (
        id, pledge_id, kind, effective_date, currency, amount, amount_usd, rate, rate_date, rate_source, document,
        instrument, reason, entry_id, actor_id)
    SELECT
        id, pledge_id, kind, effective_date, nullif(currency, ''), nullif(amount, '')::numeric, amount_usd,
        nullif(rate, '')::numeric, nullif(rate_date, '')::date, nullif(rate_source, ''), document, instrument, reason,
        nullif(entry_id, '')::uuid, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'legs') AS r (
        id uuid, pledge_id uuid, kind text, effective_date date, currency text, amount text, amount_usd numeric, rate
        text, rate_date text, rate_source text, document text, instrument text, reason text, entry_id text, actor_id
        bigint)
),
insert_leg_items AS (
    INSERT INTO pledge_event_item (
        event_id, pledge_id, item_number, quantity)
    SELECT
        event_id, pledge_id, item_number, quantity
    FROM jsonb_to_recordset($1::jsonb -> 'leg_items') AS r (
        event_id uuid, pledge_id uuid, item_number smallint, quantity numeric)
),
insert_instalments AS (
    INSERT INTO instalment (
        pledge_id, number, event_id, due_on, currency, amount)
    SELECT
        pledge_id, number, event_id, due_on, currency, amount
    FROM jsonb_to_recordset($1::jsonb -> 'instalments') AS r (
        pledge_id uuid, number smallint, event_id uuid, due_on date, currency text, amount numeric)
),
insert_conditions AS (
    INSERT INTO condition (
        event_id, number, pledge_id, description, currency, amount)
    SELECT
        event_id, number, pledge_id, description, currency, amount
    FROM jsonb_to_recordset($1::jsonb -> 'conditions') AS r (
        event_id uuid, number smallint, pledge_id uuid, description text, currency text, amount numeric)
),
insert_fulfilments AS (
    INSERT INTO fulfilment (
        id, event_id, number, effective_date, met_by, evidence, sha256, entry_id, actor_id)
    SELECT
        id, event_id, number, effective_date, met_by, evidence, nullif(sha256, ''), nullif(entry_id, '')::uuid, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'fulfilments') AS r (
        id uuid, event_id uuid, number smallint, effective_date date, met_by text, evidence text, sha256 text, entry_id
        text, actor_id bigint)
),
insert_refunds AS (
    INSERT INTO refund (
        id, receipt_id, source, contributor, fund, pledge_id, effective_date, currency, amount, amount_usd, reason,
        document, entry_id, actor_id)
    SELECT
        id, receipt_id, source, nullif(contributor, ''), fund, nullif(pledge_id, '')::uuid, effective_date, currency,
        amount, amount_usd, reason, document, entry_id, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'refunds') AS r (
        id uuid, receipt_id uuid, source text, contributor text, fund text, pledge_id text, effective_date date,
        currency text, amount numeric, amount_usd numeric, reason text, document text, entry_id uuid, actor_id bigint)
),
insert_payments AS (
    INSERT INTO refund_payment (
        id, refund_id, bank_account, bank_reference, value_date, entry_id, actor_id)
    SELECT
        id, refund_id, bank_account, bank_reference, value_date, entry_id, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'payments') AS r (
        id uuid, refund_id uuid, bank_account text, bank_reference text, value_date date, entry_id uuid, actor_id bigint)
),
insert_approvals AS (
    INSERT INTO approval (
        id, kind, subject, funds, request, drafts, amount_usd, reason, actor_id)
    SELECT
        id, kind, subject, ARRAY(SELECT jsonb_array_elements_text(funds)), request, drafts, amount_usd, reason, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'approvals') AS r (
        id uuid, kind text, subject text, funds jsonb, request jsonb, drafts jsonb, amount_usd numeric, reason text,
        actor_id bigint)
),
insert_decisions AS (
    INSERT INTO approval_decision (
        approval_id, decision, reason, actor_id)
    SELECT
        approval_id, decision, reason, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'decisions') AS r (
        approval_id uuid, decision text, reason text, actor_id bigint)
),
insert_allocations AS (
    INSERT INTO allocation (
        id, receipt_id, contributor, fund, fund_year, pledge_id, instalment, effective_date, currency, amount,
        amount_usd, entry_id, actor_id)
    SELECT
        id, receipt_id, contributor, fund, fund_year, nullif(pledge_id, '')::uuid, nullif(instalment, '')::smallint,
        effective_date, currency, amount, amount_usd, entry_id, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'allocations') AS r (
        id uuid, receipt_id uuid, contributor text, fund text, fund_year smallint, pledge_id text, instalment text,
        effective_date date, currency text, amount numeric, amount_usd numeric, entry_id uuid, actor_id bigint)
),
insert_acceptances AS (
    INSERT INTO acceptance (
        event_id, accepted_by, currency, amount, description, looked_on)
    SELECT
        event_id, accepted_by, nullif(currency, ''), nullif(amount, '')::numeric, description, nullif(looked_on, '')::date
    FROM jsonb_to_recordset($1::jsonb -> 'acceptances') AS r (
        event_id uuid, accepted_by text, currency text, amount text, description text, looked_on text)
),
insert_valuations AS (
    INSERT INTO valuation (
        id, pledge_id, item_number, delivery_id, effective_date, quantity, currency, amount, amount_usd, rate,
        rate_date, rate_source, unit_amount, declared_currency, declared_amount, valuation_basis, valuer, valued_on,
        evidence, evidence_sha256, reason, entry_id, actor_id)
    SELECT
        id, nullif(pledge_id, '')::uuid, nullif(item_number, '')::smallint, nullif(delivery_id, '')::uuid,
        effective_date, quantity, currency, amount, amount_usd, nullif(rate, '')::numeric, nullif(rate_date, '')::date,
        nullif(rate_source, ''), nullif(unit_amount, '')::numeric, nullif(declared_currency, ''),
        nullif(declared_amount, '')::numeric, valuation_basis, valuer, nullif(valued_on, '')::date, evidence,
        evidence_sha256, reason, nullif(entry_id, '')::uuid, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'valuations') AS r (
        id uuid, pledge_id text, item_number text, delivery_id text, effective_date date, quantity numeric, currency
        text, amount numeric, amount_usd numeric, rate text, rate_date text, rate_source text, unit_amount text,
        declared_currency text, declared_amount text, valuation_basis text, valuer text, valued_on text, evidence text,
        evidence_sha256 text, reason text, entry_id text, actor_id bigint)
),
insert_newness AS (
    INSERT INTO pledge_newness (
        pledge_id, kind, is_new, is_additional, proposed_new, proposed_additional, lookback_years, currency, amount,
        baseline_from, baseline_to, declaration, document, note, actor_id)
    SELECT
        pledge_id, kind, is_new, is_additional, proposed_new, proposed_additional, nullif(lookback_years,
        '')::smallint, nullif(currency, ''), nullif(amount, '')::numeric, nullif(baseline_from, '')::smallint,
        nullif(baseline_to, '')::smallint, declaration, document, note, actor_id
    FROM jsonb_to_recordset($1::jsonb -> 'newness') AS r (
        pledge_id uuid, kind text, is_new boolean, is_additional boolean, proposed_new boolean, proposed_additional
        boolean, lookback_years text, currency text, amount text, baseline_from text, baseline_to text, declaration
        text, document text, note text, actor_id bigint)
)
SELECT
