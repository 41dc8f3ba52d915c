package demo

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"tandem/desk"
	"tandem/email/eml"
)

// All that is said in the demo: a folder for each language, in it TOML files
// of threads; HTML bodies and one raw mail beside them.
//
//go:embed mails
var mails embed.FS

// Support is the mailbox to which everybody writes.
const Support = "support@" + domain

const domain = "contoso.example"

// thread is one conversation: who asked what, what the agents did about it,
// and where it stands.
type thread struct {
	ID       string        // names it, and its mails' Message-IDs
	Answers  string        // the thread that its first mail answers; empty: it begins one
	Subject  string        // of the first mail
	From     string        // the requester, "Name <address>"
	CC       []string      // in copy of each of the requester's mails
	DaysAgo  float64       `toml:"days_ago"` // when the first mail came
	Status   desk.Status   // at the end; empty: as the mails left it
	Priority desk.Priority // empty: none
	Assignee string        // "agent3"; empty: nobody
	Tags     []string
	Raw      string // a file with a mail that is delivered as it is, instead of steps
	Steps    []step `toml:"step"`

	lang *language
}

// step is one thing said: a reply or a note of an agent when either is named,
// otherwise a mail.
type step struct {
	After   span   // since the step before
	From    string // whose mail it is; empty: the requester's
	Reply   string // the agent who replies
	Note    string // the agent who writes a note
	CC      []string
	Subject string // of a mail; empty: the thread's
	Text    string // "[image: name]" on a line of its own stands for an inline file
	HTML    string // name of the file with the mail's HTML
	Charset string // of a mail: "iso-2022-jp", or empty for UTF-8
	Files   []file `toml:"file"`
	Copies  int    // how often the mail is delivered; 0: once
	Auto    bool   `toml:"auto_reply"` // an absence notice
}

func (s *step) isMail() bool   { return s.Reply == "" && s.Note == "" }
func (s *step) isPublic() bool { return s.Note == "" }

// span is a duration such as "1h30m".
type span struct{ time.Duration }

// UnmarshalText reads a duration.
func (s *span) UnmarshalText(text []byte) (err error) {
	s.Duration, err = time.ParseDuration(string(text))
	return err
}

// language is how customers of one country write.
type language struct {
	folder   string
	locale   string // BCP 47
	timeZone string // IANA
	zone     *time.Location
}

var languages = []*language{
	{"en", "en", "Europe/London", time.FixedZone("", 0)},
	{"ja", "ja", "Asia/Tokyo", time.FixedZone("", 9*3600)},
	{"pt", "pt-BR", "America/Sao_Paulo", time.FixedZone("", -3*3600)},
}

// introduce is the line that mail programs put above a quoted mail.
func (l *language) introduce(at time.Time, by eml.Address) string {
	at = at.In(l.zone)
	who := fmt.Sprintf("%s <%s>", by.Name, by.Address)
	switch l.folder {
	case "ja":
		weekday := []string{"日", "月", "火", "水", "木", "金", "土"}[at.Weekday()]
		return fmt.Sprintf("%d年%d月%d日(%s) %s %s:", at.Year(), at.Month(), at.Day(), weekday, at.Format("15:04"), who)
	case "pt":
		return fmt.Sprintf("Em %s, %s escreveu:", at.Format("02/01/2006 15:04"), who)
	}
	return fmt.Sprintf("On %s, %s wrote:", at.Format("Mon, 2 Jan 2006 at 15:04"), who)
}

// stories are all threads, by what they are for.
type stories struct {
	history []*thread // what happened so far
	fresh   []*thread // mails that arrive at the end of seeding
	live    []*thread // the pool of mails that arrive now and then
	answers []*thread // what customers say to an answer
	byID    map[string]*thread
}

