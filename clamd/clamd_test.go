package clamd

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// daemon is a scanner as data: what it answers after taking so much of a stream.
type daemon struct {
	reply string
	takes int // bytes before it answers and hangs up; 0: everything
	got   chan string
}

// start lets the daemon serve one connection.
func (d *daemon) start(t *testing.T) *Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "clamd")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	d.got = make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		d.serve(conn)
	}()
	c, err := New("unix:" + socket)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *daemon) serve(conn net.Conn) {
	var taken []byte
	buf := make([]byte, 32<<10)
	for (d.takes == 0 || len(taken) < d.takes) && !strings.HasSuffix(string(taken), "\x00\x00\x00\x00") {
		n, err := conn.Read(buf)
		taken = append(taken, buf[:n]...)
		if err != nil {
			break
		}
	}
	d.got <- string(taken)
	io.WriteString(conn, d.reply)
}

func TestVerdicts(t *testing.T) {
	for _, test := range []struct{ reply, name, wrong string }{
		{"stream: OK\x00", "", ""},
		{"stream: Eicar-Test-Signature FOUND\x00", "Eicar-Test-Signature", ""},
		{"stream: A name FOUND here FOUND\x00", "A name FOUND here", ""},
		{"INSTREAM size limit exceeded. ERROR\x00", "", ErrTooLarge.Error()},
		{"stream: Can't allocate memory ERROR\x00", "", "Can't allocate memory"},
		{"stream:  FOUND\x00", "", "it answered"},
		{"COMMAND READ TIMED OUT\n", "", "TIMED OUT"},
		{"OK FOUND\x00", "", "it answered"},
		{"", "", "EOF"},
	} {
		d := &daemon{reply: test.reply}
		name, err := d.start(t).Scan(t.Context(), strings.NewReader("content"))
		if name != test.name || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%q: %q, %v", test.reply, name, err)
		}
		if got := <-d.got; got != "zINSTREAM\x00\x00\x00\x00\x07content\x00\x00\x00\x00" {
			t.Errorf("the daemon got %q", got)
		}
	}
}

func TestDaemonThatHangsUpEarlyIsStillHeard(t *testing.T) {
	d := &daemon{reply: "INSTREAM size limit exceeded. ERROR\x00", takes: 100 << 10}
	_, err := d.start(t).Scan(t.Context(), io.LimitReader(neverEnds{}, 64<<20))
	// Its last words may be lost with the connection; what counts is that it is no clean file.
	if err == nil {
		t.Error("a stream that was not taken counts as scanned")
	}
}

type neverEnds struct{}

func (neverEnds) Read(b []byte) (int, error) { return len(b), nil }

func TestErrorOfTheSourceIsNotTheDaemons(t *testing.T) {
	cause := errors.New("disk on fire")
	_, err := (&daemon{takes: 1}).start(t).Scan(t.Context(), iotest.ErrReader(cause))
	if err != cause {
		t.Errorf("error %v", err)
	}
}

func TestCancelledScanEndsAtOnce(t *testing.T) {
	d := &daemon{takes: 1 << 30}
	c := d.start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cause := iotest.ErrReader(io.EOF)
	_, err := c.Scan(ctx, io.MultiReader(strings.NewReader("x"), cancelling{cancel}, cause))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// cancelling cancels when it is read.
type cancelling struct{ cancel func() }

func (c cancelling) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

func TestAddressesOfDaemons(t *testing.T) {
	for where, fine := range map[string]bool{
		"unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"": false, "unix:": false, "tcp:localhost": false, "http://localhost": false, "/run/clamd": false,
	} {
		if _, err := New(where); (err == nil) != fine {
			t.Errorf("%q: %v", where, err)
		}
	}
}
