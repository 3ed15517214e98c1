package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// openData returns a ledger with the books of the exports for the public.
func openData(t testing.TB) (*postgres.Store, *sqlx.DB) {
	t.Helper()
	return openBook(t, "testdata/open.sql")
}

var published = export.Options{Publisher: export.DefaultPublisher}

// validate holds a file against the official schema with a program that is not ours. Without the program nothing is known, so
// the test fails.
func validate(t testing.TB, file []byte) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Fatal("xmllint is not installed, and nothing else here holds the file against IATI's schema; Debian: apt-get install libxml2-utils")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", "testdata/iati/iati-activities-schema.xsd", "-")
	cmd.Stdin = bytes.NewReader(file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%.4000s", err, out)
	}
}

// activities are the parts of a file that the tests look at.
type activities struct {
	Activities []struct {
		Identifier string `xml:"iati-identifier"`
		Title      string `xml:"title>narrative"`
		Funding    []struct {
			Ref  string `xml:"ref,attr"`
			Type string `xml:"type,attr"`
			Role string `xml:"role,attr"`
			Name string `xml:"narrative"`
		} `xml:"participating-org"`
		Transactions []transaction `xml:"transaction"`
	} `xml:"iati-activity"`
}

type transaction struct {
	Type struct {
		Code string `xml:"code,attr"`
	} `xml:"transaction-type"`
	Date struct {
		Day string `xml:"iso-date,attr"`
	} `xml:"transaction-date"`
	Value struct {
		Currency string `xml:"currency,attr"`
		Day      string `xml:"value-date,attr"`
		Amount   string `xml:",chardata"`
	} `xml:"value"`
	Description string `xml:"description>narrative"`
	Provider    struct {
		Name string `xml:"narrative"`
	} `xml:"provider-org"`
	Channel struct {
		Code string `xml:"code,attr"`
	} `xml:"disbursement-channel"`
}

// inKind reports whether the transaction is marked as aid in kind.
func (t transaction) inKind() bool { return t.Channel.Code == "4" }

func parsed(t testing.TB, file []byte) activities {
	t.Helper()
	var a activities
	if err := xml.Unmarshal(file, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// What differs at each run: the instant of recording, the day of it for a fund without an entry, and the legs without an entry,
// whose ids are random.
var (
	plannedOn = regexp.MustCompile(`<activity-date iso-date="[^"]*" type="1"/>`)
	updatedAt = regexp.MustCompile(`last-updated-datetime="[^"]*"`)
	eachLeg   = regexp.MustCompile(`ref="[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]*"`)
)

// TestIATIGolden writes the activities of the books. The golden file is read by people: each life of a promise is in it.
func TestIATIGolden(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	got := exported(t, store, ledger.Date{}, published, export.IATI)
	validate(t, got)
	got = updatedAt.ReplaceAll(eachLeg.ReplaceAll(got, []byte(`ref="LEG"`)), []byte(`last-updated-datetime="INSTANT"`))
	got = plannedOn.ReplaceAll(got, []byte(`<activity-date iso-date="DAY" type="1"/>`))
	golden(t, "open.iati.xml", got)
}

// TestIATIValid holds other parts of the books against the schema: one fund, a past, a fund without an entry.
func TestIATIValid(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	for _, asOf := range []string{"1945-10-24", "2023-12-31", "2024-05-31", "2199-12-31"} {
		for _, fund := range []ledger.FundCode{"", "GEN", "SPF", "NIL"} {
			o := published
			o.Fund = fund
			file := exported(t, store, ledgertest.Day(asOf), o, export.IATI)
			validate(t, file)
			for _, a := range parsed(t, file).Activities {
				if fund != "" && a.Identifier != "XM-DAC-41128-"+string(fund) {
					t.Errorf("%s is in the file of %s", a.Identifier, fund)
				}
				for _, tr := range a.Transactions {
					if tr.Date.Day > asOf || tr.Value.Day != tr.Date.Day {
						t.Errorf("as of %s: %+v", asOf, tr)
					}
				}
			}
		}
	}
}

// TestIATISchemaRefuses holds that the schema is really asked: elements out of their order are refused.
func TestIATISchemaRefuses(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/open.iati.xml")
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(file, []byte(`    <activity-status code="2"/>`+"\n"), nil, 1)
	cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", "testdata/iati/iati-activities-schema.xsd", "-")
	cmd.Stdin = bytes.NewReader(bad)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "fails to validate") {
		t.Errorf("xmllint takes a file without a status: %v\n%.2000s", err, out)
	}
}

// TestIATINoFuture leaves out what is dated after the day on which the books were read, whatever is asked for.
func TestIATINoFuture(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	var b bytes.Buffer
	err := store.Read(t.Context(), ledger.LastDate, time.Time{}, func(snap *postgres.Snapshot) error {
		return export.IATI(t.Context(), &b, snap, published)
	})
	if err != nil {
		t.Fatal(err)
	}
	if today := time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly); strings.Contains(b.String(), "2190-05-01") || !strings.Contains(b.String(), "2025-01-05") {
		t.Errorf("the file of before %s has a day of 2190, or lacks one of 2025", today)
	}
	o := export.Options{Fund: "GEN"}
	if !strings.Contains(string(exported(t, store, ledger.Date{}, o, export.Hledger)), "2190-05-01") {
		t.Error("the books of the test have nothing of the future")
	}
}

