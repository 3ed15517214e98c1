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

// lookLimit bounds a look at what a failed test had before it.
const lookLimit = 20 * time.Second

// shared is the one browser of a package's tests: it is started by the first test that opens a tab.
var shared struct {
	once sync.Once
	root context.Context
	stop []context.CancelFunc
	err  error
}

// Browser is a tab that ends with its test. It keeps its cookies to itself.
type Browser struct {
	context.Context                      // ends with the test's time
	tab             context.Context      // ends with the test, and closes the tab
	own             cdp.BrowserContextID // where the cookies are, and how files are saved
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
	open, leave := chromedp.NewContext(shared.root, chromedp.WithTargetID(tab))
	t.Cleanup(leave)
	// Each tab behaves as the one that somebody looks at, though another may be in front of it.
	if err := chromedp.Run(open, emulation.SetFocusEmulationEnabled(true)); err != nil {
		t.Fatalf("look at the tab: %v", err)
	}
	ctx, stop = context.WithTimeout(open, limit)
	t.Cleanup(stop)
	return Browser{ctx, open, own}
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
	b.Run(t, chromedp.EmulateViewport(width, height), chromedp.Navigate("about:blank"), chromedp.ActionFunc(func(ctx context.Context) error {
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
	b.Run(t, chromedp.EmulateViewport(width, height), chromedp.Navigate(address.String()))
}

// Resize gives what is shown another size in pixels.
func (b Browser) Resize(t testing.TB, width, height int64) {
	t.Helper()
	b.Run(t, chromedp.EmulateViewport(width, height))
}

// Picture returns the whole page as it is shown, as PNG.
func (b Browser) Picture(t testing.TB) []byte {
	t.Helper()
	var png []byte
	b.Run(t, chromedp.FullScreenshot(&png, 100))
	return png
}

// Run carries actions out in the tab. When one fails, or never ends, the test ends and says what the browser showed.
func (b Browser) Run(t testing.TB, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b, actions...); err != nil {
		t.Fatalf("in the browser: %v; %s", err, b.shown())
	}
}

// shown says where the tab is, what is typed into its form and what there is to read. The test's own time may be over.
func (b Browser) shown() string {
	ctx, stop := context.WithTimeout(b.tab, lookLimit)
	defer stop()
	var address, typed, text string
	if err := chromedp.Run(ctx, chromedp.Location(&address),
		chromedp.Evaluate(`Array.from(document.querySelectorAll("main :is(input, select, textarea):not([type=hidden], [type=password])"), e => e.name + "=" + e.value).join(" ")`, &typed),
		chromedp.Text("body", &text, chromedp.ByQuery)); err != nil {
		return fmt.Sprintf("what it showed cannot be told: %v", err)
	}
	return fmt.Sprintf("it showed %s with %q:\n%s", address, typed, text)
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
	if b.Run(t, chromedp.Evaluate(`typeof axe === "object"`, &there)); !there {
		b.Run(t, chromedp.Evaluate(axe, nil))
	}
	b.Run(t, chromedp.Evaluate(`axe.run(document, `+options+`).then(r => ({violations: r.violations, passes: r.passes.length}))`, &found, awaited))
	return found.Violations, found.Passes
}

// Overflow is by how many pixels the page is wider than its window: parts that scroll by themselves do not count.
func (b Browser) Overflow(t testing.TB) int {
	t.Helper()
	var pixels int
	b.Run(t, chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &pixels))
	return pixels
}
