package ledger

import (
	"fmt"
	"regexp"
	"strings"
)

// StatementNumber numbers an issued statement: the year of issue and a number that has no gap in the year, "2026/000123".
type StatementNumber string

var statementNumber = regexp.MustCompile(`^[0-9]{4}[/-][0-9]{6}$`)

// ParseStatementNumber reads a number as it is printed, "2026/000123", or as it stands in paths and names of files,
// "2026-000123".
// Errors: [RuleNotFound] for what is no number, as for one that was not given.
func ParseStatementNumber(s string) (StatementNumber, error) {
	if !statementNumber.MatchString(s) {
		return "", Fail(RuleNotFound, "There is no such statement: a number is like 2026/000123.")
	}
	return StatementNumber(s[:4] + "/" + s[5:]), nil
}

// StatementNumberOf returns the number of a year.
func StatementNumberOf(year, n int) StatementNumber {
	return StatementNumber(fmt.Sprintf("%04d/%06d", year, n))
}

// Path returns the number without a slash, for paths and names of files.
func (n StatementNumber) Path() string { return strings.Replace(string(n), "/", "-", 1) }
