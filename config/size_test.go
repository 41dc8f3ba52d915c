package config

import "testing"

func TestSizesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[Size]int64{
		"150 MB": 150 << 20, "150mb": 150 << 20, " 2 GB ": 2 << 30, "512 KB": 512 << 10, "1048576": 1 << 20, "7 B": 7,
		"": 0, "MB": 0, "-1 MB": 0, "1.5 MB": 0, "many": 0, "99999999999999 GB": 0,
	} {
		if got := text.Bytes(); got != want {
			t.Errorf("%q is %d bytes, want %d", text, got, want)
		}
	}
}

func TestSizeAndScannerAreValidated(t *testing.T) {
	for _, test := range []struct {
		size  Size
		clamd string
		wrong int
	}{
		{"150 MB", "", 0}, {"1 MB", "unix:/run/clamav/clamd.ctl", 0}, {"1000 MB", "tcp:127.0.0.1:3310", 0},
		{"2 GB", "", 1}, {"10 KB", "", 1}, {"much", "clamd.ctl", 2}, {"150 MB", "unix:relative", 1}, {"150 MB", "tcp:3310", 1},
	} {
		c := Default()
		c.Mail.MaxSize, c.Scan.Clamd = test.size, test.clamd
		if mistakes := c.Validate(); len(mistakes) != test.wrong {
			t.Errorf("%q, %q: %v", test.size, test.clamd, mistakes)
		}
	}
}
