package pagetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Download clicks on what a selector chooses and returns the file that the browser saves.
func (b Browser) Download(t testing.TB, selector string) []byte {
	t.Helper()
	dir, ended := t.TempDir(), make(chan *browser.EventDownloadProgress, 1)
	chromedp.ListenTarget(b, func(event any) {
		if e, ok := event.(*browser.EventDownloadProgress); ok && e.State != browser.DownloadProgressStateInProgress {
			ended <- e
		}
	})
	b.Run(t, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllowAndName).WithBrowserContextID(b.own).WithDownloadPath(dir).WithEventsEnabled(true), chromedp.Click(selector))
	select {
	case e := <-ended:
		data, err := os.ReadFile(filepath.Join(dir, e.GUID))
		if err != nil || e.State != browser.DownloadProgressStateCompleted {
			t.Fatalf("the download of %s is %s: %v", selector, e.State, err)
		}
		return data
	case <-b.Done():
		t.Fatalf("%s was not saved: %v", selector, b.Err())
		return nil
	}
}
