package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// demoData is the register of the Central Emergency Response Fund; demo/README.md names its source and licence.
//
//go:embed demo/cerf-register.csv
var demoData embed.FS

// What the demo prints: one contributor's statement and the fund's year.
const (
	demoContributor = "SWE"
	demoYear        = 2025
)

func demoCommand(s *settings) *cobra.Command {
	var addr string
	var once bool
	c := &cobra.Command{
		Use: "demo", Short: "Load real contributions, print a statement and a fund's year, and serve the API",
		Long: "Load the register of the Central Emergency Response Fund (real, 2006 to 2028) and a small fund CPCJF (made up, and labelled so),\n" +
			"print one contributor's statement and the fund's year, and serve the API with demo keys. A second start finds the data of the first.",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				stdout, stderr := c.OutOrStdout(), c.ErrOrStderr()
				if err := loadDemo(ctx, store, stderr); err != nil {
					return err
				}
				if err := printDemo(ctx, store, stdout); err != nil {
					return err
				}
				if once {
					return nil
				}
				if err := demoKeys(ctx, store, stderr, addr); err != nil {
					return err
				}
				return serve(ctx, api.Config{Store: store, Authenticate: store.Authenticate, Ready: ready(store), Version: version, Limits: api.DefaultLimits,
					Log: slog.New(slog.NewTextHandler(stderr, nil))}, serving{addr: addr}, stderr)
			})
		},
	}
	addrFlag(c, &addr)
	c.Flags().BoolVar(&once, "once", false, "end after printing")
	return c
}

// loadDemo loads both funds; what a former start loaded is left as it is.
func loadDemo(ctx context.Context, store *postgres.Store, stderr io.Writer) error {
	f, err := demoRegister()
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()); _ = f.Close() }() // a temporary copy
	load := registerLoad{file: f, skipInvalid: true, stderr: stderr, quiet: true}
	result, err := load.run(ctx, store)
	if err != nil {
		return err
	}
	fmt.Fprintln(stderr, "CERF register:", result)
	return recordIllustration(ctx, store)
}

// demoRegister copies the embedded register to a file, because that is what the import reads.
func demoRegister() (*os.File, error) {
	data, err := fs.ReadFile(demoData, "demo/cerf-register.csv")
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "vcledger-register-*.csv")
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}

