package eml

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden is what a reader of the fixtures wants to see of a parsed mail.
type golden struct {
	*Mail
	Header   []string          `json:",omitempty"`
	Contents map[string]string `json:",omitempty"` // of attachments, by Ref
}

// parseFixture parses a mail and keeps its attachments.
func parseFixture(t *testing.T, raw []byte) golden {
	t.Helper()
	g := golden{Contents: map[string]string{}}
	mail, err := Parse(bytes.NewReader(raw), DefaultLimits, func(p Part, r io.Reader) (string, error) {
		b, err := io.ReadAll(r)
		ref := p.FileName
		g.Contents[ref] = strings.ToValidUTF8(string(b), "?")
		return ref, err
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Mail = mail
	return g
}

func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(parseFixture(t, raw)); err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSuffix(file, ".eml") + ".json"
			if *update {
				if err := os.WriteFile(want, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			b, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(b), got.String()); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", want, diff)
			}
		})
	}
}
