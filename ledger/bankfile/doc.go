// Package bankfile reads the files that banks send of what happened on an account: camt.053 and camt.054 (ISO 20022), MT940
// (SWIFT) and CSV with a mapping of its columns. It is pure: bytes in, records out, one entry at a time, so that memory is
// bounded however long the file is.
//
// # Decisions
//
//   - A file that cannot be read is refused whole, by a [Fault] with line, field and rule. One that can be read and does not add
//     up is kept, with a [Problem] for each thing that a person should look at.
//   - What is strict: the form (tags nest, nothing is cut off), amounts (no sign, no exponent, no more decimals than the currency
//     has), currencies, dates, CRDT and DBIT. What is not: namespaces, prefixes, versions, elements in no known place, missing
//     optional parts.
//   - The sign follows the bank's mark, on reversals too: a reversed credit comes as a debit. A reversal keeps the sides of what it
//     takes back, so its counterparty is the payer.
//   - A batch is one entry of several payments. One payment in an entry has the entry's amount, whatever else stands in it; what
//     was ordered, the rate and the charges stand beside it.
//   - Two equal entries are two entries, and a bank's reference may stand at several. Who tells entries apart does not do so by the
//     reference alone.
//   - camt.052 and MT942 tell of the day before it is booked, and are refused. camt.054 tells of single entries: it is read, and
//     [Header.Statement] is false.
//   - A day is the one that the bank writes, whatever zone stands behind it.
//   - The encoding is told by a byte order mark or zeros, else by the XML declaration. Latin-1 is read as Windows-1252. A line of
//     MT940 or CSV that is not UTF-8 is Windows-1252 too; XML that is not what it declares is refused.
//   - Entities are the five of XML. A document type declaration is refused, so there is nothing to expand and nothing to fetch.
//
// # Why no library
//
// moov-io/iso20022 and the like have Go types made from the schemas, a set for each version and its exact namespace: they hold a
// whole message in memory, and refuse what banks leave out. No well-kept module for MT940 in Go was found.
// encoding/xml streams, but holds a token of any length, and makes a string of every name and text: the scanner here is held
// against it by a fuzz test (what it takes, encoding/xml takes as the same tags and texts), and is faster.
//
// # The mapping of a CSV file
//
// A [Mapping] is kept with the bank account. Columns are named as the header names them, without regard to case, or numbered from
// 1. For a German bank's file
//
//	Konto;123
//
//	Buchungstag;Valuta;Auftraggeber;IBAN;Verwendungszweck;Betrag;Saldo
//	05.01.2026;06.01.2026;Ministerium;NL91ABNA0417164300;Beitrag 2026;1.250,50;1.150,50
//	02.01.2026;02.01.2026;Bank;;Entgelt;-100,00;-100,00
//
// it is
//
//	{"separator": ";", "header_rows": 3, "date_layout": "DD.MM.YYYY", "decimal_comma": true, "currency": "EUR",
//	 "booking_date": "Buchungstag", "value_date": "Valuta", "amount": "Betrag", "balance": "Saldo",
//	 "name": "Auftraggeber", "account": "IBAN", "remittance": ["Verwendungszweck"]}
//
// The amount is one signed column, one column beside a mark ("mark", "debit_marks", "credit_marks"), or the two columns "debit" and
// "credit". "debit_positive" turns the sign. With a column of balances each line is held against the one beside it, whether the
// newest entry is at the top or at the end, and the trailer has the opening and the closing balance; without one there are none to
// check. "header_rows" counts every line before the entries, empty ones too; "footer_rows" the lines of totals after them.
package bankfile
