// Package postgres is the ledger's one store. PostgreSQL is the design here and not a detail behind an interface: the
// invariants live in its constraints and triggers, and this package brings the pure rules of package ledger to them.
//
// # The posting cycle
//
// Every write goes through one function and takes the same steps, each a round trip:
//
//  1. BEGIN.
//  2. Claim the idempotency key and the locks. The key's lock is tried, not waited for, so a second request with the
//     key is told that the first is under way. The locks on pledges and receipts are taken in one order by everybody.
//     They are advisory locks, because SELECT ... FOR UPDATE needs the UPDATE right that this role lacks. A key that was
//     answered before ends here with the first answer.
//  3. Read what the rule needs: the pledge with its balances, the rate. Read Committed gives this statement a snapshot
//     taken after the locks, so it sees what the last holder committed.
//  4. The pure rule decides, and the draft is checked in Go.
//  5. Insert everything (records, entries, lines, the key with the answer) in one statement, from one JSON document. A
//     power cut before the commit leaves nothing of it, and after the commit all.
//  6. COMMIT. PostgreSQL checks the entries once more (migration 0004, check_entry).
//
// Step 5 is one data-modifying statement rather than one for each table because round trips are what a posting costs. The
// document is jsonb: jsonb_to_recordset turns its strings into exact numerics, and the statement stays readable in psql.
//
// # Why balances are computed
//
// What is promised, due, received and outstanding is added up from the lines when it is asked for. A stored balance
// would be one more truth to repair, could not answer for a past date or a past knowledge, and would make one row that
// every posting has to wait for.
package postgres
