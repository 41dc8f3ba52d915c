package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Sample returns a configuration file with every key, its meaning and its
// default, all commented out.
func Sample() string {
	c := Default()
	var b strings.Builder
	b.WriteString("# The configuration of Tandem. Every key may be left out; the values here are the defaults.\n" +
		"# The environment variable named with a key overrides it.\n")
	section := ""
	for _, s := range c.settings() {
		if s.section != section {
			section = s.section
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		fmt.Fprintf(&b, "\n# %s\n# %s\n# %s = %s\n",
			strings.ReplaceAll(s.doc, "\n", "\n# "), s.Env(), s.name, literal(s.field))
	}
	return b.String()
}

// literal writes a value as TOML does.
func literal(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool, reflect.Int:
		return fmt.Sprint(v.Interface())
	case reflect.Slice:
		return "[]" // no list has a default
	default:
		return fmt.Sprintf("%q", v.String())
	}
}
