package ledger

import "sort"

// Rule is the stable name of a rule that a request broke. It is the last segment of the problem's type, and the page
// at that path explains it.
type Rule string

// The rules. [RuleDoc] says what each means.
const (
	RuleInvalidRequest           Rule = "invalid-request"
	RuleMalformedBody            Rule = "malformed-body"
	RuleBodyTooLarge             Rule = "body-too-large"
	RuleUnsupportedMediaType     Rule = "unsupported-media-type"
	RuleNotAcceptable            Rule = "not-acceptable"
	RuleMethodNotAllowed         Rule = "method-not-allowed"
	RuleNotFound                 Rule = "not-found"
	RuleUnauthenticated          Rule = "unauthenticated"
	RuleForbidden                Rule = "forbidden"
	RuleTooManyRequests          Rule = "too-many-requests"
	RuleKey                      Rule = "key"
	RuleEditUnconditional        Rule = "edit-unconditional"
	RuleEditStale                Rule = "edit-stale"
	RuleUnavailable              Rule = "unavailable"
	RuleInternal                 Rule = "internal"
	RuleUnknownField             Rule = "unknown-field"
	RuleUnknownParameter         Rule = "unknown-parameter"
	RuleDuplicateField           Rule = "duplicate-field"
	RuleRequired                 Rule = "required"
	RuleType                     Rule = "wrong-type"
	RuleText                     Rule = "invalid-text"
	RuleTooLong                  Rule = "too-long"
	RuleTooMany                  Rule = "too-many"
	RuleOutOfRange               Rule = "out-of-range"
	RuleNotOneOf                 Rule = "not-one-of"
	RuleCursor                   Rule = "invalid-cursor"
	RuleIdempotencyKeyMissing    Rule = "idempotency-key-missing"
	RuleIdempotencyKeyReused     Rule = "idempotency-key-reused"
	RuleIdempotencyKeyInFlight   Rule = "idempotency-key-in-flight"
	RuleDate                     Rule = "invalid-date"
	RuleDateInFuture             Rule = "date-in-future"
	RuleDateOrder                Rule = "date-order"
	RulePeriodClosed             Rule = "period-closed"
	RulePeriodState              Rule = "period-state"
	RulePeriodChecklist          Rule = "period-checklist"
	RuleAmount                   Rule = "invalid-amount"
	RuleAmountScale              Rule = "amount-scale"
	RuleAmountNotPositive        Rule = "amount-not-positive"
	RuleAmountTooLarge           Rule = "amount-too-large"
	RuleCurrencyUnknown          Rule = "currency-unknown"
	RuleCurrencyMismatch         Rule = "currency-mismatch"
	RuleUSDMismatch              Rule = "usd-mismatch"
	RuleRateMissing              Rule = "rate-missing"
	RuleRateExists               Rule = "rate-exists"
	RuleCodeTaken                Rule = "code-taken"
	RuleContributorUnknown       Rule = "contributor-unknown"
	RuleContributorMismatch      Rule = "contributor-mismatch"
	RuleContributorAmbiguous     Rule = "contributor-ambiguous"
	RuleContributorMerged        Rule = "contributor-merged"
	RuleContributorCircle        Rule = "contributor-circle"
	RuleNameTaken                Rule = "name-taken"
	RuleFundUnknown              Rule = "fund-unknown"
	RuleFundMismatch             Rule = "fund-mismatch"
	RuleBankAccountUnknown       Rule = "bank-account-unknown"
	RuleAccountUnknown           Rule = "account-unknown"
	RulePledgeUnknown            Rule = "pledge-unknown"
	RulePledgeForm               Rule = "pledge-form"
	RulePledgeStage              Rule = "pledge-stage"
	RulePledgeReferenceTaken     Rule = "pledge-reference-taken"
	RuleItemUnknown              Rule = "item-unknown"
	RuleDeliveryCertified        Rule = "delivery-certified"
	RuleScheduleSum              Rule = "schedule-sum"
	RuleInstalmentUnknown        Rule = "instalment-unknown"
	RuleConditionSum             Rule = "condition-sum"
	RuleConditionUnknown         Rule = "condition-unknown"
	RuleConditionMet             Rule = "condition-met"
	RuleRecognitionMismatch      Rule = "recognition-mismatch"
	RuleQuantityExceedsPledge    Rule = "quantity-exceeds-pledge"
	RuleValuation                Rule = "valuation-contradicts"
	RuleUnitUnknown              Rule = "unit-unknown"
	RuleExceedsOutstanding       Rule = "exceeds-outstanding"
	RuleNothingOutstanding       Rule = "nothing-outstanding"
	RuleReceiptUnknown           Rule = "receipt-unknown"
	RuleReceiptDuplicate         Rule = "receipt-duplicate"
	RuleAllocationExceedsReceipt Rule = "allocation-exceeds-receipt"
	RuleAlreadyReversed          Rule = "already-reversed"
	RuleReverseRecord            Rule = "reverse-the-record"
	RuleReversalOrder            Rule = "reversal-order"
	RuleExceedsRefundable        Rule = "exceeds-refundable"
	RuleRefundStage              Rule = "refund-stage"
	RuleLineDimension            Rule = "line-dimension"
	RuleBalanceNegative          Rule = "balance-negative"
	RuleApprovalPending          Rule = "approval-pending"
	RuleApprovalDecided          Rule = "approval-decided"
	RuleApprovalStale            Rule = "approval-stale"
	RuleFourEyes                 Rule = "four-eyes"
	RuleEntryUnbalanced          Rule = "entry-unbalanced"
	RuleAppendOnly               Rule = "append-only"
	RuleExpenditureDuplicate     Rule = "expenditure-duplicate"
	RuleExceedsAvailableCash     Rule = "exceeds-available-cash"
	RuleSupportMissing           Rule = "support-missing"
	RuleSupportFund              Rule = "support-fund"
	RuleInterestDuplicate        Rule = "interest-duplicate"
	RuleNoBalance                Rule = "no-balance"
	RuleStatementIssued          Rule = "statement-issued"
	RuleStatementSuperseded      Rule = "statement-superseded"
	RuleBankFile                 Rule = "bank-file"
	RuleBankFileKnown            Rule = "bank-file-known"
	RuleBankLineDecided          Rule = "bank-line-decided"
	RuleBankLineDirection        Rule = "bank-line-direction"
	RuleBankDecision             Rule = "bank-decision"
	RuleBankUnexplained          Rule = "bank-unexplained"
	RuleBankMonth                Rule = "bank-month"
	RuleRegisterHeader           Rule = "register-header"
	RuleRegisterRow              Rule = "register-row"
	RuleRegisterConflict         Rule = "register-conflict"
)

