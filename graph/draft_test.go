package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestDraftAsGraphWantsIt(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := `{"subject":"Re: x","body":{"contentType":"html","content":"<p>y</p>"},"toRecipients":[{"emailAddress":{"name":"Ann","address":"ann@x.example"}}],` +
			`"replyTo":[{"emailAddress":{"address":"support+t@contoso.example"}}],"internetMessageHeaders":[{"name":"x-ticket","value":"1"}],` +
			`"singleValueExtendedProperties":[{"id":"String 0x1042","value":"<a@b>"},{"id":"String 0x1039","value":"<a@b>"}]}`
		if r.Method != http.MethodPost || r.URL.Path != "/v1.0/me/messages" || string(body) != want {
			t.Errorf("%s %s\n got %s\nwant %s", r.Method, r.URL.Path, body, want)
		}
		reply(201, `{"id":"m","isDraft":true}`)(w, r)
	})
	m, err := c.Mailbox("me").CreateDraft(t.Context(), Draft{
		Subject: "Re: x", Body: Body{Type: "html", Content: "<p>y</p>"},
		To:         []Recipient{NewRecipient("Ann", "ann@x.example")},
		ReplyTo:    []Recipient{NewRecipient("", "support+t@contoso.example")},
		Headers:    []Header{{"x-ticket", "1"}},
		Properties: []ExtendedProperty{InReplyTo("<a@b>"), References("<a@b>")},
	})
	if err != nil || m.ID != "m" || !m.IsDraft {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestDraftWhoseAnswerIsBrokenMayExist(t *testing.T) {
	s := &steps{do: []http.HandlerFunc{reply(201, `{"id":`)}}
	_, err := serve(t, s.ServeHTTP).Mailbox("me").CreateDraft(t.Context(), Draft{})
	if !errors.Is(err, ErrUnknownOutcome) || !errors.As(err, new(*BrokenAnswerError)) || s.requests() != 1 {
		t.Errorf("%d requests, %v", s.requests(), err)
	}
}

func TestSendHasALength(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Length") != "0" || r.URL.Path != "/v1.0/me/messages/m/send" {
			t.Errorf("%s %s, Content-Length %q", r.Method, r.URL.Path, r.Header.Get("Content-Length"))
		}
		reply(202, "")(w, r)
	})
	if err := c.Mailbox("me").Send(t.Context(), "m"); err != nil {
		t.Error(err)
	}
}

func TestSmallAttachment(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got := decodeBody[map[string]any](t, r)
		if fmt.Sprint(got) != "map[@odata.type:#microsoft.graph.fileAttachment contentBytes:aGk= contentId:c1 contentType:image/png isInline:true name:見積.png]" {
			t.Errorf("sent %v", got)
		}
		reply(201, `{"id":"a1","contentBytes":"aGk="}`)(w, r)
	})
	id, err := c.Mailbox("me").AddAttachment(t.Context(), "m", Attachment{Name: "見積.png", ContentType: "image/png", Inline: true, ContentID: "c1", Content: []byte("hi")})
	if err != nil || id != "a1" {
		t.Errorf("%q, %v", id, err)
	}
	if b, _ := json.Marshal(Attachment{Name: "empty"}); !strings.Contains(string(b), `"contentBytes":""`) {
		t.Errorf("empty file: %s", b)
	}
}

// uploadServer is Graph with one upload session, as "Attach large files to
// Outlook messages or events" describes it.
type uploadServer struct {
	t    *testing.T
	base string

	mu       sync.Mutex
	got      bytes.Buffer
	size     int64
	puts     int
	asked    int
	canceled bool
	// fault may cut the connection on the n-th range; keep says how much of it
	// is stored all the same.
	fault    func(n int) (cut bool, keep int)
	tooLarge bool
}

func (s *uploadServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/createUploadSession"):
		body := decodeBody[struct{ AttachmentItem struct{ Size int64 } }](s.t, r)
		s.size = body.AttachmentItem.Size
		reply(201, `{"uploadUrl":"`+s.base+`/upload?authtoken=secret","nextExpectedRanges":["0-"]}`)(w, r)
	case strings.HasSuffix(r.URL.Path, "/attachments"):
		list := `{"value":[]}`
		if int64(s.got.Len()) == s.size {
			list = fmt.Sprintf(`{"value":[{"id":"listed","name":"big.bin","size":%d}]}`, s.size+150)
		}
		reply(200, list)(w, r)
	case r.Header.Get("Authorization") != "":
		s.t.Error("the upload URL got a token")
	case r.Method == http.MethodDelete:
		s.canceled = true
		w.WriteHeader(204)
	case r.Method == http.MethodGet:
		s.asked++
		s.progress(w, r)
	default:
		s.put(w, r)
	}
}

