package main

import (
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sourceOf is the annotation under which a flag remembers the variable that set it.
const sourceOf = "variable"

// secrets are the flags whose values nobody prints.
var secrets = map[string]bool{"oidc-client-secret": true}

// printConfig writes every setting that is in force and where it comes from: a flag, a variable, or nothing but itself.
func printConfig(c *cobra.Command, w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "SETTING\tVALUE\tFROM")
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "print-config" {
			return
		}
		from := "default"
		if f.Changed {
			from = "--" + f.Name
		}
		if variable := f.Annotations[sourceOf]; len(variable) > 0 {
			from = variable[0]
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", f.Name, masked(f.Name, f.Value.String()), from)
	})
	return out.Flush()
}

// masked returns a value without what is secret in it.
func masked(name, value string) string {
	switch {
	case value == "":
		return ""
	case secrets[name]:
		return "***"
	case databases[name] != "":
		u, err := url.Parse(value)
		if err != nil || u.Scheme == "" {
			return "***" // of the other form: it may have a password anywhere
		}
		for key := range u.Query() {
			if key == "password" {
				return "***"
			}
		}
		return u.Redacted()
	}
	return value
}
