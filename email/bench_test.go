package email_test

import (
	"fmt"
	"strings"
	"testing"

	"tandem/store"
)

// BenchmarkIntake takes in mails of 12 KiB from a mailbox that answers at once.
func BenchmarkIntake(b *testing.B) {
	o := open(b, openSQLite(b, store.Options{}), support)
	o.boxes[support].page = 100
	body := strings.Repeat("Twelve kibibytes of text, which people write rarely and signatures often.\n", 160)
	for i := range b.N {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i), fmt.Sprintf("From: Ana <ana%d@client.example>", i))+body)
	}
	b.ResetTimer()
	o.read(support)
	b.StopTimer()
	if n := len(o.mails()); n != b.N {
		b.Fatalf("%d mails in the ledger, want %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
