package access

import "time"

// Throttle counts the failed sign-ins of one subject.
type Throttle struct {
	Subject     string // "account:..." or "address:..."
	Failures    int    // since WindowStart
	WindowStart time.Time
	LockedUntil time.Time // zero: not locked
}
