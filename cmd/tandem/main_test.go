package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"

	"tandem/access"
	"tandem/directory"
	"tandem/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tandem": main})
}

func TestCommands(t *testing.T) {
	microsoft := httptest.NewServer(http.HandlerFunc(fakeLogin))
	t.Cleanup(microsoft.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("MICROSOFT", microsoft.URL)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"newer": newer, "administrator": administrator, "opens": opens, "own": own,
		},
	})
}

// fakeLogin is a sign-in service with one tenant, and with a wrong clock below /late.
func fakeLogin(w http.ResponseWriter, r *http.Request) {
	if path, late := strings.CutPrefix(r.URL.Path, "/late"); late {
		r.URL.Path = path
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}
	switch r.URL.Path {
	case "/contoso.example/v2.0/.well-known/openid-configuration":
		fmt.Fprint(w, "{}")
	case "/v1.0/me":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// newer makes a database look as if a later Tandem had migrated it.
func newer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: newer FILE")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec("INSERT INTO schema_version (version_id, is_applied) VALUES (9999, 1)")
	ts.Check(err)
}

// administrator makes the only administrator, who has forgotten the password.
func administrator(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: administrator FILE ADDRESS")
	}
	db := openFile(ts, args[0])
	defer db.Close()
	people := access.NewService(store.For[access.Tx](db), time.Now)
	_, err := people.CreateUser(context.Background(), access.System(), access.NewUser{Email: args[1], Role: directory.Admin})
	ts.Check(err)
}

// opens checks that the link which was printed last chooses the password of the address.
func opens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: opens FILE ADDRESS")
	}
	db := openFile(ts, args[0])
	defer db.Close()
	people := access.NewService(store.For[access.Tx](db), time.Now)
	_, secret, _ := strings.Cut(ts.ReadFile("stdout"), "/setup/")
	user, err := people.FindSetup(context.Background(), strings.TrimSpace(secret))
	ts.Check(err)
	if user == nil || user.Email != args[1] {
		ts.Fatalf("the link is for %+v, not for %s", user, args[1])
	}
}

// own holds a database until the script ends, as a running server does.
func own(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: own FILE")
	}
	db := openFile(ts, args[0])
	ts.Defer(func() { db.Close() })
}

func openFile(ts *testscript.TestScript, file string) *store.DB {
	db, err := store.Open(context.Background(), "sqlite:"+ts.MkAbs(file), store.Options{})
	ts.Check(err)
	return db
}

// process is a running tandem.
type process struct {
	*exec.Cmd
	out, err *bufio.Reader
}

// start runs tandem on a free port and returns it with the address it printed
// after the given words.
func start(t *testing.T, words string, args ...string) (*process, *url.URL) {
	t.Helper()
	p := &process{Cmd: exec.Command("tandem", args...)}
	p.Env = append(os.Environ(), "TANDEM_DATA="+t.TempDir())
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	logs, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out, p.err = bufio.NewReader(out), bufio.NewReader(logs)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	line := p.read(t, p.out, words)
	_, rest, _ := strings.Cut(line, words)
	at, err := url.Parse(strings.Fields(rest)[0])
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return p, at
}

// read returns the first line that contains the words.
func (p *process) read(t *testing.T, from *bufio.Reader, words string) string {
	t.Helper()
	for {
		line, err := from.ReadString('\n')
		if strings.Contains(line, words) {
			return line
		}
		if err != nil {
			rest, _ := io.ReadAll(p.err)
			t.Fatalf("no line says %q: %v\n%s", words, err, rest)
		}
	}
}

func (p *process) signal(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// exit waits for the end and returns the status.
func (p *process) exit() int {
	io.Copy(io.Discard, p.err) // Wait must not close the pipe before it is read
	p.Wait()
	return p.ProcessState.ExitCode()
}

func TestServeAnswersUntilASignalAndThenEndsWell(t *testing.T) {
	t.Parallel()
	p, at := start(t, "Tandem is at ", "serve", "--http", "127.0.0.1:0")
	if link := p.read(t, p.out, "/setup/"); !strings.Contains(link, at.Host) {
		t.Errorf("link for the first administrator: %q", link)
	}
	answer, err := http.Get(at.String() + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("healthz: %v, %v", answer, err)
	}
	answer.Body.Close()
	p.signal(t)
	if code := p.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestSecondSignalCutsWhatHangs(t *testing.T) {
	t.Parallel()
	p, at := start(t, "Tandem is at ", "serve", "--http", "127.0.0.1:0")
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// A request whose body never comes keeps the first signal waiting. The
	// server asks for it once the handler reads, and from then on is busy.
	fmt.Fprintf(conn, "POST /api/v2/session HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n", at.Host)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("server said %q, %v", line, err)
	}
	p.signal(t)
	p.read(t, p.err, "a second signal cuts")
	p.signal(t)
	if code := p.exit(); code != exitCut {
		t.Errorf("exit status %d, want %d", code, exitCut)
	}
}

func TestDemoShowsContosoWithItsSimulator(t *testing.T) {
	t.Parallel()
	p, at := start(t, "Tandem  ", "demo", "--quiet", "--http", "127.0.0.1:0", "--sim-http", "127.0.0.1:0", "--sim-smtp", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	p.read(t, p.out, "admin@contoso.example/token:demo-token")
	request, err := http.NewRequest(http.MethodGet, at.String()+"/api/v2/tickets", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("admin@contoso.example/token", "demo-token")
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("tickets: %v, %v", answer, err)
	}
	answer.Body.Close()
	p.signal(t)
	if code := p.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}
