package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"tandem/problem"

	_ "gocloud.dev/blob/memblob" // mem://, an object store that needs no account
)

// places runs a test on a folder and on an object store.
func places(t *testing.T, test func(*testing.T, *Store)) {
	for name, where := range map[string]string{"folder": t.TempDir(), "cloud": "mem://"} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), where)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, s)
		})
	}
}

func read(t *testing.T, s *Store, key string) string {
	t.Helper()
	r, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestBlobIsFoundUnderTheHashOfItsContent(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key, size, err := s.Put(t.Context(), strings.NewReader("abc"))
		if err != nil {
			t.Fatal(err)
		}
		// FIPS 180-2, appendix B.1.
		if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; key != want || size != 3 {
			t.Errorf("key %s, size %d", key, size)
		}
		if got := read(t, s, key); got != "abc" {
			t.Errorf("content %q", got)
		}
		again, err := s.PutBytes(t.Context(), []byte("abc"))
		if err != nil || again != key {
			t.Errorf("second Put: %s, %v", again, err)
		}
	})
}

func TestBlobCanBeReadFromTheMiddle(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key, err := s.PutBytes(t.Context(), []byte("headers and body"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := r.Seek(12, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(r); string(rest) != "body" || err != nil {
			t.Errorf("from the middle: %q, %v", rest, err)
		}
	})
}

func TestDeletedBlobIsNotFound(t *testing.T) {
	places(t, func(t *testing.T, s *Store) {
		key, err := s.PutBytes(t.Context(), []byte("gone soon"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing, and that is fine
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		if has, err := s.Has(t.Context(), key); has || err != nil {
			t.Errorf("Has after Delete: %v, %v", has, err)
		}
		if _, err := s.Get(t.Context(), key); problem.KindOf(err) != problem.NotFound {
			t.Errorf("Get after Delete: %v", err)
		}
	})
}

func TestNoKeyLeadsOutOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.key")
	if err := os.WriteFile(secret, []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), filepath.Join(dir, "blob"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "..", "../secret.key", secret, strings.Repeat("A", 64), "../" + strings.Repeat("a", 61), strings.Repeat("a", 63) + "/"} {
		if _, err := s.Get(t.Context(), key); problem.KindOf(err) != problem.NotFound {
			t.Errorf("Get(%q): %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Errorf("a file outside is gone: %v", err)
	}
}

func TestBrokenStreamLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	cut := io.MultiReader(strings.NewReader("half a mail"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, _, err := s.Put(t.Context(), cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Put(cancelled, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if files := list(t, dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestWritersOfTheSameContentAgree(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("same "), 1000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := s.Put(t.Context(), bytes.NewReader(content)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if files := list(t, dir); len(files) != 1 {
		t.Errorf("%d files, want one: %v", len(files), files)
	}
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"blob-old": 2 * staleAfter, "blob-young": 0} {
		path := filepath.Join(dir, "tmp", name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if files := list(t, dir); len(files) != 1 || filepath.Base(files[0]) != "blob-young" {
		t.Errorf("after opening: %v, want the young file only", files)
	}
}

func TestFullDiskIsAProblemWithARemedy(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	full := &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOSPC}
	_, _, err = s.Put(t.Context(), iotest.ErrReader(full))
	p := problem.As(err)
	if p == nil || p.Kind != problem.Unavailable || p.Code != "disk_full" || p.Side != problem.Tandem || p.Remedy == "" {
		t.Errorf("error %#v", err)
	}
}

// list gives the files below a folder.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func BenchmarkPut(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	content := make([]byte, 12<<10)
	var mu sync.Mutex
	next := func() []byte {
		mu.Lock()
		defer mu.Unlock()
		for i := range content {
			if content[i]++; content[i] != 0 {
				break
			}
		}
		return bytes.Clone(content)
	}
	b.SetParallelism(2)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := s.Put(b.Context(), bytes.NewReader(next())); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
}
