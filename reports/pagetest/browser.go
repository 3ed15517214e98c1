package pagetest

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-core/axe.min.js
var axe string

// names are those that the browser goes by.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"}

// limit bounds a test of a page.
const limit = 5 * time.Minute

// Browser is a tab of a browser that ends with its test.
type Browser struct{ context.Context }

// Open starts a browser. A test cannot do without: where there is none it fails and says what to install.
func Open(t testing.TB) Browser {
	t.Helper()
	program := ""
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatalf("the pages are tested in Chromium, and none of %s is installed (Debian: apt-get install chromium)", strings.Join(names, ", "))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox of Chromium refuses the superuser
	}
	ctx, stop := context.WithTimeout(context.Background(), limit)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return Browser{ctx}
}

// Show shows a page in a window of a size in pixels.
func (b Browser) Show(t testing.TB, html []byte, width, height int64) {
	t.Helper()
	b.do(t, chromedp.EmulateViewport(width, height), chromedp.Navigate("about:blank"), chromedp.ActionFunc(func(ctx context.Context) error {
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil {
			return err
		}
		return page.SetDocumentContent(tree.Frame.ID, string(html)).Do(ctx)
	}))
}

// Visit goes to an address.
func (b Browser) Visit(t testing.TB, address *url.URL, width, height int64) {
	t.Helper()
	b.do(t, chromedp.EmulateViewport(width, height), chromedp.Navigate(address.String()))
}

func (b Browser) do(t testing.TB, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b, actions...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// Violation is a rule that axe-core found broken, and where.
type Violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s, %d times, first %s: %s", v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
}

// Violations runs all rules of axe-core on what the browser shows, and returns those that are broken and how many are kept.
func (b Browser) Violations(t testing.TB) (broken []Violation, kept int) {
	t.Helper()
	return b.axe(t, `{}`)
}

// Contrast runs only the rule of axe-core about colours: a page in other colours differs in nothing else.
func (b Browser) Contrast(t testing.TB) (broken []Violation, kept int) {
	t.Helper()
	return b.axe(t, `{runOnly: ["color-contrast"]}`)
}

// axe runs axe-core with options.
func (b Browser) axe(t testing.TB, options string) (broken []Violation, kept int) {
	t.Helper()
	var found struct {
		Violations []Violation `json:"violations"`
		Passes     int         `json:"passes"`
	}
	b.do(t, chromedp.Evaluate(axe, nil), chromedp.Evaluate(`axe.run(document, `+options+`).then(r => ({violations: r.violations, passes: r.passes.length}))`, &found, awaited))
	return found.Violations, found.Passes
}

// Overflow is by how many pixels the page is wider than its window: parts that scroll by themselves do not count.
func (b Browser) Overflow(t testing.TB) int {
	t.Helper()
	var pixels int
	b.do(t, chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &pixels))
	return pixels
}
