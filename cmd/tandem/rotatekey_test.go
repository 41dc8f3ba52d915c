package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tandem/email"
	"tandem/store"
)

// vault is a data folder with secrets in its database.
type vault struct {
	t   *testing.T
	dir string
}

const secrets = 200

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{t, t.TempDir()}
	db := v.open()
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		for i := range secrets {
			c := &email.Connection{
				Kind: email.Exchange, State: email.Connected, Email: fmt.Sprintf("box%d@contoso.example", i), TenantID: "tenant",
				UserID: fmt.Sprint("user", i), RefreshToken: email.Secret(fmt.Sprint("token", i)),
			}
			if err := tx.InsertConnection(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	v.must(err)
	v.must(db.Close())
	return v
}

func (v *vault) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *vault) keyFile() string { return filepath.Join(v.dir, "secret.key") }

func (v *vault) keys() int {
	text, err := os.ReadFile(v.keyFile())
	v.must(err)
	return strings.Count(string(text), "\n")
}

func (v *vault) open() *store.DB {
	v.t.Helper()
	ring, err := store.LoadOrCreateKey(v.keyFile())
	v.must(err)
	db, err := store.Open(context.Background(), "sqlite:"+filepath.Join(v.dir, "tandem.db"), store.Options{Keys: ring})
	v.must(err)
	return db
}

// check opens every secret with the key file as it is, and counts those that
// the first key does not open.
func (v *vault) check() (old int) {
	v.t.Helper()
	db := v.open()
	defer db.Close()
	err := db.View(v.t.Context(), func(tx *store.Tx) error {
		all, err := tx.ListConnections(v.t.Context())
		if err != nil {
			return err
		}
		if len(all) != secrets {
			v.t.Errorf("%d connections", len(all))
		}
		for _, c := range all {
			if want := "token" + strings.TrimSuffix(strings.TrimPrefix(c.Email, "box"), "@contoso.example"); string(c.RefreshToken) != want {
				v.t.Errorf("the secret of %s is another one", c.Email)
			}
		}
		return nil
	})
	v.must(err)
	old, err = db.SealedWithOldKeys(v.t.Context())
	v.must(err)
	return old
}

// rotate starts tandem rotate-key.
func (v *vault) rotate(args ...string) (*exec.Cmd, *bufio.Scanner) {
	v.t.Helper()
	c := exec.Command("tandem", append([]string{"rotate-key"}, args...)...)
	c.Env = append(os.Environ(), "TANDEM_DATA="+v.dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	v.must(err)
	v.must(c.Start())
	return c, bufio.NewScanner(out)
}

func TestKeyRotationSurvivesBeingKilled(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	begun := 0
	for range 8 {
		// Killed once it has said that it began: somewhere in sealing anew.
		c, out := v.rotate()
		if out.Scan() && strings.Contains(out.Text(), "A new key") {
			begun++
		}
		v.must(c.Process.Kill())
		for out.Scan() {
		}
		c.Wait()
		v.check()
	}
	if begun == 0 {
		t.Error("no run began a rotation")
	}
	c, out := v.rotate("--forget")
	for out.Scan() {
	}
	v.must(c.Wait())
	if old := v.check(); old != 0 || v.keys() != 1 {
		t.Errorf("%d secrets sealed with old keys, %d keys in the file", old, v.keys())
	}
}

func TestInterruptedRotationAddsNoSecondKey(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	_, err := store.AddKey(v.keyFile())
	v.must(err)
	c, out := v.rotate()
	if !out.Scan() || !strings.Contains(out.Text(), "interrupted") {
		t.Errorf("it says %q", out.Text())
	}
	for out.Scan() {
	}
	v.must(c.Wait())
	if old := v.check(); old != 0 || v.keys() != 2 {
		t.Errorf("%d secrets sealed with old keys, %d keys in the file", old, v.keys())
	}
}
