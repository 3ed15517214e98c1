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
//  6. COMMIT. PostgreSQL checks the entries once more (migration 0110, check_entries), all that one
//     statement posted together.
//
// Step 5 is one data-modifying statement rather than one for each table because round trips are what a posting costs. The
// document is jsonb: jsonb_to_recordset turns its strings into exact numerics, and the statement stays readable in psql.
//
// A batch of receipts (receiptbatch.go) takes the same steps with all of its receipts at once, so it makes as many round trips
// as one receipt. The answer to each is kept under the receipt's own key, as if it had come alone, and the batch's is put
// together from these. The keys of its receipts are not locked: the primary key makes a second writer of one wait, and retry.
//
// Receipts that come while others are recorded wait at the desk (desk.go), and those that have gathered share one transaction: on a
// busy day the round trips and the commit are divided among them. Each keeps its own key, answer, line of the audit trail and
// entry, and is refused alone; when PostgreSQL refuses the transaction, each is recorded by itself.
//
// # Why balances are computed
//
// What is promised, due, received and outstanding is added up from the lines when it is asked for. A stored balance
// would be one more truth to repair, could not answer for a past date or a past knowledge, and would make one row that
// every posting has to wait for.
//
// # Closed periods
//
// A closed period closes all before it. Every entry takes a shared lock on its funds when it is checked at commit, and
// closing takes the same lock alone, so an entry is either in the period that is closed or refused. A year's closing entry
// takes revenue and expense to the fund balance in aggregate; what contributors and pledges did stays what their own lines
// say. What the year carries forward is kept beside the closing; the lines stay the truth. A late write moves to the day
// after the last closed one, with the date and the rates of its own day kept.
//
// # Reading from a replica
//
// A document says as known at which instant it is made, and has to say the same for ever. So a replica may not be read as it
// happens to stand: before each read the primary is asked how far its write-ahead log is on disk and what time it is, and the
// snapshot of the replica counts when it was taken after the replica came that far (replica.go). All who ask at one moment share
// the question. A position that each client carries with it, in a header or its session, would save the question and keep less:
// whoever is told by telephone what was booked has no position, and a statement that is known at noon would lack what somebody
// else recorded before noon. What the snapshot shows and the log lacks is sealed on the primary, as for every reader.
//
// # Why the lines are one table, and not one a year
//
// Partitioning the lines by the year of their effective date was tried on 935,000 lines of 26 years: the ledger of vcledger
// bench with 1,923 contributors, as one table and as the same rows, keys and indexes in 32 partitions. PostgreSQL 15, two
// cores, 26 November 2026; the machine had other work, so what is compared is the processor time of PostgreSQL for one request,
// the lesser of two runs, which for a posting that touches no line varied by a third.
//
//	                                     one table   by year
//	posting a receipt                      15.7 ms   42.0 ms
//	a contributor's statement, JSON        11.8 ms   20.3 ms
//	a fund's report                         793 ms   1753 ms
//	a list of 50 receipts                   3.7 ms    6.3 ms
//	the journal of a contributor           25.7 ms   40.8 ms
//
// And by EXPLAIN (ANALYZE, BUFFERS), warm: pages, planning and execution.
//
//	the lines of an entry             4, 0.05 ms, 0.03 ms      79, 20 ms, 0.6 ms
//	the balance of a pledge           4, 0.05 ms, 0.02 ms      81, 18 ms, 0.9 ms
//	a contributor's year              4, 0.1 ms, 0.1 ms         4, 0.4 ms, 0.1 ms
//	a fund's year                    14, 0.1 ms, 0.4 ms        13, 0.2 ms, 0.6 ms
//	trial balance as of 2020     14,827, 0.1 ms, 1121 ms   11,965, 15 ms, 1105 ms
//
// It does not pay. A posting, the balance of a pledge, the journal and the proof look lines up by their entry or their pledge,
// which say nothing of the year, so PostgreSQL plans for every partition and looks into each. What names a year finds it
// as fast in the one index. The key of an entry's lines would have to name the date as well. What a partition could save, reading
// years that are over, a closing saves with what it carries forward; and no year is ever dropped, because the books are kept whole.
//
// # What the log seals
//
// Every table of the books is in the log (leaf.go): an entry with all that was recorded with it is one leaf, and so is each
// record without an entry, a bank's statement with its lines, and a decision on a line with the payer that was learned from
// it. A row of these tables never changes, so there is one version to seal. What an officer may edit is left out, because it
// decides nothing that is recorded already: a contributor's contact, a fund's policy of charges, rates and matching, the
// numbers and the CSV mapping of a bank account. The audit trail has each version of them, and vcledger verify says nothing of
// them; what a policy led to is in each posting. Left out too are keys and sessions, which say who may come in today, the
// audit trail itself, and the document of a statement, whose hash is sealed and held against it. The tamper test
// (reports/tamper_test.go) lists these with the reasons, and fails on a table or column that is neither there nor found when
// it is changed.
//
// # One archive for backups and for the journal
//
// A backup and a loss-free export of the journal are the same lines of JSON (archive.go), so there is one reader to harden and
// one restore to test; a backup is compressed and has the tables of access too. pg_dump is not used: it need not be
// installed, must be as new as the server, and its archives say nothing of a row that was altered in them. A restore takes the
// foreign keys off and puts them on again, and switches the ledger's triggers off, in the one transaction that loads;
// superuser is not needed.
//
// # How a register is booked
//
// Registers are kept for people, and their rows contradict each other. What is decided where:
//
//   - Each row stands by itself: a receipt whose pledge was rejected is booked all the same, because the cash arrived. It
//     is then the contributor's gift to the fund.
//   - A contribution with an agreement is recognised on the agreement's date; cash that came before it was an advance until
//     then. A contribution without one is recognised as its cash arrives.
//   - The stated usd_amount fixes the rate of its row. Where a row of USD states two amounts, a receipt is booked at what
//     the bank credited, and a promise at the lower of the two; each such row is named.
//   - What was received above pledge and agreement is held in advance for the contributor (2200). What was received in
//     another currency settles what its USD buys at the pledge's carrying rate.
//   - A second pledge, or a second agreement, of one contribution contradicts the first and is rejected. Of receipts,
//     deliveries and write-offs the same may come twice on one day, and both are real.
//   - A State is its country: another name for it is an alias. Other bodies are found by name within their kind. A local
//     authority belongs to the State of its country. A row whose contributor is not its contribution's is rejected.
//   - Funds and contributors that do not exist are recorded; a new fund's cash is in a bank account in USD, since the
//     register says what was credited in USD.
//   - A delivery keeps the item of its contribution's pledge in kind that has its words and unit; what exceeds the pledge,
//     or finds none, was given beyond it. An agreement accepts an offer in kind whole.
//   - A write-off is of the pledge's carrying amount; a stated USD that differs is an exchange difference.
package postgres
