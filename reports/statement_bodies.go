package reports

import (
	"github.com/lib/pq"

	"vcledger/ledger"
)

// bodies returns the contributors that stand under the statement's, each with its own family of merged records, as known.
func (b *statementBuild) bodies() ([]ledger.ContributorCode, error) {
	rows, err := read[struct{ Code ledger.ContributorCode }](b.ctx, b.snap, "bodies under the contributor", bodies, b.Contributor.Code, b.end, knownAt(b.snap))
	var list []ledger.ContributorCode
	for _, r := range rows {
		if b.merges.Survivor(r.Code) == r.Code {
			list = append(list, r.Code)
		}
	}
	return list, err
}

// readBodies takes the bodies under the contributor into the statement when they are asked for together with it.
func (b *statementBuild) readBodies() error {
	if b.request.Bodies != BodiesTogether {
		return nil
	}
	list, err := b.bodies()
	if err != nil {
		return err
	}
	b.Together, err = read[Contributor](b.ctx, b.snap, "names of the bodies", contributorsOn+` ORDER BY code COLLATE "C"`, pq.Array(textCodes(list)), b.end, knownAt(b.snap))
	for _, n := range b.Together {
		b.codes = append(b.codes, textCodes(b.merges.Family(n.Code))...)
	}
	return err
}
