package email_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/email/eml"
	"tandem/problem"
)

// limited makes a reader that keeps mails of at most so many bytes.
func (o *office) limited(most int64) email.Watch {
	limits := eml.DefaultLimits
	limits.Size = most
	r := email.NewReader(o.store, o.boxes, o.blobs, o.desk, o.bus, email.ReaderOptions{Owner: "first", Now: o.clock.Now, Limits: limits})
	return r.Watch(o.ids[support])
}

func (o *office) asides() *email.Asides {
	return email.NewAsides(o.store, o.boxes, o.blobs, o.desk, o.clock.Now)
}

// agentOf is somebody who may ask for files.
func (o *office) agentOf() access.Actor {
	u := o.addUser("agent@contoso.example", directory.Agent)
	return access.Actor{UserID: u.ID, Name: u.Name, Role: directory.Agent}
}

// withFiles is a mail with a text and files of so many bytes.
func withFiles(id string, files map[string]int) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(mail(id, "Content-Type: multipart/mixed; boundary=b"), "Body of "+id+".\n"))
	b.WriteString("--b\nContent-Type: text/plain\n\nThe plans are attached.\n")
	for _, name := range []string{"plan.dwg", "photo.png"} {
		if n := files[name]; n > 0 {
			content := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", n)))
			fmt.Fprintf(&b, "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=%q\nContent-Transfer-Encoding: base64\n\n%s\n", name, content)
		}
	}
	b.WriteString("--b--\n")
	return b.String()
}

func TestMailOverTheLimitBecomesATicketWhoseFilesCanBeFetched(t *testing.T) {
	o := setup(t)
	o.deliver(support, withFiles("huge@client", map[string]int{"plan.dwg": 30_000, "photo.png": 12_000}))
	_, err := o.limited(20_000).RunOnce(t.Context())
	check(t, err)
	o.expect("ticketed")
	m := o.only()
	ticket := o.tickets()[0]
	comment := func() *desk.Comment {
		_, comments := o.ticket(ticket.ID)
		return comments[0]
	}
	c := comment()
	if c.Text != "The plans are attached." || len(c.Attachments) != 2 || c.Attachments[0].FileName != "plan.dwg" || c.Attachments[0].Size != 30_000 {
		t.Fatalf("the comment is %q with %+v", c.Text, c.Attachments)
	}
	if c.Aside == nil || c.Aside.State != desk.AtMicrosoft || c.Aside.Size < 42_000 || m.Blob != "" {
		t.Fatalf("set aside: %+v, blob %q", c.Aside, m.Blob)
	}
	if _, _, err := o.desk.File(t.Context(), access.System(), c.Attachments[0].Secret); problem.As(err) == nil || problem.As(err).Code != "attachment_set_aside" {
		t.Errorf("downloading what is not here: %v", err)
	}

	agent := o.agentOf()
	if a, err := o.asides().Fetch(t.Context(), agent, m.ID); err != nil || a.State != desk.AsideFetching {
		t.Fatalf("asking for the files: %+v, %v", a, err)
	}
	check(t, o.asides().Work(t.Context(), m.ID, false))
	c = comment()
	if c.Aside != nil {
		t.Errorf("still set aside: %+v", c.Aside)
	}
	for i, want := range []int{30_000, 12_000} {
		_, content, err := o.desk.File(t.Context(), access.System(), c.Attachments[i].Secret)
		check(t, err)
		got, err := io.ReadAll(content)
		check(t, err)
		content.Close()
		if string(got) != strings.Repeat("x", want) {
			t.Errorf("%s has %d bytes, want %d", c.Attachments[i].FileName, len(got), want)
		}
	}
	if o.only().Blob == "" {
		t.Error("the raw mail was not kept")
	}
	_, err = o.asides().Fetch(t.Context(), agent, m.ID)
	if p := problem.As(err); p == nil || p.Code != "not_set_aside" {
		t.Errorf("asking once more: %v", err)
	}
}

func TestFilesThatAreGoneAtMicrosoftAreSaidToBe(t *testing.T) {
	o := setup(t)
	at := o.deliver(support, withFiles("gone@client", map[string]int{"plan.dwg": 30_000}))
	_, err := o.limited(20_000).RunOnce(t.Context())
	check(t, err)
	m := o.only()
	_, err = o.asides().Fetch(t.Context(), o.agentOf(), m.ID)
	check(t, err)

	o.boxes[support].rawFault = func(string, int) error { return unavailable(0) }
	if err := o.asides().Work(t.Context(), m.ID, false); problem.KindOf(err) != problem.Unavailable {
		t.Errorf("while Microsoft is away: %v, want it tried again", err)
	}
	at.deleted = true
	check(t, o.asides().Work(t.Context(), m.ID, false))
	_, comments := o.ticket(o.tickets()[0].ID)
	if a := comments[0].Aside; a == nil || a.State != desk.AsideGone || a.ErrorCode != "not_at_microsoft" {
		t.Errorf("set aside: %+v", a)
	}
}

func TestMailOverTheLimitWithoutMessageIDStaysOneTicket(t *testing.T) {
	o := setup(t)
	raw := strings.Replace(withFiles("x@client", map[string]int{"plan.dwg": 30_000}), "Message-ID: <x@client>\n", "", 1)
	o.deliver(support, raw)
	o.deliver(support, strings.Replace(raw, "The plans", "Other plans", 1))
	_, err := o.limited(20_000).RunOnce(t.Context())
	check(t, err)
	o.expect("ticketed ticketed")
}

// endless is base64 that never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	const line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n"
	n := copy(b, line)
	return n, nil
}

// meter watches the heap while a mail streams by.
type meter struct {
	r    io.Reader
	n    int
	most uint64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	if before := m.n >> 24; (m.n+n)>>24 > before { // every 16 MB
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.most = max(m.most, s.HeapInuse)
	}
	m.n += n
	return n, err
}

func TestLargeMailsStreamInConstantMemory(t *testing.T) {
	for _, test := range []struct {
		name string
		size int64
		kept bool
	}{{"kept", 64 << 20, true}, {"set aside", 200 << 20, false}} {
		t.Run(test.name, func(t *testing.T) {
			o := setup(t)
			head, _, _ := strings.Cut(withFiles("large@client", map[string]int{"plan.dwg": 1}), "eA==")
			o.deliver(support, head)
			m := &meter{}
			o.boxes[support].rawReader = func(_ string, raw io.Reader) io.Reader {
				m.r = io.MultiReader(raw, io.LimitReader(endless{}, test.size))
				return m
			}
			_, err := o.limited(150 << 20).RunOnce(t.Context())
			check(t, err)
			o.expect("ticketed")
			_, comments := o.ticket(o.tickets()[0].ID)
			if a := comments[0].Attachments; len(a) != 1 || a[0].Size < test.size*7/10 || a[0].SetAside() == test.kept {
				t.Errorf("files %+v", a)
			}
			t.Logf("%d MB streamed, %d MB of heap at most", m.n>>20, m.most>>20)
			if m.most > 48<<20 {
				t.Errorf("%d MB of heap for one mail", m.most>>20)
			}
		})
	}
}
