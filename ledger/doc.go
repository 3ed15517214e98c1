// Package ledger holds the words and the posting rules of a ledger of voluntary contributions: what a pledge, a
// receipt, a delivery and a journal entry are, and which balanced entry each event makes. It is pure: it reads no
// clock, no file and no database, so a rule can be tested, fuzzed and checked by a donor without a server.
//
// # The books
//
// The reporting currency is the United States dollar ([USD]). Every line carries its amount in the transaction currency
// and in USD; the amount in its own currency is primary, USD follows by a [Rate] that the line keeps. Inside the
// program a debit is positive and a credit negative. An entry balances per fund in USD, and the memorandum accounts
// (9xxx, off the balance sheet) balance by themselves.
//
// # What is recognised when
//
// A pledge is a promise and stands in the memorandum accounts until it binds. It becomes a receivable and revenue when
// the agreement is signed ([OnAgreement]: IPSAS 47, binding arrangement without a condition), or revenue only when the
// cash arrives ([OnReceipt]: no binding arrangement). Goods in kind are recognised at fair value, services in kind are
// disclosed unless the fund's policy recognises them (IPSAS 47, services in-kind).
//
// # Decisions where life is untidy
//
//   - Cash that arrives before the agreement is signed is an advance (2200), not revenue; the agreement applies it, on
//     the agreement's date. Cash for a pledge that is recognised on receipt is revenue on the day it arrives, even
//     when the pledge is announced later: the announcement then finds its promise already kept.
//   - An agreement for less than the pledge leaves the rest announced; for more, or in another currency, it replaces
//     the announcement whole. An agreement dated before the announcement is good: the promise is released on the later
//     of the two dates, so no balance is negative on any day.
//   - A receipt settles the receivable at its carrying amount, and the last receipt takes the last cent; the
//     difference is an exchange gain or loss. What exceeds the receivable keeps what is still only announced, as
//     revenue on receipt; what exceeds that too is the contributor's advance.
//   - A receipt in another currency than the pledge settles, unless the officer says how much, what its USD buys at
//     the carrying rate, so that it makes no exchange difference of its own.
//   - A write-off takes the receivable first and then what is only announced; an announced promise leaves the
//     memorandum accounts without touching the result. It is carried at the receivable's carrying amount; when another
//     USD amount is stated for it, the difference is exchange.
//   - In kind, a delivery runs the promise down to the assessed value of what stays promised; the last one takes the
//     last cent. Value zero is a value: the gift is recorded and does not vanish. The donor's declared value stands
//     beside the assessed one and on no account; so does the cost that an acceptance expects.
//   - A revaluation in kind posts the difference at the rate at which the item or the delivery was valued first: a
//     change of the rate alone is no change of value. It moves what is still promised, or one delivery; each delivery
//     keeps its own value. A reversed delivery takes its revaluations back, and what it gives back to the promise is
//     brought to the value at which the item stands by then, or to nothing when the pledge has ended.
//
// # Departures
//
// IPSAS 4 and the practice for advance consideration would measure revenue at the rate of the day the advance arrived.
// Here every leg keeps the rate of its own date, as United Nations funds report them, and the difference is shown as
// exchange gain or loss.
package ledger
