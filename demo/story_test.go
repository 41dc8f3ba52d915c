package demo

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/email/eml"
)

func loaded(t *testing.T) *stories {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// letters are all mails of the demo, by a name for the test's output.
func (all *stories) letters(now time.Time) map[string]letter {
	letters := map[string]letter{}
	for _, t := range all.history {
		for i := range t.Steps {
			if t.Steps[i].isPublic() {
				letters[fmt.Sprintf("%s/%d", t.ID, i)] = t.letter(now, i)
			}
		}
	}
	for _, t := range slices.Concat(all.fresh, all.live) {
		l := all.answer(t.numbered(4711), now, nil)
		l.id = t.messageID(0)
		letters[t.ID] = l
	}
	return letters
}

func TestEveryMailIsReadAsItWasWritten(t *testing.T) {
	for name, l := range loaded(t).letters(time.Now()) {
		t.Run(name, func(t *testing.T) {
			raw, err := l.compose()
			if err != nil {
				t.Fatal(err)
			}
			m, err := eml.Parse(bytes.NewReader(raw), eml.DefaultLimits, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Defects) > 0 {
				t.Errorf("it was repaired: %v", m.Defects)
			}
			if m.MessageID != l.id || len(m.From) != 1 || m.From[0] != l.from || len(m.To) != 1 || m.To[0] != l.to {
				t.Errorf("it is %s from %v to %v, want %s from %v to %v", m.MessageID, m.From, m.To, l.id, l.from, l.to)
			}
			if m.Subject != l.title() || m.Subject == "" {
				t.Errorf("subject %q, want %q", m.Subject, l.title())
			}
			fresh, quoted := eml.SplitQuoted(m.Text)
			if got, want := strings.TrimSpace(fresh), strings.TrimSpace(l.step.Text); got != want || want == "" {
				t.Errorf("text:\n%s\nwant:\n%s", got, want)
			}
			if answers := l.text() != l.step.Text; answers != (quoted != "") {
				t.Errorf("quotes an earlier mail: %v, found one: %v", answers, quoted != "")
			}
			if len(m.Parts) != len(l.step.Files) {
				t.Errorf("%d files, want %d", len(m.Parts), len(l.step.Files))
			}
			if strings.Contains(string(raw), "{number}") {
				t.Error("a number was not filled in")
			}
		})
	}
}

func TestInlineImagesAreInTheText(t *testing.T) {
	for name, l := range loaded(t).letters(time.Now()) {
		for _, f := range l.step.Files {
			shown := strings.Contains(l.step.Text, "[image: "+f.Name+"]")
			if f.Inline != shown {
				t.Errorf("%s: %s is inline: %v, but shown in the text: %v", name, f.Name, f.Inline, shown)
			}
		}
	}
}

func TestEveryStoryHoldsTogether(t *testing.T) {
	all, now := loaded(t), time.Now()
	agents := map[string]bool{"": true}
	for _, w := range workers {
		agents[w.account] = true
	}
	statuses := map[string]int{}
	for _, s := range all.history {
		times := s.times(now)
		for i, at := range times {
			step := s.Steps[i]
			if at.After(now) || i > 0 && !at.After(times[i-1]) {
				t.Errorf("%s: step %d is in the future, or before the one before", s.ID, i)
			}
			if !agents[step.Reply] || !agents[step.Note] || !agents[s.Assignee] {
				t.Errorf("%s: step %d names an agent that nobody knows", s.ID, i)
			}
			if i == 0 && !step.isMail() || step.Text == "" {
				t.Errorf("%s: step %d is no mail, or empty", s.ID, i)
			}
		}
		if s.DaysAgo <= 0 || s.DaysAgo > 31 {
			t.Errorf("%s began %v days ago", s.ID, s.DaysAgo)
		}
		if last := len(s.Steps) - 1; s.Status == "closed" && now.Sub(s.times(now)[last]) < closesAfter {
			t.Errorf("%s is closed too early", s.ID)
		}
		statuses[string(s.Status)]++
	}
	for _, s := range slices.Concat(all.fresh, all.live) {
		if s.Answers != "" && all.byID[s.Answers] == nil {
			t.Errorf("%s answers %q, which is not there", s.ID, s.Answers)
		}
		if before := all.byID[s.Answers]; before != nil && address(s.From) != address(before.From) {
			t.Errorf("%s: a stranger answers %s", s.ID, s.Answers)
		}
	}
	for _, want := range []string{"", "open", "pending", "hold", "solved", "closed"} {
		if statuses[want] < 3 {
			t.Errorf("%d threads with the status %q", statuses[want], want)
		}
	}
}

func TestNobodyRealIsNamed(t *testing.T) {
	for name, l := range loaded(t).letters(time.Now()) {
		raw, err := l.compose()
		if err != nil {
			t.Fatal(err)
		}
		m, err := eml.Parse(bytes.NewReader(raw), eml.DefaultLimits, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range slices.Concat(m.From, m.To, m.Cc) {
			if !strings.HasSuffix(a.Address, ".example") {
				t.Errorf("%s: %s may belong to somebody (RFC 2606 section 3)", name, a.Address)
			}
		}
	}
}

func TestRawMailHasNoSender(t *testing.T) {
	for _, s := range loaded(t).history {
		if s.Raw == "" {
			continue
		}
		raw, err := s.rawPosting(time.Now()).write()
		if err != nil {
			t.Fatal(err)
		}
		m, err := eml.Parse(bytes.NewReader(raw), eml.DefaultLimits, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.From)+len(m.Sender)+len(m.ReplyTo) > 0 || m.MessageID != s.rawID() {
			t.Errorf("%s: from %v, Message-ID %q, want nobody and %q", s.Raw, m.From, m.MessageID, s.rawID())
		}
	}
}

func TestFiles(t *testing.T) {
	for _, content := range []string{"E07", "puddle", "bags", "tube"} {
		data, kind, err := file{Name: "photo.png", Content: content}.make()
		if err != nil || kind != "image/png" {
			t.Fatal(kind, err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", content, err)
		}
	}
	data, _, err := file{Name: "a.pdf", Content: "Total (net)\nAraçá"}.make()
	if err != nil {
		t.Fatal(err)
	}
	// The table of offsets has to lead to the objects.
	at := bytes.Index(data, []byte("4 0 obj"))
	if !bytes.Contains(data, fmt.Appendf(nil, "%010d 00000 n", at)) || !bytes.Contains(data, []byte(`(Total \(net\)) Tj`)) {
		t.Errorf("a broken PDF:\n%s", data)
	}
	if _, _, err := (file{Name: "a.pdf", Content: "請求書"}).make(); err == nil {
		t.Error("characters that the font lacks went unnoticed")
	}
}

func TestEncodedWordsFit(t *testing.T) {
	words, err := encodedWords("【至急】Orbit 8 の電源が入りませんので、至急対応方法をご教示ください")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(words) {
		if len(strings.TrimSpace(line)) > 75 {
			t.Errorf("%d characters, RFC 2047 allows 75: %s", len(line), line)
		}
	}
	raw := "From: a@b.example\r\nSubject: " + words + "\r\n\r\n"
	m, err := eml.Parse(io.NopCloser(strings.NewReader(raw)), eml.DefaultLimits, nil)
	if err != nil || m.Subject != "【至急】Orbit 8 の電源が入りませんので、至急対応方法をご教示ください" {
		t.Errorf("read back as %q, %v", m.Subject, err)
	}
}
