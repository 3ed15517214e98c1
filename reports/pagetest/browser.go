package pagetest

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-core/axe.min.js
var axe string

// names are those that the browser goes by.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"}

// limit bounds a test of a page.
const limit = 5 * time.Minute

// shared is the one browser of a package's tests: it is started by the first test that opens a tab.
var shared struct {
	once sync.Once
	root context.Context
	stop []context.CancelFunc
	err  error
}

// Browser is a tab that ends with its test. It keeps its cookies to itself.
type Browser struct {
	context.Context
	own cdp.BrowserContextID // where the cookies are, and how files are saved
}

// Main runs a package's tests and ends the browser when they are done. Call it from TestMain.
func Main(run func() int) int {
	defer func() {
		for _, stop := range slices.Backward(shared.stop) {
			stop()
		}
	}()
	return run()
}

// Open opens a tab in the browser of the package's tests. A test cannot do without: where there is none it fails and says what to install.
func Open(t testing.TB) Browser {
	t.Helper()
	shared.once.Do(start)
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	ctx, stop := context.WithTimeout(shared.root, limit)
	t.Cleanup(stop)
	whole := cdp.WithExecutor(ctx, chromedp.FromContext(shared.root).Browser)
	own, err := target.CreateBrowserContext().Do(whole)
	if err != nil {
		t.Fatalf("set cookies apart: %v", err)
	}
	t.Cleanup(func() {
		if err := target.DisposeBrowserContext(own).Do(cdp.WithExecutor(shared.root, chromedp.FromContext(shared.root).Browser)); err != nil {
			t.Errorf("close what the test opened: %v", err)
		}
	})
	// In a window of its own: without one, Chromium refuses the first tab of a new context.
	tab, err := target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(whole)
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithTargetID(tab))
	t.Cleanup(stop)
	b := Browser{ctx, own}
	// Each tab behaves as the one that somebody looks at, though another may be in front of it.
	b.do(t, emulation.SetFocusEmulationEnabled(true))
	return b
}

// start starts the browser.
func start() {
	program := ""
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		shared.err = fmt.Errorf("the pages are tested in Chromium, and none of %s is installed (Debian: apt-get install chromium)", strings.Join(names, ", "))
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox of Chromium refuses the superuser
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	shared.stop = append(shared.stop, stop)
	shared.root, stop = chromedp.NewContext(ctx)
	shared.stop = append(shared.stop, stop)
	if err := chromedp.Run(shared.root); err != nil {
		shared.err = fmt.Errorf("start the browser: %w", err)
	}
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

// Resize gives what is shown another size in pixels.
func (b Browser) Resize(t testing.TB, width, height int64) {
	t.Helper()
	b.do(t, chromedp.EmulateViewport(width, height))
}

// Picture returns the whole page as it is shown, as PNG.
func (b Browser) Picture(t testing.TB) []byte {
	t.Helper()
	var png []byte
	b.do(t, chromedp.FullScreenshot(&png, 100))
	return png
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
	var there bool // from a run before on the same page
	if b.do(t, chromedp.Evaluate(`typeof axe === "object"`, &there)); !there {
		b.do(t, chromedp.Evaluate(axe, nil))
	}
	b.do(t, chromedp.Evaluate(`axe.run(document, `+options+`).then(r => ({violations: r.violations, passes: r.passes.length}))`, &found, awaited))
	return found.Violations, found.Passes
}

// Overflow is by how many pixels the page is wider than its window: parts that scroll by themselves do not count.
func (b Browser) Overflow(t testing.TB) int {
	t.Helper()
	var pixels int
	b.do(t, chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &pixels))
	return pixels
}
