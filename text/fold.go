package text

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the form in which it is compared and sorted: full and
// half width, upper and lower case are the same. Accents stay.
func Fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }
