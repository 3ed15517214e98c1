// Package reports builds the documents that leave the ledger: a contributor's [Statement], a fund's year ([FundReport])
// and the [TrialBalance]. A document is built from one [postgres.Snapshot], so it is what the books said as of a date, as
// it was known at an instant, and the same two give the same bytes for ever. Package render turns documents into bytes.
//
// # Decisions
//
//   - What a pledge still promises is read from the journal alone: accounts 9100 (announced) and 1200 (receivable) for
//     cash, 9200 for pledges in kind, by the kind of the entry that moved them. A reversal is folded into the column of
//     the kind that it reverses, so a mistake and its correction leave no trace in the totals.
//   - A pledge that was announced after its cash had arrived, or after its agreement, shows the whole promise as announced
//     and what had kept it already as received or agreed: the columns do not depend on the order of the papers.
//   - Cash counts on the value date of the receipt, or on the day on which an unidentified receipt was identified. It is
//     read from the allocations and from what is held for the contributor beyond them (2200 without a pledge).
//   - A receipt or delivery that was reversed in the same period is shown and counts for nothing. One that is reversed
//     later counts in its own period and is deducted in the period of the reversal, where it is shown again: the
//     periods of a contributor add up.
//   - A sum is of one currency, or of United States dollars. Cash and contributions in kind are never added together, but in the
//     [Schedule] of a fund report, which has the layout that the United Nations publishes: it totals the revenue that the books
//     recognise, both being United States dollars there, and says so. A test gets the printed totals of a fund from it.
//   - In the schedule, what entities of the United Nations system give is under other transfers and allocations, as in print; a
//     discount (1295 against 4090) and a transfer between funds (4020) are entries of an officer. Write-offs are an expense.
//   - The order of a list does not depend on the collation of the database: codes and references are ordered by bytes.
//   - Documents are frozen when they are issued: their JSON names do not follow the names of package ledger, and each
//     carries the version of its schema.
package reports