// TestIATIRefuses refuses what cannot be published, before anything is written.
func TestIATIRefuses(t *testing.T) {
	t.Parallel()
	store := ledgertest.Store(t)
	refused := func(o export.Options, write writeFunc) error {
		var b bytes.Buffer
		err := store.Read(t.Context(), ledger.Date{}, always, func(snap *postgres.Snapshot) error { return write(t.Context(), &b, snap, o) })
		if b.Len() > 0 {
			t.Errorf("%+v: %d bytes", o, b.Len())
		}
		return err
	}
	none, unknown := published, published
	unknown.Fund = "NONE"
	var e *ledger.Error
	for _, err := range []error{refused(none, export.IATI), refused(unknown, export.IATI), refused(unknown, export.DataCube)} {
		if !errors.As(err, &e) || e.Rule != ledger.RuleNotFound {
			t.Errorf("got %v", err)
		}
	}
	for name, change := range map[string]func(*export.Publisher){
		"no identifier": func(p *export.Publisher) { p.Ref = "" }, "an odd one": func(p *export.Publisher) { p.Ref = "XM-DAC-1/2" },
		"no name": func(p *export.Publisher) { p.Name = "" }, "no entity": func(p *export.Publisher) { p.Entity = "" },
		"no sector": func(p *export.Publisher) { p.Sector = "151" },
	} {
		o := published
		change(&o.Publisher)
		for _, write := range []writeFunc{export.IATI, export.DataCube} {
			if err := refused(o, write); err == nil || errors.As(err, &e) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// codeLists returns the codes of each IATI list.
func codeLists(t testing.TB) map[string]map[string]bool {
	t.Helper()
	lists := map[string]map[string]bool{}
	add := func(list, code string) {
		if lists[list] == nil {
			lists[list] = map[string]bool{}
		}
		lists[list][code] = true
	}
	files, err := filepath.Glob("testdata/iati/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Name  string `xml:"name,attr"`
			Items []struct {
				Code   string `xml:"code"`
				Status string `xml:"status,attr"`
			} `xml:"codelist-items>codelist-item"`
		}
		if err := xml.Unmarshal(data, &list); err != nil {
			t.Fatal(err)
		}
		for _, i := range list.Items {
			if i.Status != "withdrawn" {
				add(list.Name, i.Code)
			}
		}
	}
	data, err := os.ReadFile("testdata/iati/codes.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		add(r[0], r[1])
	}
	return lists
}

// codeListOf says of which list the codes of an element's attribute are.
var codeListOf = map[string]string{
	"iati-activities version": "Version", "reporting-org type": "OrganisationType", "participating-org type": "OrganisationType", "participating-org role": "OrganisationRole",
	"provider-org type": "OrganisationType", "receiver-org type": "OrganisationType", "description type": "DescriptionType", "activity-status code": "ActivityStatus",
	"activity-date type": "ActivityDateType", "activity-scope code": "ActivityScope", "recipient-region code": "Region", "recipient-region vocabulary": "RegionVocabulary",
	"sector code": "Sector", "sector vocabulary": "SectorVocabulary", "default-flow-type code": "FlowType", "flow-type code": "FlowType", "default-finance-type code": "FinanceType",
	"default-aid-type code": "AidType", "default-aid-type vocabulary": "AidTypeVocabulary", "aid-type code": "AidType", "aid-type vocabulary": "AidTypeVocabulary",
	"default-tied-status code": "TiedStatus", "tied-status code": "TiedStatus", "transaction-type code": "TransactionType", "disbursement-channel code": "DisbursementChannel",
}

// TestIATICodes holds every code of the file against its list, and that each list is used.
func TestIATICodes(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/open.iati.xml")
	if err != nil {
		t.Fatal(err)
	}
	lists, used := codeLists(t), map[string]bool{}
	for d := xml.NewDecoder(bytes.NewReader(file)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range element.Attr {
			what := element.Name.Local + " " + a.Name.Local
			list, coded := codeListOf[what]
			switch a.Name.Local {
			case "code", "type", "role", "vocabulary", "version":
				if !coded {
					t.Fatalf("%s is of no list", what)
				}
			}
			if coded && !lists[list][a.Value] {
				t.Errorf("%s %q is not in the list %s", what, a.Value, list)
			}
			used[what] = used[what] || coded
		}
	}
	for what := range codeListOf {
		if !used[what] {
			t.Errorf("the file has no %s", what)
		}
	}
}

// TestIATIText writes a name that would break out of its element: it reads back as it was, with U+FFFD for what XML 1.0 cannot hold.
func TestIATIText(t *testing.T) {
	t.Parallel()
	store, _ := openData(t)
	file := exported(t, store, ledger.Date{}, published, export.IATI)
	names := map[string]bool{}
	for _, a := range parsed(t, file).Activities {
		for _, o := range a.Funding {
			names[o.Name] = true
		}
	}
	if want := "=A & B <\"Sons\">\uFFFD ]]> \u202e\uFFFD"; !names[want] {
		t.Errorf("%q is not among %v", want, names)
	}
}

// amounts are sums by what they are of.
type amounts map[[4]string]string

func (a amounts) add(contributor, what, how, currency string, amount decimal.Decimal) {
	key := [4]string{contributor, what, how, currency}
	sum := amount
	if a[key] != "" {
		sum = sum.Add(decimal.RequireFromString(a[key]))
	}
	a[key] = sum.String()
	if sum.IsZero() {
		delete(a, key)
	}
}

func sameAmounts(t *testing.T, what string, want, got amounts) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-books +file):\n%s", what, diff)
	}
}

var update = flag.Lookup("update")

// golden holds bytes against a file of testdata, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if update.Value.String() == "true" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; go test -update writes it anew, read what changed (-want +got):\n%s", file, diff)
	}
}
