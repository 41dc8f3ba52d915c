package blob

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

func put(t *testing.T, s *Store, content string) string {
	t.Helper()
	key, err := s.PutBytes(t.Context(), []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func retire(t *testing.T, s *Store, key string, since time.Time) bool {
	t.Helper()
	gone, err := s.Retire(t.Context(), key, since)
	if err != nil {
		t.Fatal(err)
	}
	return gone
}

func TestRetireRemovesWhatNobodyStoresAgain(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key := put(t, s, "abandoned")
		if retire(t, s, key, time.Now().Add(-time.Hour)) {
			t.Error("a blob that has just been stored was removed")
		}
		if read(t, s, key) != "abandoned" {
			t.Error("its content is another one")
		}
		if !retire(t, s, key, time.Now().Add(time.Hour)) {
			t.Error("a blob that nobody stored for long was kept")
		}
		if has, err := s.Has(t.Context(), key); has || err != nil {
			t.Errorf("after Retire: %v, %v", has, err)
		}
		if !retire(t, s, key, time.Now()) || !retire(t, s, "not a key", time.Now()) {
			t.Error("what is not there counts as kept")
		}
		if again := put(t, s, "abandoned"); again != key || read(t, s, key) != "abandoned" {
			t.Error("it cannot be stored again")
		}
	})
}

func TestBlobStoredAgainIsYoung(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key := put(t, s, "twice")
		between := time.Now()
		put(t, s, "twice")
		if retire(t, s, key, between) {
			t.Error("a blob that was stored again was removed")
		}
	})
}

// slowHide is a place at which somebody else acts at the worst moment.
type slowHide struct {
	place
	before, after func()
}

func (s slowHide) hide(ctx context.Context, key string) error {
	s.before()
	defer s.after()
	return s.place.hide(ctx, key)
}

func TestPutAndRetireAtTheSameMomentLoseNothing(t *testing.T) {
	for _, moment := range []string{"before it is hidden", "after it was hidden"} {
		t.Run(moment, func(t *testing.T) {
			places(t, func(t *testing.T, s *Store) {
				key := put(t, s, "wanted")
				stored := time.Now()
				other := &Store{place: s.place, spool: s.spool}
				store := func() { put(t, other, "wanted") }
				slow := slowHide{s.place, store, func() {}}
				if moment != "before it is hidden" {
					slow = slowHide{s.place, func() {}, store}
				}
				for time.Since(stored) < 20*time.Millisecond { // a new file bears the time of the kernel's last tick
				}
				if gone, err := (&Store{place: slow, spool: s.spool}).Retire(t.Context(), key, stored); gone || err != nil {
					t.Errorf("removed: %v, %v", gone, err)
				}
				if got := read(t, s, key); got != "wanted" {
					t.Errorf("content %q", got)
				}
			})
		})
	}
}

func TestRetireInterruptedByACrashIsTakenUp(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key := put(t, s, "half retired")
		if err := s.place.hide(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if retire(t, s, key, time.Now().Add(-time.Hour)) || read(t, s, key) != "half retired" {
			t.Error("a blob that a crash left hidden is lost")
		}
	})
}

func TestManyPutsAgainstManyRetires(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	key := put(t, s, "contended")
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			// What was stored before this very moment, and not since, may go.
			if _, err := s.Retire(ctx, key, time.Now()); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for range 300 {
		if _, _, err := s.Put(t.Context(), strings.NewReader("contended")); err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
	put(t, s, "contended")
	if got := read(t, s, key); got != "contended" {
		t.Errorf("content %q", got)
	}
}
