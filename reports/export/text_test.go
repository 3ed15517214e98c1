package export

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"vcledger/ledger"
)

// hledgerForms are the only forms that a line of an hledger file has after its declarations. What text may fill is (.*),
// and mustNot holds for it.
var hledgerForms = []struct {
	form    *regexp.Regexp
	mustNot string // characters that would end the text or mean something in it
}{
	{regexp.MustCompile(`^$`), ""},
	{regexp.MustCompile(`^2026-03-01 \* \(1\)(?: (\S.*))?$`), ";|"},
	{regexp.MustCompile(`^    ; (?:kind|recorded_at|reason): (\S.*)$`), ";,[]"},
	{regexp.MustCompile(`^        ; (?:fund|contributor|pledge): (\S.*)$`), ";,[]"},
	{regexp.MustCompile(`^    assets:1200 ?(.*?)    -?1\.00 USD$`), ";:[]"},
}

// beancountForms are the same for Beancount; what text may fill is a string.
var beancountForms = []*regexp.Regexp{
	regexp.MustCompile(`^$`),
	regexp.MustCompile(`^2026-03-01 \* "(.*)"$`),
	regexp.MustCompile(`^  (?:entry|kind|recorded_at|reason): "(.*)"$`),
	regexp.MustCompile(`^    (?:fund|contributor|pledge): "(.*)"$`),
	regexp.MustCompile(`^  Assets:1200(?:-[A-Za-z0-9]+)?  -?1\.00 USD$`),
}

// FuzzText writes arbitrary text into every field that takes it. The file keeps its lines, each line its form, and
// Beancount's strings read back as they were.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "; [2026-99-99] , date:2020-01-01", "\"\\\n\r\t\v\x00\x7f", "\u2028\u0085\u00a0 x  y", "|:a:b:|", "\xff\xfe",
		"* ! (x) = ~ {1} @@ 2 USD", "ذهب 示例 😀", strings.Repeat("長い;", 2000), "a\n2026-01-01 * b\n  Assets:A  1 USD", `\`, `\"`, "]", "  1.00 USD"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		entry := head("1", 1, s)
		entry.Reason = s
		lines := []line{entry.on("1200", "1", "USD", "1").of("XAA", s), entry.on("1200", "-1", "USD", "-1").of("XAA", s)}
		j := testJournal(lines...)
		j.Used[0].Name = s

		for _, l := range body(written(t, j, hledger{})) {
			checkHledgerLine(t, l)
		}
		var texts []string
		for _, l := range body(written(t, j, beancount{})) {
			if text, ok := checkBeancountLine(t, l); ok {
				texts = append(texts, text)
			}
		}
		want := []string{s}
		if s != "" {
			want = []string{s, s, s, s}
		}
		for i := range want {
			want[i] = strings.ToValidUTF8(want[i], "\uFFFD")
		}
		if strings.Join(texts, "\x00") != strings.Join(want, "\x00") {
			t.Errorf("Beancount reads %q, want %q", texts, want)
		}
	})
}

// body returns the lines from the first transaction on.
func body(file string) []string {
	at := strings.Index(file, "\n2026-")
	return strings.Split(strings.TrimSuffix(file[at+1:], "\n"), "\n")
}

func checkHledgerLine(t *testing.T, l string) {
	t.Helper()
	if len(l) >= 4096 || !utf8.ValidString(l) || strings.ContainsFunc(l, unicode.IsControl) || strings.TrimRight(l, " ") != l {
		t.Errorf("hledger: not one clean line: %q", l)
	}
	for _, f := range hledgerForms {
		m := f.form.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		if len(m) > 1 && (strings.ContainsAny(m[1], f.mustNot) || strings.Contains(m[1], "  ")) {
			t.Errorf("hledger: text breaks out: %q", l)
		}
		return
	}
	t.Errorf("hledger: a line of no known form: %q", l)
}

// checkBeancountLine returns the text of a line that has some of the fuzzed text.
func checkBeancountLine(t *testing.T, l string) (text string, ok bool) {
	t.Helper()
	for _, form := range beancountForms {
		m := form.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		if len(m) == 1 {
			return "", false
		}
		text = unquote(t, m[1])
		fuzzed := strings.Contains(l, "reason: ") || strings.Contains(l, "pledge: ") || strings.HasPrefix(l, "2026")
		return text, fuzzed
	}
	t.Errorf("beancount: a line of no known form: %q", l)
	return "", false
}

// unquote reads the inside of a Beancount string as its lexer does.
func unquote(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			t.Errorf("beancount: a string ends early: %q", s)
		case s[i] != '\\':
			b.WriteByte(s[i])
		case i+1 == len(s):
			t.Errorf("beancount: a string does not end: %q", s)
		default:
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(s[i])
			}
		}
	}
	return b.String()
}

// TestBeancountAccount holds every name against the lexer's rule, and two bank accounts never share one.
func TestBeancountAccount(t *testing.T) {
	t.Parallel()
	component := regexp.MustCompile(`^(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+$`)
	seen := map[string]bool{}
	for _, bank := range []string{"", "A.B", "A-B", "A_B", "A..B", "A._B", "9", "A."} {
		for _, kind := range []ledger.AccountKind{ledger.KindAsset, ledger.KindLiability, ledger.KindNetAssets, ledger.KindRevenue,
			ledger.KindExpense, ledger.KindMemorandum} {
			name := beancount{}.account(account{"1010", bank}, used{Name: "cash, at-bank été 示例 2", Kind: kind})
			if !component.MatchString(name) {
				t.Errorf("%q is no account of Beancount's", name)
			}
			if seen[name] {
				t.Errorf("%q is the name of two accounts", name)
			}
			seen[name] = true
		}
	}
	if got := (beancount{}).account(account{Code: "3000"}, used{Name: "رصيد", Kind: ledger.KindNetAssets}); got != "Equity:3000" {
		t.Errorf("an account without a Latin name is %q", got)
	}
}
