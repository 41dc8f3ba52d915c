package m365

import (
	"testing"
	"time"
)

// What is in the mailbox when it is connected is not new, whatever the clock of
// this machine says.
func TestMicrosoftsClockIsComparedWithOurs(t *testing.T) {
	asked := time.Date(2026, 11, 22, 9, 0, 0, 700e6, time.UTC)
	answered := asked.Add(400 * time.Millisecond)
	for _, test := range []struct {
		date time.Time
		want time.Duration
	}{
		{time.Time{}, 0},
		{asked.Truncate(time.Second), 0},
		{answered.Truncate(time.Second), 0},
		{asked.Truncate(time.Second).Add(90 * time.Second), 90*time.Second - 1100*time.Millisecond},
		{asked.Truncate(time.Second).Add(-time.Hour), -time.Hour + 300*time.Millisecond},
	} {
		var clock clockOfMicrosoft
		clock.read(test.date, asked, answered)
		if clock.ahead != test.want {
			t.Errorf("an answer dated %s: Microsoft is %s ahead, want %s", test.date.Format(time.TimeOnly), clock.ahead, test.want)
		}
	}
}
