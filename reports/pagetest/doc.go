// Package pagetest opens pages in a browser, for tests: Chromium without a window, and axe-core (testdata/axe-core, Mozilla Public
// License 2.0), which looks for what keeps people who cannot see or use a mouse from a page (WCAG 2.2).
package pagetest