// load reads the embedded files. An error is a mistake in one of them.
func load() (*stories, error) {
	all := &stories{byID: map[string]*thread{}}
	for _, lang := range languages {
		names, err := fs.Glob(mails, "mails/"+lang.folder+"/*.toml")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := all.read(name, lang); err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	return all, nil
}

func (all *stories) read(name string, lang *language) error {
	f, err := mails.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var content struct {
		Threads []*thread `toml:"thread"`
	}
	if err := toml.NewDecoder(f).DisallowUnknownFields().Decode(&content); err != nil {
		return err
	}
	into := &all.history
	switch path.Base(name) {
	case "fresh.toml":
		into = &all.fresh
	case "live.toml":
		into = &all.live
	case "answers.toml":
		into = &all.answers
	}
	for _, t := range content.Threads {
		if t.ID == "" || all.byID[t.ID] != nil {
			return fmt.Errorf("the id %q is missing or used twice", t.ID)
		}
		t.lang, all.byID[t.ID] = lang, t
		for i := range t.Steps {
			t.Steps[i].Text = unfold(t.Steps[i].Text)
		}
	}
	*into = append(*into, content.Threads...)
	return nil
}

// times tells when each step happened. Conversations that are not of today
// went on in office hours.
func (t *thread) times(now time.Time) []time.Time {
	at := t.began(now)
	times := make([]time.Time, len(t.Steps))
	for i, s := range t.Steps {
		at = at.Add(s.After.Duration)
		times[i] = at
	}
	if now.Sub(at) < 12*time.Hour {
		return times
	}
	for i := range times {
		times[i] = t.lang.officeTime(times[i])
	}
	return times
}

// began is when the first mail came. Minutes that follow from the thread's
// name keep conversations from beginning on the stroke of one clock.
func (t *thread) began(now time.Time) time.Time {
	sum := sha256.Sum256([]byte(t.ID))
	odd := time.Duration(binary.BigEndian.Uint16(sum[:])%3000) * time.Second
	return now.Add(-odd - time.Duration(t.DaysAgo*float64(24*time.Hour))).Truncate(time.Second)
}

// officeTime squeezes the day into the ten hours from eight in the morning.
// What came first stays first.
func (l *language) officeTime(at time.Time) time.Time {
	year, month, day := at.In(l.zone).Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, l.zone)
	return midnight.Add(8*time.Hour + at.Sub(midnight)*10/24).Truncate(time.Second)
}

// messageID names the mail of a step, the same in every run: that is how an
// interrupted seeding knows what it has delivered already.
func (t *thread) messageID(i int) string {
	from := eml.Address{Address: Support}
	if t.Steps[i].isMail() {
		from = t.author(i)
	}
	return newMessageID(t.ID+"/"+strconv.Itoa(i), from)
}

func newMessageID(name string, from eml.Address) string {
	sum := sha256.Sum256([]byte(name))
	_, host, _ := strings.Cut(from.Address, "@")
	return hex.EncodeToString(sum[:12]) + "@" + host
}

// author is who wrote the mail of a step.
func (t *thread) author(i int) eml.Address {
	if s := t.Steps[i]; s.From != "" {
		return address(s.From)
	}
	return address(t.From)
}

// address reads "Name <address>". A mistake gives the zero Address, with which
// no mail can be composed.
func address(text string) eml.Address {
	a, err := netmail.ParseAddress(text)
	if err != nil {
		return eml.Address{}
	}
	return eml.Address{Name: a.Name, Address: a.Address}
}

// unfold joins the lines into which the files break paragraphs: one that
// reaches foldedAt goes on in the next, unless that begins an item of a list or
// a Japanese sentence ends there.
func unfold(text string) string {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		b.WriteString(line)
		switch {
		case i == len(lines)-1:
		case columns(line) < foldedAt || lines[i+1] == "" || listItem.MatchString(lines[i+1]) || strings.HasSuffix(line, "。"):
			b.WriteByte('\n')
		case line[len(line)-1] < utf8.RuneSelf:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

const foldedAt = 100 // columns

var listItem = regexp.MustCompile(`^(\d+\.|-|・|\[)`)

// columns is how wide a line is where Japanese characters take two.
func columns(line string) (n int) {
	for _, r := range line {
		if n++; r >= '\u3000' {
			n++
		}
	}
	return n
}
