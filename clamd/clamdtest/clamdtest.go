// Package clamdtest runs a real ClamAV daemon for a test, with signatures of
// the test's own, so that it starts at once and needs no download.
package clamdtest

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Virus is what the daemon takes for malware, and Signature what it calls it.
const (
	Virus     = "TANDEM-HARMLESS-TEST-VIRUS-5d41402a"
	Signature = "Tandem.Harmless.Test.UNOFFICIAL"
)

// MaxStream is the longest stream that the daemon takes.
const MaxStream = 2 << 20

// Start runs a daemon until the test ends and returns where it listens, as
// "unix:PATH". Without ClamAV it skips the test, or fails it when
// TANDEM_REQUIRE_CLAMD is set.
func Start(t testing.TB) string {
	t.Helper()
	binary := find(t)
	dir, err := os.MkdirTemp("", "clamd") // a socket's path must be short, and t.TempDir's is not
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	signature := fmt.Sprintf("Tandem.Harmless.Test:0:*:%s\n", hex.EncodeToString([]byte(Virus)))
	must(t, os.WriteFile(filepath.Join(dir, "test.ndb"), []byte(signature), 0o644))
	socket := filepath.Join(dir, "socket")
	config := fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nForeground yes\nStreamMaxLength %d\n", socket, dir, MaxStream)
	file := filepath.Join(dir, "clamd.conf")
	must(t, os.WriteFile(file, []byte(config), 0o644))

	daemon := exec.Command(binary, "--config-file", file)
	must(t, daemon.Start())
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() {
		daemon.Process.Kill()
		<-ended
	})
	await(t, socket, ended)
	return "unix:" + socket
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"clamd", "/usr/sbin/clamd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "NOT TESTED WITH CLAMAV: install clamav-daemon, or run scripts/need.sh clamav-daemon"
	if os.Getenv("TANDEM_REQUIRE_CLAMD") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// await waits until the daemon has loaded its signatures and listens.
func await(t testing.TB, socket string, ended <-chan error) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); ; {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case err := <-ended:
			t.Fatalf("clamd ended: %v", err)
		case <-limit:
			t.Fatal("clamd does not listen")
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