// printDemo prints the statement of a contributor and the year of each fund.
func printDemo(ctx context.Context, store *postgres.Store, w io.Writer) error {
	year := ledger.CalendarYear(demoYear)
	for _, d := range []struct {
		contributor ledger.ContributorCode
		fund        ledger.FundCode
	}{{demoContributor, "CERF"}, {"ILLUSTRATIVE-STATE", "CPCJF"}} {
		if err := printStatement(ctx, store, w, textInEnglish, reports.StatementRequest{Contributor: d.contributor, Period: year}); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		report, err := reports.ReadFundReport(ctx, store, d.fund, demoYear, time.Time{})
		if err != nil {
			return err
		}
		if err := textInEnglish(w, report); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}

// demoKeys makes a key for an officer, an auditor and a donor, and ends those of a former start: a key cannot be shown
// twice.
func demoKeys(ctx context.Context, store *postgres.Store, stderr io.Writer, addr string) error {
	actors := []struct {
		name        string
		role        ledger.Role
		contributor ledger.ContributorCode
	}{{"demo officer", ledger.RoleOfficer, ""}, {"demo auditor", ledger.RoleAuditor, ""}, {"demo donor", ledger.RoleDonor, demoContributor}}
	keys, err := allKeys(ctx, store)
	if err != nil {
		return err
	}
	for _, a := range actors {
		for _, k := range keys {
			if k.Actor == a.name && k.RevokedAt.IsZero() {
				if err := revokeKey(ctx, store, k.ID); err != nil {
					return err
				}
			}
		}
		secret, _, err := createKey(ctx, store, postgres.KeyInput{Actor: a.name, Role: a.role, Contributor: a.contributor})
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%-12s  %s\n", a.name, secret)
	}
	fmt.Fprintf(stderr, "try: curl -H 'Authorization: Bearer KEY' 'http://%s/v1/contributors/%s/statement?from=%d-01-01&to=%d-12-31'\n",
		addr, demoContributor, demoYear, demoYear)
	return nil
}

// illustration records the fund CPCJF event by event. Each has a key, so that a second start records nothing twice.
type illustration struct {
	store *postgres.Store
	actor ledger.Actor
	err   error
}

// do runs one write under its key and returns the record, which is nil when a former start recorded it.
func (i *illustration) do(ctx context.Context, key string, write func(postgres.Command) (postgres.Answer, error)) any {
	if i.err != nil {
		return nil
	}
	c, err := postgres.SystemCommand(i.actor, "demo:"+key, key)
	if err != nil {
		i.err = err
		return nil
	}
	var record any
	c.Answer = func(r any) (postgres.Answer, error) {
		record = r
		return postgres.Answer{Status: 201}, nil
	}
	if _, err := write(c); err != nil {
		i.err = fmt.Errorf("record %s: %w", key, err)
	}
	return record
}

// recordIllustration records a State and a development bank that lend experts and consultants: days offered, accepted
// and delivered, beside some cash. All of it is made up.
func recordIllustration(ctx context.Context, store *postgres.Store) error {
	actor, err := store.System(ctx)
	if err != nil {
		return err
	}
	i := &illustration{store: store, actor: actor}
	i.do(ctx, "fund", func(c postgres.Command) (postgres.Answer, error) {
		return store.RecordFund(ctx, c, ledger.Fund{Code: "CPCJF", Name: "Crime Prevention and Criminal Justice Fund (illustrative)", Kind: ledger.GeneralPurpose,
			Recognition: ledger.OnAgreement, Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN, Illustrative: true})
	})
	for _, who := range []ledger.Contributor{
		{Code: "ILLUSTRATIVE-STATE", Name: "Illustrative State", Kind: ledger.State},
		{Code: "ILLUSTRATIVE-BANK", Name: "Illustrative Development Bank", Kind: ledger.RDB},
	} {
		i.do(ctx, string(who.Code), func(c postgres.Command) (postgres.Answer, error) { return store.RecordContributor(ctx, c, who) })
	}
	i.lend(ctx, "ILLUSTRATIVE-STATE", "NV-2025/014", ledger.Item{Category: ledger.Expert, Description: "Forensic experts", Quantity: decimal.NewFromInt(120),
		Unit: "expert_day", Value: dollars(72000), Basis: ledger.DonorStated}, 100, []int64{20, 25})
	i.lend(ctx, "ILLUSTRATIVE-BANK", "AGR-2025/031", ledger.Item{Category: ledger.Consultant, Description: "Anti-money-laundering consultants",
		Quantity: decimal.NewFromInt(40), Unit: "consultant_day", Value: dollars(30000), Basis: ledger.ProFormaCost}, 40, []int64{40})
	i.pay(ctx)
	return i.err
}

func dollars(n int64) ledger.Converted {
	return ledger.Converted{Money: ledger.Dollars(decimal.NewFromInt(n))}
}

func demoDate(month time.Month, day int) ledger.Date { return ledger.NewDate(demoYear, month, day) }

// lend records an offer in kind, its acceptance in part, and what was delivered of it.
func (i *illustration) lend(ctx context.Context, who ledger.ContributorCode, reference string, item ledger.Item, accepted int64, delivered []int64) {
	record, ok := i.do(ctx, reference, func(c postgres.Command) (postgres.Answer, error) {
		return i.store.RecordPledge(ctx, c, postgres.PledgeInput{Reference: reference, Contributor: who, Fund: "CPCJF", FundYear: demoYear,
			Form: ledger.InKind, Items: []ledger.Item{item}, Date: demoDate(time.January, 20), Instrument: "Note verbale"})
	}).(*postgres.PledgeRecord)
	if !ok {
		return
	}
	i.do(ctx, reference+" accepted", func(c postgres.Command) (postgres.Answer, error) {
		return i.store.AgreePledge(ctx, c, record.ID, postgres.AgreementInput{Date: demoDate(time.February, 3),
			Accepted: map[int]decimal.Decimal{1: decimal.NewFromInt(accepted)}, Document: "Letter of acceptance",
			Acceptance: ledger.Acceptance{By: "Chief, Illustrative Programme", Cost: new(ledger.Dollars(decimal.NewFromInt(4200))),
				Description: "Local travel, insurance and office space", LookedOn: demoDate(time.February, 2)}})
	})
	for n, days := range delivered {
		month := time.April + time.Month(3*n)
		i.do(ctx, fmt.Sprintf("%s delivery %d", reference, n+1), func(c postgres.Command) (postgres.Answer, error) {
			return i.store.RecordDelivery(ctx, c, postgres.DeliveryInput{Pledge: record.ID, PeriodFrom: demoDate(month, 1), DeliveredOn: demoDate(month, 28),
				Quantity: decimal.NewFromInt(days), Expert: "1", CertifiedBy: "Chief, Illustrative Programme", Evidence: ledger.Evidence{Reference: "Time sheets certified by the programme"}})
		})
	}
}

// pay records the State's cash: a pledge in EUR, agreed, and paid at another rate.
func (i *illustration) pay(ctx context.Context) {
	eur := func(n int64) ledger.Money { return ledger.Money{Amount: decimal.NewFromInt(n), Currency: "EUR"} }
	record, ok := i.do(ctx, "cash pledge", func(c postgres.Command) (postgres.Answer, error) {
		return i.store.RecordPledge(ctx, c, postgres.PledgeInput{Reference: "NV-2025/009", Contributor: "ILLUSTRATIVE-STATE", Fund: "CPCJF", FundYear: demoYear,
			Form: ledger.Cash, Amount: eur(250000), USD: decimal.NewFromInt(260000), Date: demoDate(time.January, 15), Instrument: "Note verbale"})
	}).(*postgres.PledgeRecord)
	if !ok {
		return
	}
	i.do(ctx, "cash agreement", func(c postgres.Command) (postgres.Answer, error) {
		return i.store.AgreePledge(ctx, c, record.ID, postgres.AgreementInput{Date: demoDate(time.March, 1), USD: decimal.NewFromInt(262500), Document: "Agreement 2025/7"})
	})
	i.do(ctx, "cash receipt", func(c postgres.Command) (postgres.Answer, error) {
		return i.store.RecordReceipt(ctx, c, postgres.ReceiptInput{BankReference: "CPCJF-2025-0001", ValueDate: demoDate(time.May, 12),
			Contributor: "ILLUSTRATIVE-STATE", Amount: eur(150000), USD: decimal.NewFromInt(168750), Payer: "Treasury of the Illustrative State",
			Parts: []postgres.PartInput{{Pledge: record.ID, Amount: eur(150000)}}})
	})
}
