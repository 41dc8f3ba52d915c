package directory_test

import (
	"testing"

	"tandem/directory"
)

func TestTracesAreRedactedWhereTheyAreWordsOfTheirOwn(t *testing.T) {
	traces := &directory.Traces{Addresses: []string{"ann@x.example", "+8131234"}, Names: []string{"Ann", "田中 花子", "Zoë Ölm"}}
	for _, c := range []struct {
		stored string
		about  bool
		want   string
	}{
		{"Nothing of Ann", false, "Nothing of Ann"},
		{"Nothing of Ann", true, "Nothing of [deleted]"},
		{"Ann <ANN@X.example>", false, "[deleted] <[deleted]>"},
		{"jo.ann@x.example and ann@x.example.org. ann@x.example.", false, "jo.ann@x.example and ann@x.example.org. [deleted]."},
		{"Annabel, ann, Joann", true, "Annabel, [deleted], Joann"},
		{"call +8131234 or +81312345", false, "call [deleted] or +81312345"},
		{"田中 花子さんは", true, "[deleted]さんは"},
		{`{"to":"\u003cann@x.example\u003e","text":"Hello\nAnn"}`, false, `{"to":"\u003c[deleted]\u003e","text":"Hello\n[deleted]"}`},
		{"mailto:%3Cann%40x.example", false, "mailto:%3C[deleted]"},
		{"<p>Zo&euml; zoë ölm</p>", true, "<p>Zo&euml; [deleted]</p>"},
	} {
		if got := traces.Redact(c.stored, c.about); got != c.want {
			t.Errorf("%s (about: %t) becomes %s, want %s", c.stored, c.about, got, c.want)
		}
	}
	if none := new(directory.Traces); none.Redact("Ann", true) != "Ann" {
		t.Error("without traces a text changes")
	}
}
