// Package ratefile reads files of rates of exchange. It is pure: bytes in, rates out.
//
// # The files
//
//   - United Nations operational rates of exchange, XML: a UN_OPERATIONAL_RATES element for each country with f_curr_code,
//     eff_date ("01 Oct 2026") and rate, in units per USD. A currency stands once for each country that uses it.
//   - European Central Bank reference rates, XML (eurofxref-daily.xml, eurofxref-hist.xml) and CSV (eurofxref-hist.csv), in
//     units per EUR. They are crossed through EUR: units per USD are a currency's units per EUR by those of USD, and EUR
//     itself is one by them. A day without a rate for USD cannot be crossed and is a fault.
//   - CSV with the columns currency, effective_date and units_per_usd, or the United Nations' own names for them, for the
//     source that the caller names.
//
// What a file is follows from its content and not from its name.
//
// # Decisions
//
//   - "N/A" and an empty cell are no rate, never zero.
//   - A currency that the ledger does not know (codes newer than its list) is passed over and named: its rates are of no use
//     here, and the others are.
//   - Two rates of one currency and date that differ are a fault. One fault refuses the file: half of a table of rates is
//     worse than none.
//   - A crossed rate is rounded to ten significant decimals behind the point, which is more than either source has.
//   - A document type declaration is refused, so there are no entities to expand.
package ratefile
