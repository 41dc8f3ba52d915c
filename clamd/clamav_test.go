package clamd_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"tandem/clamd"
	"tandem/clamd/clamdtest"
)

func TestRealClamAV(t *testing.T) {
	c, err := clamd.New(clamdtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	if version, err := c.Version(t.Context()); err != nil || !strings.HasPrefix(version, "ClamAV ") {
		t.Errorf("version %q, %v", version, err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	f, err := z.Create("invoice.exe")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("inside " + clamdtest.Virus))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		content string
		finding string
		wrong   error
	}{
		"harmless":            {"Dear Sir or Madam", "", nil},
		"empty":               {"", "", nil},
		"virus":               {"begins " + clamdtest.Virus + " ends", clamdtest.Signature, nil},
		"in the second piece": {strings.Repeat("x", 100<<10) + clamdtest.Virus, clamdtest.Signature, nil},
		"in an archive":       {archive.String(), clamdtest.Signature, nil},
		"as large as can be":  {strings.Repeat("x", clamdtest.MaxStream), "", nil},
		"too large":           {strings.Repeat("x", clamdtest.MaxStream+1), "", clamd.ErrTooLarge},
	} {
		finding, err := c.Scan(t.Context(), strings.NewReader(test.content))
		if finding != test.finding || !errors.Is(err, test.wrong) {
			t.Errorf("%s: %q, %v; want %q, %v", name, finding, err, test.finding, test.wrong)
		}
	}
}

func TestDaemonThatIsAway(t *testing.T) {
	c, err := clamd.New("unix:" + t.TempDir() + "/nobody")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("what nobody looked at counts as scanned")
	}
}
