package directory

import (
	"testing"
	"time"
)

func TestTimeZonesOfZendesk(t *testing.T) {
	for name, iana := range zendeskZones {
		if _, err := time.LoadLocation(iana); err != nil {
			t.Errorf("%s is %s, which there is not", name, iana)
		}
	}
	for name, want := range map[string]string{
		"Eastern Time (US & Canada)": "America/New_York", "Tokyo": "Asia/Tokyo", "Brasilia": "America/Sao_Paulo", "Kyiv": "Europe/Kiev",
		"Asia/Tokyo": "Asia/Tokyo", "": "",
	} {
		if got, ok := TimeZone(name); !ok || got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Local", "Atlantis", "eastern"} {
		if got, ok := TimeZone(name); ok {
			t.Errorf("%q is taken for %q", name, got)
		}
	}
}
