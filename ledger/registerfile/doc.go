// Package registerfile reads registers of contributions: CSV files with a row for each event. It is pure: bytes in, rows
// and faults out.
//
// # The file
//
// The first line names the columns, in any order: event, contribution, contributor, kind, fund, year, date, currency and
// amount are needed; country, usd_amount, instrument, item, quantity, unit and note may be absent. A column that is not
// one of these is refused, because a figure that is not read is a figure that is lost. The file is UTF-8, with or without
// a byte order mark, its lines end in LF, CRLF or CR. Empty lines are passed over.
//
// # Decisions
//
//   - A bad row is told with every fault of it, by line, column and rule, and the reading goes on. A quote that is not
//     closed spoils its own line and no other. A row may have 64 KiB; a longer one is one fault.
//   - An amount has no more decimals than its currency; zeros beyond are taken ("5000.00" yen). No sign, no exponent, no
//     separator of thousands: what could be read in two ways is refused.
//   - An event of cash has an amount and, when it is stated, a usd_amount that are more than zero. A usd_amount of zero is
//     refused with the advice to leave it empty, so that the rate in force is used.
//   - A gift in kind has an item, a quantity and a unit; its amount, the value of the whole quantity, may be zero or
//     empty, for a gift of no value is still a gift.
//   - An event happened: its date is not later than today. The year is the fund year, which may lie ahead.
//   - In names the outer spaces are dropped and the composed form of Unicode (NFC) is used, so that one name is one name.
//   - What sort of gift an item is follows from its words and its unit; see [Category].
package registerfile
