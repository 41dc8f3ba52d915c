package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tandem/config"
)

// Process is Tandem as a program of its own.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	output output
	exited chan struct{} // closed when it has ended
}

// program builds cmd/tandem, once for all tests, into programFolder.
var program = sync.OnceValues(func() (string, error) {
	name := filepath.Join(programFolder(), "tandem")
	if text, err := exec.Command("go", "build", "-o", name, "tandem/cmd/tandem").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, text)
	}
	return name, nil
})

// programFolder is removed by TestMain.
func programFolder() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("tandem-e2e-%d", os.Getpid()))
}

// StartProcess starts "tandem serve" and waits until it answers.
func StartProcess(t testing.TB, c config.Config) *Process {
	t.Helper()
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, cmd: exec.Command(name, "serve"), exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), environment(c)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start tandem: %v", err)
	}
	go func() {
		p.cmd.Wait() // ExitCode tells
		close(p.exited)
	}()
	t.Cleanup(p.Kill)
	p.awaitOutput("Tandem is at")
	return p
}

// environment is the configuration as the program reads it.
func environment(c config.Config) []string {
	return []string{
		"TANDEM_HTTP=" + c.HTTP, "TANDEM_DATA=" + c.Data, "TANDEM_DATABASE=" + c.Database, "TANDEM_PUBLIC_URL=" + c.PublicURL,
		"TANDEM_RATE_LIMIT=" + strconv.Itoa(c.RateLimit), "TANDEM_BLOB=" + c.Blob, "TANDEM_LOG_LEVEL=" + c.Log.Level,
		"TANDEM_MICROSOFT_TENANT=" + c.Microsoft.Tenant, "TANDEM_MICROSOFT_CLIENT_ID=" + c.Microsoft.ClientID,
		"TANDEM_MICROSOFT_CLIENT_SECRET=" + c.Microsoft.ClientSecret.Reveal(),
		"TANDEM_SMTP=" + c.SMTP.Listen, "TANDEM_SMTP_DOMAIN=" + c.SMTP.Domain, "TANDEM_SMTP_RELAY_URL=" + c.SMTP.RelayURL.Reveal(),
		"TANDEM_MICROSOFT_LOGIN_URL=" + c.Microsoft.LoginURL, "TANDEM_MICROSOFT_GRAPH_URL=" + c.Microsoft.GraphURL,
	}
}

// SetupURL is the one-time link for the first administrator, as the terminal shows it.
func (p *Process) SetupURL() string {
	p.t.Helper()
	return p.awaitOutput(`http\S+/setup/\S+`)
}

// awaitOutput waits until the program prints what matches a pattern, and returns it.
func (p *Process) awaitOutput(pattern string) string {
	p.t.Helper()
	matcher := regexp.MustCompile(pattern)
	for range 6000 {
		if match := matcher.FindString(p.output.String()); match != "" {
			return match
		}
		select {
		case <-p.exited:
			p.t.Fatalf("tandem ended with status %d: %s", p.ExitCode(), p.output.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	p.t.Fatalf("tandem does not print %s: %s", pattern, p.output.String())
	return ""
}

// Kill ends the process as a power failure would, in whatever it is doing.
func (p *Process) Kill() {
	p.cmd.Process.Kill() // fails when it has ended
	<-p.exited
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("send tandem the signal %s: %v", s, err)
	}
}

// Stop ends the process as the first signal does, and fails the test when it
// does not end well.
func (p *Process) Stop() {
	p.t.Helper()
	if p.cmd.Process.Signal(syscall.SIGTERM) != nil {
		return // it has ended
	}
	if status := p.ExitCode(); status != 0 && status != -1 {
		p.t.Errorf("tandem stopped with status %d: %s", status, p.output.String())
	}
}

// ExitCode waits for the end and returns the status; -1 when it was killed.
func (p *Process) ExitCode() int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		p.t.Fatalf("tandem does not end: %s", p.output.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// output keeps what the program printed, for finding out why a story failed.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(o.text.String())
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }
