package graph

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func readMIME(t *testing.T, h http.HandlerFunc) (string, error) {
	t.Helper()
	body, _, err := serve(t, h).Mailbox("me").MIME(t.Context(), "m")
	if err != nil {
		return "", err
	}
	defer body.Close()
	mail, err := io.ReadAll(body)
	return string(mail), err
}

func TestWholeMIMEIsStreamed(t *testing.T) {
	mail := "Subject: x\r\n\r\n" + strings.Repeat("body\r\n", 100_000)
	got, err := readMIME(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1.0/me/messages/m/$value" {
			t.Errorf("path %s", r.URL.Path)
		}
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, mail)
	})
	if err != nil || got != mail {
		t.Errorf("%d bytes of %d, %v", len(got), len(mail), err)
	}
}

func TestCutMIMEIsNeverAShortMail(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 10_000 {
		fmt.Fprintf(z, "line %d\r\n", i)
	}
	z.Close()
	for name, raw := range map[string]string{
		"shorter than announced": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nSubject: x\r\n\r\n",
		"chunks without end":     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nE\r\nSubject: x\r\n\r\n\r\n",
		"cut gzip": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" +
			packed.String()[:packed.Len()/2],
		"no chunk at all": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		_, err := readMIME(t, func(w http.ResponseWriter, r *http.Request) { hijack(t, w, raw) })
		if !errors.Is(err, io.ErrUnexpectedEOF) || !Retryable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswersThatAreNoMail(t *testing.T) {
	for name, raw := range map[string]string{
		"length unknown": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nSubject: x\r\n\r\n",
		"empty":          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
		"a web page":     "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>",
	} {
		s := &steps{do: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) { hijack(t, w, raw) },
			reply(200, "Subject: whole\r\n\r\n", "Content-Type", "text/plain"),
		}}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := readMIME(t, s.ServeHTTP); err != nil || got != "Subject: whole\r\n\r\n" {
				t.Errorf("not asked again: %q, %v", got, err)
			}
		})
	}
}

// hijack writes raw bytes as the answer and closes the connection.
func hijack(t *testing.T, w http.ResponseWriter, raw string) {
	t.Helper()
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	io.WriteString(conn, raw)
	conn.Close()
}

func TestIDsAreEscaped(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if want := "/v1.0/users/a%2Fb@contoso.example/messages/AA%2FB+C=?$select=id,subject"; r.RequestURI != strings.ReplaceAll(want, ",", "%2C") {
			t.Errorf("asked for %s", r.RequestURI)
		}
		reply(200, `{"id":"AA/B+C="}`)(w, r)
	})
	if _, err := c.Mailbox("a/b@contoso.example").Message(t.Context(), "AA/B+C=", "id", "subject"); err != nil {
		t.Error(err)
	}
}

func TestMessageIsDecoded(t *testing.T) {
	c := serve(t, reply(200, `{"@odata.etag":"W/\"x\"","id":"m","subject":"日本語","isRead":true,"receivedDateTime":"2026-11-22T10:00:00Z",
		"from":{"emailAddress":{"name":"Ann","address":"ann@x.example"}},"internetMessageId":"<a@b>","sentDateTime":null,
		"internetMessageHeaders":[{"name":"X-A","value":"1"}]}`))
	m, err := c.Mailbox("me").Message(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "日本語" || !m.IsRead || m.From.Address.Address != "ann@x.example" || !m.Received.Equal(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) ||
		m.InternetMessageID != "<a@b>" || m.Headers[0].Value != "1" || m.ETag != `W/"x"` || m.Removed != nil {
		t.Errorf("got %+v", m)
	}
}

func TestChangesToAMessage(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(body)
		w.WriteHeader(204) // with return=minimal; without, 200 or 201 and the message
	})
	m := c.Mailbox("me")
	for want, change := range map[string]func() error{
		`PATCH /v1.0/me/messages/m {"isRead":true}`:           func() error { return m.MarkRead(t.Context(), "m") },
		`POST /v1.0/me/messages/m/move {"destinationId":"f"}`: func() error { return m.Move(t.Context(), "m", "f") },
		`DELETE /v1.0/me/messages/m `:                         func() error { return m.Delete(t.Context(), "m") },
		`DELETE /v1.0/me/messages/m/attachments/a `:           func() error { return m.RemoveAttachment(t.Context(), "m", "a") },
	} {
		if err := change(); err != nil || got != want {
			t.Errorf("sent %s, want %s; %v", got, want, err)
		}
	}
}

func TestEnsureFolder(t *testing.T) {
	t.Run("there", func(t *testing.T) {
		var c *Client
		c = serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				t.Error("created although it is there")
			case r.URL.Query().Get("$skip") == "":
				reply(200, `{"value":[{"id":"f1","displayName":"Inbox"}],"@odata.nextLink":"`+c.base+`/me/mailFolders?$skip=1"}`)(w, r)
			default:
				reply(200, `{"value":[{"id":"f2","displayName":"tandem"}]}`)(w, r)
			}
		})
		if id, err := c.Mailbox("me").EnsureFolder(t.Context(), "Tandem"); err != nil || id != "f2" {
			t.Errorf("%q, %v", id, err)
		}
	})
	t.Run("created", func(t *testing.T) {
		s := &steps{do: []http.HandlerFunc{reply(200, `{"value":[]}`), func(w http.ResponseWriter, r *http.Request) {
			if got := decodeBody[map[string]string](t, r); r.Method != http.MethodPost || got["displayName"] != "Tandem" {
				t.Errorf("%s %v", r.Method, got)
			}
			reply(201, `{"id":"f3"}`)(w, r)
		}}}
		if id, err := serve(t, s.ServeHTTP).Mailbox("me").EnsureFolder(t.Context(), "Tandem"); err != nil || id != "f3" {
			t.Errorf("%q, %v", id, err)
		}
	})
	t.Run("somebody was faster", func(t *testing.T) {
		s := &steps{do: []http.HandlerFunc{reply(200, `{"value":[]}`), refuse(409, "ErrorFolderExists"), reply(200, `{"value":[{"id":"f4","displayName":"Tandem"}]}`)}}
		if id, err := serve(t, s.ServeHTTP).Mailbox("me").EnsureFolder(t.Context(), "Tandem"); err != nil || id != "f4" {
			t.Errorf("%q, %v", id, err)
		}
	})
}

func TestAddressesOfAUser(t *testing.T) {
	u := User{Mail: "Support@Contoso.example", ProxyAddresses: []string{"SMTP:support@contoso.example", "smtp:help@contoso.example", "SIP:support@contoso.example"}}
	if got := strings.Join(u.Addresses(), " "); got != "support@contoso.example help@contoso.example" {
		t.Errorf("got %q", got)
	}
}