// RuleDoc explains a rule to the person who broke it.
type RuleDoc struct {
	Kind  Kind
	Title string // the problem's title, the same for every occurrence
	Means string // what the rule asks for and how to mend the request
}

// Doc returns the rule's explanation. A rule that is not listed is explained as an internal fault, and a test keeps the
// list whole.
func (r Rule) Doc() RuleDoc {
	if d, ok := ruleDocs[r]; ok {
		return d
	}
	return ruleDocs[RuleInternal]
}

// Rules lists every rule in alphabetical order.
func Rules() []Rule {
	list := make([]Rule, 0, len(ruleDocs))
	for r := range ruleDocs {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}

var ruleDocs = map[Rule]RuleDoc{
	RuleInvalidRequest:       {KindInvalid, "Several values break a rule", "Each violation is listed in errors with a pointer to the value, the rule and a sentence. Mend them all and send the request again."},
	RuleMalformedBody:        {KindMalformed, "The body cannot be read", "The body must be one JSON value in UTF-8 with the content type application/json."},
	RuleBodyTooLarge:         {KindTooLarge, "The body is too large", "A request body may have at most 1 MiB. Load large registers with vcledger import."},
	RuleUnsupportedMediaType: {KindMalformed, "The content type is not supported", "Send the body as application/json."},
	RuleNotAcceptable:        {KindMalformed, "None of the accepted formats can be made", "Ask for one of the formats that the operation lists, by Accept or by ?format=."},
	RuleMethodNotAllowed:     {KindMalformed, "The method is not allowed here", "The Allow header and /openapi.json list the methods of each path."},
	RuleNotFound:             {KindNotFound, "There is no such record", "No record with that identifier exists, or it is not one that this key may see."},
	RuleUnauthenticated:      {KindUnauthenticated, "A valid key is needed", "Send Authorization: Bearer with a key that is neither expired nor revoked."},
	RuleForbidden:            {KindForbidden, "The role does not allow this", "The key is valid, but its role may not do this. The documentation lists the roles of each operation."},
	RuleTooManyRequests:      {KindForbidden, "Too many requests", "The key, or the address, asks more often than it may. Ask again after the time that Retry-After names."},
	RuleKey:                  {KindInvalid, "The key cannot be made", "A donor's key names its contributor and no other key does; an end is in the future."},
	RuleEditUnconditional:    {KindMalformed, "The edit does not say what it changes", "Send the ETag of what you read as If-Match, so that nobody's edit is lost."},
	RuleEditStale:            {KindConflict, "The record was changed meanwhile", "The ETag in If-Match is not the record's any more. Read it again and decide anew."},
	RuleUnavailable:          {KindUnavailable, "The ledger cannot answer now", "Send the same request with the same Idempotency-Key again after the time that Retry-After names: it is carried out once, whether or not this one was."},
	RuleInternal:             {0, "The ledger failed", "The fault is ours and is in the server's log under the request's number. A write that was not acknowledged may be sent again with the same Idempotency-Key."},

	RuleUnknownField:     {KindInvalid, "The field is not known", "The body has a field that the operation does not take. Names are case-sensitive."},
	RuleUnknownParameter: {KindInvalid, "The query parameter is not known", "The query has a parameter that the operation does not take."},
	RuleDuplicateField:   {KindMalformed, "A field stands twice", "A JSON object may name each field once (RFC 8259, section 4)."},
	RuleRequired:         {KindInvalid, "A value is missing", "The field is required and must not be empty."},
	RuleType:             {KindInvalid, "The value has the wrong type", "The value is of another JSON type than the field takes. Amounts are strings."},
	RuleText:             {KindInvalid, "The text has characters that are not taken", "Text is UTF-8 without control characters and does not begin or end with a space."},
	RuleTooLong:          {KindInvalid, "The text is too long", "The text has more characters than the field takes."},
	RuleTooMany:          {KindInvalid, "Too many items", "The list has more items than the field takes."},
	RuleOutOfRange:       {KindInvalid, "The value is out of range", "The number is smaller or greater than the field takes."},
	RuleNotOneOf:         {KindInvalid, "The value is not one of those taken", "The field takes one of a list of words; the detail names them."},
	RuleCursor:           {KindInvalid, "The cursor is not valid", "Take the cursor from the next link of the page before; it belongs to that list and its filters."},

	RuleIdempotencyKeyMissing:  {KindMalformed, "An Idempotency-Key is needed", "Every request that writes carries an Idempotency-Key header of 1 to 255 visible ASCII characters, so that a retry changes nothing."},
	RuleIdempotencyKeyReused:   {KindInvalid, "The Idempotency-Key belongs to another request", "The key was used before with another body or at another path. Use a new key for a new request."},
	RuleIdempotencyKeyInFlight: {KindConflict, "A request with this Idempotency-Key is being worked on", "The first request with this key has not ended. Wait and send it again: it will be answered as the first was."},

	RuleDate:         {KindInvalid, "Not a date", "Dates are of the calendar, in the form YYYY-MM-DD, from 1945-10-24 to 2199-12-31."},
	RuleDateInFuture: {KindInvalid, "The date is in the future", "An event is recorded when it has happened; its date cannot be later than today."},
	RuleDateOrder:    {KindInvalid, "The dates contradict each other", "One date must not be before the other; the detail names them."},
	RulePeriodClosed: {KindConflict, "The period is closed", "The books of that date are closed. Date the entry in the first open period."},

	RulePeriodState:       {KindConflict, "The period cannot be closed or opened now", "Periods are closed once and one after another, when they have ended; the last one that is closed can be opened again."},
	RulePeriodChecklist:   {KindConflict, "The closing list is not done", "Before a year is closed, no receipt is unidentified for long without a note, the banks are reconciled, foreign balances are revalued and the trial balance is tied out. Each check that fails is listed."},
	RuleAmount:            {KindInvalid, "Not an amount", "An amount is a string of digits with at most one decimal point: no sign, no exponent, no separator."},
	RuleAmountScale:       {KindInvalid, "More decimals than the currency has", "An amount has at most as many decimals as its currency has minor units (ISO 4217): two for EUR, none for JPY, three for KWD."},
	RuleAmountNotPositive: {KindInvalid, "The amount must be more than zero", "Zero and negative amounts are not recorded; a correction is a reversal."},
	RuleAmountTooLarge:    {KindInvalid, "The amount is too large", "An amount has at most 15 digits before the decimal point."},
	RuleCurrencyUnknown:   {KindInvalid, "The currency is not known", "Currencies are ISO 4217 codes in capitals."},
	RuleCurrencyMismatch:  {KindInvalid, "The currency is another", "The amount must be in the currency that the detail names."},
	RuleUSDMismatch:       {KindInvalid, "The USD amount contradicts the amount", "For an amount in USD the stated USD amount is the same figure, or is left out."},
	RuleRateMissing:       {KindInvalid, "There is no rate of exchange", "The fund's rate source has no rate for the currency in force on the date. Record the rate, or state the USD amount that the bank credited."},
	RuleRateExists:        {KindConflict, "The rate is recorded already", "The source has another rate for that currency and date. Rates are not changed."},

	RuleCodeTaken:          {KindConflict, "The code is taken", "Another record has the code. Codes are never used twice."},
	RuleContributorUnknown: {KindInvalid, "The contributor is not known", "No contributor has that code. Record the contributor first."},
	RuleContributorMismatch: {KindInvalid, "The contributor is another",
		"The pledge, or the rest of the receipt, belongs to another contributor."},
	RuleContributorAmbiguous: {KindConflict, "The name has several contributors",
		"Several contributors answer to the name on that date; errors lists each by code and name. Give the code."},
	RuleContributorMerged: {KindConflict, "The contributor was merged into another",
		"The record was merged; the detail names the contributor that answers for it. Use that code. A pledge of the merged record is still paid and delivered."},
	RuleContributorCircle:  {KindConflict, "The contributor would belong to itself", "Parents never run in a circle: the contributor already stands above the one named."},
	RuleNameTaken:          {KindConflict, "The contributor has the name already", "The contributor was recorded with that alias before. Names are not changed."},
	RuleFundUnknown:        {KindInvalid, "The fund is not known", "No fund has that code. Record the fund first."},
	RuleFundMismatch:       {KindInvalid, "The fund is another", "The pledge belongs to another fund than the one named beside it."},
	RuleBankAccountUnknown: {KindInvalid, "The bank account is not known", "No bank account has that code."},
	RuleAccountUnknown:     {KindInvalid, "The account is not known", "The chart of accounts has no account with that code."},

	RulePledgeUnknown:         {KindInvalid, "The pledge is not known", "No pledge has that identifier."},
	RulePledgeForm:            {KindInvalid, "The pledge has another form", "A cash pledge has an amount and is settled by receipts; a pledge in kind has items and is settled by deliveries."},
	RulePledgeStage:           {KindConflict, "The pledge's stage does not allow this", "The detail says which stage the pledge is in and which it would have to be."},
	RulePledgeReferenceTaken:  {KindConflict, "The reference is taken", "The fund has another pledge of this form with the reference."},
	RuleDeliveryCertified:     {KindConflict, "The delivery is certified already", "Who confirmed that it was given is recorded once. A delivery that was recorded wrongly is reversed and recorded anew."},
	RuleItemUnknown:           {KindInvalid, "The pledge has no such item", "Items are numbered from 1 in the order in which the pledge lists them."},
	RuleScheduleSum:           {KindInvalid, "The instalments do not sum to the agreement", "The amounts of an agreement's instalments add up to its own amount, in its currency."},
	RuleInstalmentUnknown:     {KindInvalid, "The pledge has no such instalment", "Instalments are numbered from 1 in the order of their due dates; cash can be applied to one in the agreement's currency."},
	RuleConditionSum:          {KindInvalid, "The conditions do not sum to the agreement", "The amounts that hang on an agreement's conditions add up to its own amount, in its currency."},
	RuleConditionUnknown:      {KindNotFound, "The agreement has no such condition", "Conditions are numbered from 1 in the order in which the agreement lists them."},
	RuleConditionMet:          {KindConflict, "The condition is met already", "A condition is met once. If that was recorded wrongly, reverse its entry first."},
	RuleRecognitionMismatch:   {KindInvalid, "The pledge's recognition does not allow this", "A pledge recognised on receipt has no conditions; one recognised on conditions has them in its agreement."},
	RuleQuantityExceedsPledge: {KindConflict, "More than was pledged", "The quantity exceeds what the pledge still promises of the item. Set surplus to true to record the rest as given beyond the pledge."},
	RuleValuation:             {KindInvalid, "The valuation contradicts itself", "The value is the quantity times the unit value, rounded to the currency; with the basis donor_stated it is the value that the donor declares."},
	RuleUnitUnknown:           {KindInvalid, "The unit is not known", "Contributions in kind are counted in the units that the ledger lists; the detail names them. A register that is imported brings its own."},
	RuleExceedsOutstanding:    {KindConflict, "More than is outstanding", "The amount exceeds what the pledge still promises."},
	RuleNothingOutstanding:    {KindConflict, "Nothing is outstanding", "The pledge promises nothing any more, so there is nothing to end."},

	RuleReceiptUnknown:           {KindInvalid, "The receipt is not known", "No receipt has that identifier."},
	RuleReceiptDuplicate:         {KindConflict, "The receipt is recorded already", "A receipt with the same bank account and bank reference stands in the books. If it was recorded wrongly, reverse it first."},
	RuleAllocationExceedsReceipt: {KindConflict, "More than the receipt has left", "The allocations of a receipt cannot add up to more than its amount."},
	RuleAlreadyReversed:          {KindConflict, "It is reversed already", "An entry is reversed once; a reversal itself cannot be reversed. Record the event anew."},
	RuleReverseRecord:            {KindConflict, "The entry belongs to a record", "The entry is reversed with the record that made it, so that the record says so too. The detail names the operation."},
	RuleReversalOrder:            {KindConflict, "Later entries build on it", "Without this entry a balance would be less than nothing. Reverse what came after it first, the last entry first."},
	RuleExceedsRefundable:        {KindConflict, "More than can be refunded", "The amount exceeds what is left of the receipt where the refund is to come from."},
	RuleRefundStage:              {KindConflict, "The refund's stage does not allow this", "A refund is paid once, while it is owed."},
	RuleLineDimension:            {KindInvalid, "The account is kept by another dimension", "A line on 1010 names a bank account, one on 1200, 2400 or 9100 a pledge, one on 9200 a pledge's item, one on 2100, 2200 or 2500 a receipt."},
	RuleBalanceNegative:          {KindConflict, "A balance would be less than nothing", "What a pledge has outstanding, what is deferred, and what a receipt holds are never less than nothing. The detail names the balance."},
	RuleApprovalPending:          {KindConflict, "The same waits for approval already", "Only one request of a kind waits for a record. Withdraw it, or wait until it is decided."},
	RuleApprovalDecided:          {KindConflict, "The approval is decided", "An approval is decided once."},
	RuleApprovalStale:            {KindConflict, "The books have moved", "What would be posted now is not what was asked for. Reject the approval and ask anew."},
	RuleFourEyes:                 {KindForbidden, "Another person decides", "An approver who did not ask for it decides on an approval; who asked for it may withdraw it."},
	RuleEntryUnbalanced:          {KindConflict, "The entry does not balance", "The lines of an entry sum to zero in USD for each fund."},
	RuleAppendOnly:               {KindConflict, "Posted records are not changed", "What is posted stays; a correction is a reversal."},

	RuleExpenditureDuplicate: {KindConflict, "The reference is taken by another expenditure",
		"The fund has an expenditure with the reference, with other values. If it was recorded wrongly, reverse it first; then the reference can be used again."},
	RuleExceedsAvailableCash: {KindConflict, "More than is available in cash",
		"On the expenditure's date or later, the fund would have less cash than nothing, with programme support and levies. Cash that is unidentified, received in advance or owed back is not available. Set overdraft to true, with a reason, to spend before the cash arrives."},
	RuleSupportMissing: {KindInvalid, "The fund's programme support is not set",
		"No programme support of the fund is in force on the date. Record it, for funds that pay none with a rate of 0, so that none is forgotten."},
	RuleSupportFund: {KindInvalid, "Programme support and levies go to another fund",
		"A rate above 0 names the fund that receives the charge, which is another than the one that pays it."},
	RuleInterestDuplicate: {KindConflict, "The interest is recorded already", "Interest with the same bank account and bank reference stands in the books. If it was recorded wrongly, reverse its entry first."},
	RuleNoBalance:         {KindConflict, "There was no balance that earned it", "Interest is apportioned by balances above zero in the period; there was none."},

	RuleStatementIssued:     {KindConflict, "The statement is issued already", "A statement of the same contributor, period, fund and bodies stands; the detail names it. To issue it anew, supersede it with a reason."},
	RuleStatementSuperseded: {KindConflict, "The statement is superseded already", "A statement is superseded once; the detail names the one that took its place, which may be superseded in turn."},

	RuleBankFile:          {KindInvalid, "The bank's file cannot be read", "A file is read whole or not at all: camt.053 or camt.054 (ISO 20022), MT940, or CSV with the mapping of its bank account. The detail names the line."},
	RuleBankFileKnown:     {KindConflict, "The file was imported already", "A file with the same bytes is in the books; the detail names its statement."},
	RuleBankLineDecided:   {KindConflict, "The line is decided on", "A line has one decision that stands. Undo it first: what it booked is then reversed."},
	RuleBankLineDirection: {KindInvalid, "The line goes the other way", "A contribution and interest are credits, a charge is a debit."},
	RuleBankDecision:      {KindInvalid, "The decision does not fit the line", "What the line is linked with has to be cash of its bank account that no other line has; the detail says what is wrong."},
	RuleBankUnexplained:   {KindConflict, "The difference is not explained", "A month is signed off when every item between the bank's balance and the books' is explained; errors lists those that are not."},
	RuleBankMonth:         {KindConflict, "The month cannot be signed off now", "A month is signed off when it has ended and a statement of the bank says its balance."},

	RuleRegisterHeader:   {KindInvalid, "The register's columns are wrong", "The first line names the columns: event, contribution, contributor, kind, fund, year, date and amount are required; country, currency, usd_amount, instrument, item, quantity, unit and note may be absent."},
	RuleRegisterRow:      {KindInvalid, "The row cannot be read", "A row is a line of CSV (RFC 4180) in UTF-8 with as many fields as the header."},
	RuleRegisterConflict: {KindConflict, "The register contradicts the books", "The contribution has this event already, with other values. Correct the books, or the register."},
}
