package reports

import (
	"fmt"
	"strings"

	"vcledger/ledger"
)

// The sentences that say which policies a document follows.
const (
	noteRates = "Each amount stands in its own currency and in United States dollars at the rate of its own date; the rate, its date and " +
		"its source are told with each receipt and delivery."
	noteReceived = "A pledge is reduced by what is received at the value at which it stood in the books; the difference from " +
		"the dollars of the receipt is an exchange gain or loss of the fund."
	noteReversals = "A reversed receipt or delivery is shown with the date of its reversal and is not in the totals; one of an earlier " +
		"period is deducted in the period of the reversal."
	noteInKind   = "Contributions in kind are shown apart and are never added to cash."
	noteSchedule = "Only the schedule in the layout of the United Nations totals monetary contributions with contributions in kind, as its model " +
		"does: both are revenue that the books recognise in United States dollars. Services that are disclosed are not in it, and what is " +
		"written off is an expense."
)

// notePolicies says in a sentence for each policy which of the funds follow it.
func notePolicies(funds []Fund) []string {
	var notes []string
	add := func(form string, follows func(Fund) bool) {
		var codes []string
		for _, f := range funds {
			if follows(f) {
				codes = append(codes, string(f.Code))
			}
		}
		if len(codes) > 0 {
			notes = append(notes, fmt.Sprintf(form, strings.Join(codes, ", ")))
		}
	}
	add("%s: a pledge is recognised as revenue when its agreement is signed.", func(f Fund) bool { return f.Recognition == ledger.OnAgreement })
	add("%s: a pledge is recognised as revenue as the conditions of its agreement are met.", func(f Fund) bool { return f.Recognition == ledger.OnConditions })
	add("%s: a pledge is recognised as revenue when its cash is received.", func(f Fund) bool { return f.Recognition == ledger.OnReceipt })
	add("%s: goods in kind are recognised at fair value; services in kind are disclosed and not recognised.",
		func(f Fund) bool { return f.Services == ledger.ServicesAreDisclosed })
	add("%s: goods and services in kind are recognised at fair value.", func(f Fund) bool { return f.Services == ledger.ServicesAreRecognised })
	add("%s: illustrative; the figures of the fund are made up.", func(f Fund) bool { return f.Illustrative })
	return notes
}

func statementNotes(s *Statement) []string {
	return append([]string{noteRates, noteReceived, noteReversals, noteInKind}, notePolicies(s.Funds)...)
}