func (s *uploadServer) put(w http.ResponseWriter, r *http.Request) {
	s.puts++
	var first, last, size int64
	if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); err != nil ||
		first != int64(s.got.Len()) || last-first+1 != r.ContentLength || size != s.size || last-first+1 > 4<<20 {
		s.t.Errorf("Content-Range %q with %d bytes, %d stored", r.Header.Get("Content-Range"), r.ContentLength, s.got.Len())
	}
	if s.fault != nil {
		if cut, keep := s.fault(s.puts); cut {
			io.CopyN(&s.got, r.Body, int64(keep))
			panic(http.ErrAbortHandler)
		}
	}
	if s.tooLarge {
		refuse(413, "ErrorMessageSizeExceeded")(w, r)
		return
	}
	io.Copy(&s.got, r.Body)
	if int64(s.got.Len()) == s.size {
		w.Header().Set("Location", "https://outlook.office.com/api/v2.0/Users('u')/Messages('m')/Attachments('AA%3D')")
		w.WriteHeader(201)
		return
	}
	s.progress(w, r)
}

func (s *uploadServer) progress(w http.ResponseWriter, r *http.Request) {
	if int64(s.got.Len()) == s.size {
		refuse(404, "UploadSessionNotFound")(w, r)
		return
	}
	reply(200, fmt.Sprintf(`{"NextExpectedRanges":["%d"]}`, s.got.Len()))(w, r)
}

func (s *uploadServer) upload(t *testing.T, content []byte) (string, error) {
	t.Helper()
	s.t = t
	c := serve(t, s.ServeHTTP)
	s.base = c.baseURL.Scheme + "://" + c.baseURL.Host
	return c.Mailbox("me").UploadAttachment(t.Context(), "m", Attachment{Name: "big.bin", Size: int64(len(content))}, bytes.NewReader(content))
}

func bigContent() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 9<<20/16) }

func TestUploadInRanges(t *testing.T) {
	s := &uploadServer{}
	id, err := s.upload(t, bigContent())
	if err != nil || id != "AA=" {
		t.Errorf("id %q, %v", id, err)
	}
	if !bytes.Equal(s.got.Bytes(), bigContent()) || s.puts != 3 || s.asked != 0 {
		t.Errorf("%d bytes in %d ranges, asked %d times", s.got.Len(), s.puts, s.asked)
	}
}

func TestUploadIsResumed(t *testing.T) {
	for name, keep := range map[string]int{"nothing arrived": 0, "half arrived": 1 << 20, "all arrived": uploadRange} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &uploadServer{fault: func(n int) (bool, int) { return n == 2, keep }}
			if _, err := s.upload(t, bigContent()); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(s.got.Bytes(), bigContent()) || s.asked != 1 {
				t.Errorf("%d bytes, asked %d times", s.got.Len(), s.asked)
			}
		})
	}
}

func TestUploadWhoseLastAnswerIsLost(t *testing.T) {
	t.Parallel()
	s := &uploadServer{fault: func(n int) (bool, int) { return n == 3, uploadRange }}
	if id, err := s.upload(t, bigContent()); err != nil || id != "listed" {
		t.Errorf("id %q, %v", id, err)
	}
}

func TestUploadThatFailsIsCanceled(t *testing.T) {
	s := &uploadServer{tooLarge: true}
	_, err := s.upload(t, bigContent())
	if !errors.Is(err, ErrTooLarge) || !s.canceled {
		t.Errorf("canceled %v, %v", s.canceled, err)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the secret of the upload URL: %v", err)
	}
}

func TestUploadOfTooLittleContent(t *testing.T) {
	s := &uploadServer{t: t}
	c := serve(t, s.ServeHTTP)
	s.base = c.baseURL.Scheme + "://" + c.baseURL.Host
	_, err := c.Mailbox("me").UploadAttachment(t.Context(), "m", Attachment{Name: "big.bin", Size: 5 << 20}, strings.NewReader("short"))
	if !errors.Is(err, io.ErrUnexpectedEOF) || !s.canceled {
		t.Errorf("canceled %v, %v", s.canceled, err)
	}
}
