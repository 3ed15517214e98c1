// Package export writes the journal in the formats of hledger (with Ledger) and Beancount, so that an auditor can check the
// books with programs that we did not write. A file is made from one [postgres.Snapshot]: the same books, dates and fund
// give the same bytes. It is written while the entries are read and takes no more memory for a longer journal.
//
// # How the journal maps
//
//	entry           transaction, marked cleared, on the effective date; the entry's id is the code (hledger) or the
//	                metadata "entry" (Beancount)
//	entry's tags    kind, recorded_at, reason, reverses (the id of the entry that it undoes), receipt, delivery
//	line            posting; a debit is positive, a credit negative
//	line's tags     fund, contributor, pledge (its reference), item (of a pledge in kind), receipt
//	amount          in its currency, at the currency's scale, with its worth in USD as the total price: @@
//	account         root by kind, then code and name, then the bank account's code:
//	                hledger    assets:1010 Cash at bank:MAIN
//	                Beancount  Assets:1010-CashAtBank:MAIN
//	memorandum      hledger    memorandum:9100 …, in brackets: these lines balance by themselves, and --real leaves
//	                           them out
//	                Beancount  Equity:Memorandum:9100-…
//
// Entries come in the order of effective date, recorded instant and id. Only the accounts and the currencies that the
// journal uses are declared, so that one added to the chart later does not change an older file. A file of one fund has
// that fund's lines, which balance by themselves.
//
// Checked with hledger check --strict, ledger bal and bean-check. Balances in the currencies come from hledger bal,
// ledger bal --flat and bean-query; balances in USD from hledger bal -B, ledger bal -B and the weights of bean-query.
//
// # Departures
//
//   - Both formats balance a transaction as a whole. The books balance per fund: the tag fund shows it, no program checks it.
//   - A line that changes only the USD worth of a balance (a revaluation) is a posting in USD with the tag currency: an
//     amount of nothing cannot have a price.
//   - An amount that is worth nothing in USD keeps its zero price, so that no program invents one.
//   - The rate's source and date are not written; the rate is what the two amounts say.
//   - hledger cannot quote. In its file the characters ; [ ] and |, in tags also the comma and in account names the colon,
//     stand as their full-width look-alikes; line ends and runs of spaces are one space; a text beyond 2,000 bytes ends in
//     an ellipsis, because Ledger refuses long lines. Beancount's file has every text whole.
//   - Beancount's account names have the ASCII letters and digits of the chart's names, and spell the point and the underscore
//     of a bank account's code as -dot- and -low-. The names themselves are metadata of the open directives.
//   - Beancount turns a total price into the price of one unit, so a worth in USD has a tail in its 28th digit. bean-query
//     cuts numbers off (9.99 for 10.00), and its --numberify, which rounds, fails from a billion on: sums in USD are whole
//     as text, str(sum(weight)).
package export
