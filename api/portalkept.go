package api

import (
	"strings"

	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/reports/language"
)

// inPortal reports whether the page is one of the donors' portal.
func inPortal(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/portal/") }

// pageTongue is the language of a page with a form: the console's speak English.
func pageTongue(c echo.Context) language.Language {
	if inPortal(c) {
		return tongue(c)
	}
	return language.English
}

// keptWords are what the page that keeps a form says to who is signed in, or to nobody.
func (s *Server) keptWords(l language.Language, who ledger.Actor) web.KeptWords {
	say := web.KeptWords{Kept: l.T("Nothing was recorded. What you typed is kept on this page, and nowhere else: leave it open."), NoFile: l.T("A file cannot be kept. Choose it again when the form is shown."),
		Show: l.T("Show the form again")}
	if who.ID != 0 {
		name := who.Name
		if who.Role != ledger.RoleDonor {
			name += ", " + string(who.Role)
		}
		say.Title, say.Why, say.Who = l.T("An earlier form"), l.T("The form is not of this session: it was drawn before you signed in."), l.F("Signed in as %s", name)
		say.Then, say.Elsewhere = l.T("The form is shown again, and is sent when you press its button."), l.T("Not you? Sign in as somebody else, in another tab")
		return say
	}
	say.Title, say.Why, say.Then = l.T("Sign in again"), l.T("You are not signed in any more."), l.T("Once you are signed in, the form is shown again, and is sent when you press its button.")
	say.Key, say.SignIn, say.Elsewhere, say.Back = l.T("Key"), l.T("Sign in with the key and show the form again"), l.T("Sign in in another tab"), l.T("Then come back here, and go on:")
	if s.config.Provider != nil {
		say.Elsewhere = l.T("Sign in with your organization, in another tab")
	}
	return say
}

func notYet(l language.Language) string { return l.T("You are not signed in yet.") }

func wrongKey(l language.Language) string { return l.T("The key is not valid.") }
