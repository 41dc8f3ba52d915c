package eml

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/emersion/go-message"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// line generates text that also looks like the beginning of a quote.
var line = rapid.SampledFrom([]string{
	"", "Hello", "了解しました。", "> quoted", ">> more", "On Sun, Nov 22, 2026 at 12:34 S <s@x.jp> wrote:", "-----Original Message-----",
	"From: S <s@x.jp>", "Sent: Sunday", "Subject: x", "差出人: S", "件名: x", "宛先: y", "________________", "2026年11月22日(日) 12:34 S <s@x.jp>:",
	"＞ 古い", "\u3000", "-- ", "---------- Forwarded message ---------",
})

func TestSplitQuotedLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(line).Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end"))
		fresh, quoted := SplitQuoted(text)
		if fresh+quoted != text {
			t.Fatalf("%q and %q are not %q", fresh, quoted, text)
		}
		if strings.TrimSpace(fresh) == "" && quoted != "" {
			t.Fatalf("nothing fresh in %q", text)
		}
	})
}

func TestSplitQuotedHTMLLosesNoText(t *testing.T) {
	tag := rapid.SampledFrom([]string{
		"<div>", "</div>", `<div class="gmail_quote">`, `<div id="divRplyFwdMsg">`, `<blockquote type="cite">`, "</blockquote>", "<b>", "</b>",
		`<div style="border-top:solid 1px">`, "<b>From:</b>", "<br>", "one", "二", "&amp;", "-----Original Message-----", "<img src='cid:1' alt='x'>",
	})
	letters := func(page string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r == '>' {
				return -1
			}
			return r
		}, TextFromHTML(page))
	}
	rapid.Check(t, func(t *rapid.T) {
		page := strings.Join(rapid.SliceOf(tag).Draw(t, "tags"), "")
		fresh, quoted := SplitQuotedHTML(page)
		if got, want := letters(fresh)+letters(quoted), letters(page); got != want {
			t.Fatalf("%q and %q hold %q, not %q", fresh, quoted, got, want)
		}
	})
}

// word generates names and subjects as offices write them.
var wordGen = rapid.StringMatching(`[A-Za-z0-9あ-んア-ン一-龠é€,;:"()\\@<>._-]{1,12}( [A-Za-z漢字é!?=_]{1,10}){0,3}`)

func TestComposedMailReadsAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Message{
			MessageID:  "id-1@example.jp",
			InReplyTo:  "parent@example.jp",
			References: []string{"root@example.jp", "parent@example.jp"},
			From:       Address{Name: wordGen.Draw(t, "from"), Address: "hanako@example.jp"},
			To:         []Address{{Name: wordGen.Draw(t, "to"), Address: "support@contoso.example"}, {Address: "b@contoso.example"}},
			Cc:         []Address{{Address: "c@contoso.example"}},
			ReplyTo:    Address{Address: "reply@example.jp"},
			Subject:    wordGen.Draw(t, "subject"),
			Date:       time.Date(2026, 11, 22, 3, 34, 56, 0, time.UTC),
			Text:       strings.Join(rapid.SliceOfN(wordGen, 1, 20).Draw(t, "text"), "\n"),
			Header:     Header{{Name: "Auto-Submitted", Value: "auto-replied"}},
		}
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		m.Attachments = []Attachment{{FileName: "報告書 é.pdf", ContentType: "application/pdf", Data: data}}
		if rapid.Bool().Draw(t, "html") {
			m.HTML = `<p>図 <img src="cid:pic@x"></p>`
			m.Attachments = append(m.Attachments, Attachment{FileName: "図.png", ContentType: "image/png", ContentID: "pic@x", Data: data})
		}
		raw, err := Compose(m)
		if err != nil {
			t.Fatal(err)
		}
		contents := map[string][]byte{}
		mail, err := Parse(bytes.NewReader(raw), DefaultLimits, func(p Part, r io.Reader) (string, error) {
			b, err := io.ReadAll(r)
			contents[p.FileName] = b
			return "", err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []any{m.MessageID, []string{m.InReplyTo}, m.References, []Address{normal(m.From)}, []Address{normal(m.To[0]), m.To[1]}, m.Cc,
			[]Address{m.ReplyTo}, m.Subject, m.Date, m.Text, m.HTML, "auto-replied"}
		got := []any{mail.MessageID, mail.InReplyTo, mail.References, mail.From, mail.To, mail.Cc,
			mail.ReplyTo, mail.Subject, mail.Date.UTC(), mail.Text, strings.TrimRight(mail.HTML, "\n"), mail.Header.Get("Auto-Submitted")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-written +read):\n%s\n%s", diff, raw)
		}
		if len(mail.Defects) > 0 || len(mail.Parts) != len(m.Attachments) {
			t.Fatalf("defects %v, parts %v\n%s", mail.Defects, mail.Parts, raw)
		}
		for _, p := range mail.Parts {
			if !bytes.Equal(contents[p.FileName], data) || p.Inline != (p.ContentID != "") || p.Size != int64(len(data)) {
				t.Fatalf("attachment %+v holds %q", p, contents[p.FileName])
			}
		}
	})
}

var quotesAround = regexp.MustCompile(`^["' ]+|["' ]+$`)

// normal is how a name reads that was written with quotes around it.
func normal(a Address) Address {
	a.Name = strings.Join(strings.Fields(quotesAround.ReplaceAllString(a.Name, "")), " ")
	return a
}

// TestAgreesWithGoMessage compares the scanner with a library written by
// others, on well-formed mail.
func TestAgreesWithGoMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var raw strings.Builder
		raw.WriteString("Subject: tree\r\n")
		writeTree(t, &raw, 3)
		var got []string
		if _, err := Parse(strings.NewReader(raw.String()), DefaultLimits, func(p Part, r io.Reader) (string, error) {
			b, err := io.ReadAll(r)
			got = append(got, string(b))
			return "", err
		}); err != nil {
			t.Fatal(err)
		}
		entity, err := message.Read(strings.NewReader(raw.String()))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		err = entity.Walk(func(_ []int, e *message.Entity, err error) error {
			if err == nil && e.MultipartReader() == nil {
				b, _ := io.ReadAll(e.Body)
				want = append(want, string(b))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-go-message +ours):\n%s\n%s", diff, raw.String())
		}
	})
}

// writeTree writes a header and body: a leaf, or a multipart of trees.
func writeTree(t *rapid.T, raw *strings.Builder, depth int) {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		lines := rapid.SliceOf(rapid.SampledFrom([]string{"", "text", "--", "--x", " ", "=3D"})).Draw(t, "body")
		raw.WriteString("Content-Type: application/octet-stream\r\n")
		if rapid.Bool().Draw(t, "quoted-printable") {
			raw.WriteString("Content-Transfer-Encoding: quoted-printable\r\n")
			lines = []string{"a=3Db=", "c"}
		}
		raw.WriteString("\r\n" + strings.Join(lines, "\r\n"))
		return
	}
	fmt.Fprintf(raw, "Content-Type: multipart/mixed; boundary=\"level-%d\"\r\n\r\npreamble", depth)
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		fmt.Fprintf(raw, "\r\n--level-%d\r\n", depth)
		writeTree(t, raw, depth-1)
	}
	fmt.Fprintf(raw, "\r\n--level-%d--\r\nepilogue", depth)
}
