// Package export writes the books for other programs. The journal goes to hledger (with Ledger) and Beancount, so that an
// auditor can check it with programs that we did not write; what was promised and given goes to IATI, and the revenue to the
// financial data of the United Nations system. A file is made from one [postgres.Snapshot]: the same books, dates and
// fund give the same bytes. It is written while it is read from the books and takes no more memory for a longer journal.
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
//
// # How promises and gifts map to IATI
//
//	fund              iati-activity; its identifier is the publisher's and the fund's code
//	contributor       participating-org (funding) and provider-org: the identifier recorded under the scheme iati, or XM-DAC-
//	                  and the code under the scheme dac; the name alone where there is neither. Merged records are one
//	announcement      13 incoming pledge
//	agreement         11 incoming commitment, for its own amount; in kind, the value of what was accepted
//	receipt           1 incoming funds, what the contributor was credited with, by pledge; one that was unidentified on the day of
//	                  its identification
//	delivery in kind  1 incoming funds, at the fund's assessment, disbursement channel 4 (aid in kind), tied; zero is a value
//	whatever takes back: reduction, cancellation, write-off, refund, reversal
//	                  a further transaction of the same type, negative
//	experts, consultants, staff on loan
//	                  aid type D01; everything else B032, of the activity
//	kind              type of organisation: state 10, local_authority 11, mfi, rdb, igo and un 40, private 70; observer 10 with
//	                  a country and 40 without; other 15 under a State and 90 elsewhere
//
// The sums are those of the statements by contributor and currency, which a test holds: announced, agreed, changed, received
// less refunded, delivered. Amounts are in their currencies. The file is held against the official schema with xmllint, and
// each code against its list.
//
// Departures, and what a publisher should know:
//
//   - Nothing is later than the day on which the books were read, though as_of may be.
//   - An agreement takes the place of an announcement; the pledge is not taken back for it. A later change is one of the
//     commitment, unless it is of a part that was announced and never agreed.
//   - A refund counts on the day on which it was decided, as in the reports, and not when the bank paid it.
//   - A change of worth in USD only (revaluation) has no transaction, nor has an advance that is applied, since no cash moves.
//     Entries that no receipt, delivery or refund stands behind have none in incoming funds.
//   - Services in kind are there whether the fund recognises or only discloses them.
//   - Every activity is global (scope 1, region 998), of one sector and of ODA, grants (110) and multi-donor, single-entity
//     funds (B032); gifts of private contributors are flow type 30. The ledger knows no better. There is no budget, no result
//     and no outgoing transaction.
//   - Identifiers that have not the form of one are left out. A contributor that is a person is published by name.
//   - Withdrawn currencies keep their code, which IATI's list lacks.
//   - A character that XML 1.0 cannot hold is U+FFFD.
//
// # How revenue maps to the United Nations financial data
//
// A row is a year, a contributor and a revenue type, in USD; what sums to zero has none. It is what the books recognised as
// revenue in the calendar year (IPSAS 47), before the closing entry, as in the fund report, to which a test ties it.
//
//	4010, 4090, general purpose     R02A
//	4110, 4120, general purpose     R02B
//	4010, 4090, special purpose     R03B; R03E for a fund under another, which is taken for a project's
//	4110, 4120, special purpose     R03F
//	4700, 4800, 4910                R04A, contributor type C09
//	other revenue                   R05; C09 where it is nobody's
//	kind of contributor             state and local_authority C01, mfi and rdb C04A, un C04C, igo C04E, private C06; observer C01
//	                                with a country, other C01 under a State; DAC code 918, the European Union, C08A; the rest C08B
//
// Departures:
//
//   - R01 and R07 to R12 are never used: there is no assessed contribution, and the others are legacy codes. Neither are R03A,
//     R03C, R03D, R04B and R04C, and C02, C03, C04B, C04D, C05 and C07, which the ledger cannot tell.
//   - Services in kind that a fund discloses and does not recognise are no revenue and not in it.
//   - Interest, programme support and exchange gains are nobody's also where a contributor's pledge brought them. Exchange
//     losses and write-offs are expenses.
//   - A text that a spreadsheet would run as a formula has an apostrophe before it.
package export
