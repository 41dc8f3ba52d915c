package access

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"tandem/problem"
)

// Throttling of sign-ins.
//
// Failures are counted for each account and for each network address, and too
// many lock that account or address for a while. A lock always ends by itself:
// tries during a lock neither count nor prolong it.
//
// Counting by account alone would let anybody lock an agent out by guessing
// wrong all day. So an address from which the person has signed in before is
// judged by its own count for that account, and the account's lock, caused by
// strangers, does not apply to it.
const (
	throttleWindow   = 15 * time.Minute
	throttleLock     = 15 * time.Minute
	accountFailures  = 10 // within the window, for an account or a pair
	addressFailures  = 50 // an office shares one address
	knownAddressTime = 60 * 24 * time.Hour
)

// Throttle counts the failed sign-ins of one subject. A subject that begins
// with "known:" is an address from which an account signed in at WindowStart.
type Throttle struct {
	Subject     string // "account:...", "address:...", "pair:...", "known:..."
	Failures    int    // since WindowStart
	WindowStart time.Time
	LockedUntil time.Time // zero: not locked
}

// locked returns the problem login_throttled while a lock lasts.
func (t Throttle) locked(now time.Time) error {
	wait := t.LockedUntil.Sub(now)
	if wait <= 0 {
		return nil
	}
	minutes := int(math.Ceil(wait.Minutes()))
	return problem.New(problem.Limit, "login_throttled", "There were too many wrong passwords. Sign-in is locked for %d minutes.", minutes).
		On(problem.Yours, "Wait, or ask an administrator for a link to choose a new password.").
		With("minutes", fmt.Sprint(minutes)).After(wait)
}

// failed counts one more failure, and locks at the limit.
func (t Throttle) failed(now time.Time, limit int) Throttle {
	if now.Sub(t.WindowStart) >= throttleWindow {
		t.Failures, t.WindowStart = 0, now
	}
	t.Failures++
	if t.Failures >= limit {
		t.Failures, t.WindowStart = 0, now
		t.LockedUntil = now.Add(throttleLock)
	}
	return t
}

// forgiven takes back the failure that was counted in advance of a sign-in
// that turned out right. Others stay: nobody clears an address by signing in
// to an account of their own in between.
func (t Throttle) forgiven(limit int) Throttle {
	if t.Failures > 0 {
		t.Failures--
	} else if !t.LockedUntil.IsZero() {
		t.Failures, t.LockedUntil = limit-1, time.Time{}
	}
	return t
}

// The subjects of an attempt.
func accountSubject(email string) string       { return "account:" + email }
func addressSubject(address string) string     { return "address:" + network(address) }
func pairSubject(email, address string) string { return "pair:" + email + " " + network(address) }
func knownSubject(email, address string) string {
	return "known:" + email + " " + network(address)
}

// network is the part of an address that one person controls: all of an IPv4
// address, the first 64 bits of an IPv6 address.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap()
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
