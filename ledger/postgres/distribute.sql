-- Distributes a ledger by fund over the machines of a Citus cluster (coordinator added as a worker), once, as the owner:
--
--     SELECT citus_set_coordinator_host('db1');   SELECT citus_add_node('db2', 5432);
--     vcledger migrate && psql -1 -f distribute.sql "$DATABASE_URL"
--
-- One kind of row outgrows a machine: the lines. They are distributed by fund, so the balances and the report of a fund come from
-- one shard, and what spans funds is a sum of shards. What lines are read with is a reference table: each machine has all of it, so a
-- shard joins it where it is. The rest stays on the coordinator. distribute_test.go holds the three lists against the schema and
-- against the rules of Citus, and keeps the list of what Citus does not take over (testdata/distribution.txt).
-- Not run on a Citus so far.

-- Citus holds a unique key in each shard by itself, so it has to name the fund. On one machine the key without it is the stronger
-- one (a number is there once in an entry and not once in each of its funds), so the schema keeps it, and it changes here.
ALTER TABLE journal_line DROP CONSTRAINT journal_line_pkey;
ALTER TABLE journal_line ADD CONSTRAINT journal_line_pkey PRIMARY KEY (entry_id, number, fund);

-- Reference tables. A table comes after those that it refers to. What refers to a table of the coordinator goes on referring to it.
SELECT create_reference_table('currency');
SELECT create_reference_table('account');
SELECT create_reference_table('entry_kind');
SELECT create_reference_table('unit');
SELECT create_reference_table('contributor');
SELECT create_reference_table('contributor_code');
SELECT create_reference_table('contributor_name');
SELECT create_reference_table('contributor_parent');
SELECT create_reference_table('contributor_merge');
SELECT create_reference_table('bank_account');
SELECT create_reference_table('bank_reconciliation');
SELECT create_reference_table('fund');
SELECT create_reference_table('rate');
SELECT create_reference_table('pledge');
SELECT create_reference_table('pledge_item');
SELECT create_reference_table('pledge_newness');
SELECT create_reference_table('receipt');
SELECT create_reference_table('delivery');
SELECT create_reference_table('expenditure');
SELECT create_reference_table('journal_entry');
SELECT create_reference_table('period');
SELECT create_reference_table('period_event');
SELECT create_reference_table('opening_balance');
SELECT create_reference_table('year_movement');
SELECT create_reference_table('pledge_event');
SELECT create_reference_table('pledge_event_item');
SELECT create_reference_table('instalment');
SELECT create_reference_table('acceptance');
SELECT create_reference_table('valuation');
SELECT create_reference_table('allocation');
SELECT create_reference_table('refund');
SELECT create_reference_table('refund_payment');

-- The lines, by fund.
SELECT create_distributed_table('journal_line', 'fund');
