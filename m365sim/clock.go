package m365sim

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// clock is the time of the simulated world: the machine's, plus an offset that
// POST /sim/clock increases and that survives a restart.
type clock struct {
	base   func() time.Time
	db     *database
	offset atomic.Int64
}

func openClock(base func() time.Time, db *database) (*clock, error) {
	if base == nil {
		base = time.Now
	}
	c := &clock{base: base, db: db}
	stored, err := db.setting("clock_offset")
	if err != nil {
		return nil, fmt.Errorf("read clock: %w", err)
	}
	if stored != "" {
		n, err := strconv.ParseInt(stored, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read clock: %w", err)
		}
		c.offset.Store(n)
	}
	return c, nil
}

func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.offset.Load())).UTC()
}

// advance moves the clock by d, which may be negative.
func (c *clock) advance(d time.Duration) error {
	return c.set(time.Duration(c.offset.Load()) + d)
}

func (c *clock) set(offset time.Duration) error {
	c.offset.Store(int64(offset))
	return c.db.update(func(t *tx) error {
		return t.setSetting("clock_offset", strconv.FormatInt(int64(offset), 10))
	})
}

// millis is how instants are stored.
func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// graphTime is how Outlook writes an instant: seconds, UTC.
func graphTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
