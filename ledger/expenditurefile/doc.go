// Package expenditurefile reads files of a fund's expenditures. It is pure: bytes in, rows out.
//
// # The file
//
// CSV (RFC 4180) in UTF-8, a voucher a row. The first line names the columns, in any order: date, amount, currency,
// description and reference are required; project, pledge, bank_account and usd_amount may be left out. A pledge is named
// by its reference in the fund or by its identifier, and then the whole amount used that pledge's money.
//
// # Decisions
//
//   - Every fault of the file is told at once, each with its line and column. One fault refuses the file: half of a
//     month's vouchers is worse than none.
//   - The reference is what makes an import repeatable, so a file may have each only once.
//   - A negative amount is refused: a correction is a reversal, which says why.
package expenditurefile
