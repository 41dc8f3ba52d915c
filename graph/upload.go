package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// uploadRange is how much goes into one request: below 4 MB, and a multiple of
// 320 KiB, which other upload sessions of Graph insist on.
const uploadRange = 12 * 320 << 10

// UploadAttachment attaches a file of a.Size bytes, read from content, to a
// draft and returns the attachment's id, "" when Graph did not tell it. One
// range of it is in memory at a time. A range whose fate is unknown is resumed
// where Graph says that it stopped. After an error nothing is attached, except
// perhaps after [ErrUnknownOutcome].
//
// "attachment: createUploadSession", "Attach large files to Outlook messages or events"
func (m *Mailbox) UploadAttachment(ctx context.Context, message string, a Attachment, content io.Reader) (string, error) {
	if a.Size <= 0 {
		return "", fmt.Errorf("upload attachment %q: size %d", a.Name, a.Size)
	}
	u := &upload{m: m, message: message, a: a, content: content}
	if err := u.begin(ctx); err != nil {
		return "", err
	}
	id, err := u.run(ctx)
	if err != nil {
		u.cancel(ctx)
		return "", fmt.Errorf("upload attachment %q: %w", a.Name, err)
	}
	return id, nil
}

// upload is one upload session.
type upload struct {
	m       *Mailbox
	message string
	a       Attachment
	content io.Reader
	url     string // holds a secret
	buf     []byte // one range
}

type uploadSession struct {
	URL  string   `json:"uploadUrl"`
	Next []string `json:"nextExpectedRanges"` // "0-", for Outlook also "2097152"
}

func (u *upload) begin(ctx context.Context) error {
	type item struct {
		Type        string `json:"attachmentType"`
		Name        string `json:"name"`
		Size        int64  `json:"size"`
		ContentType string `json:"contentType,omitempty"`
		Inline      bool   `json:"isInline"`
		ContentID   string `json:"contentId,omitempty"`
	}
	r := u.m.request("create upload session", http.MethodPost, attachmentsPath(u.message)+"/createUploadSession")
	r.repeat = true // a session that is not used expires and leaves nothing
	r.body = struct {
		Item item `json:"AttachmentItem"`
	}{item{"file", u.a.Name, u.a.Size, u.a.ContentType, u.a.Inline, u.a.ContentID}}
	s, err := fetch(ctx, u.m.c, r, func(s *uploadSession) error {
		target, err := url.Parse(s.URL)
		if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != u.m.c.baseURL.Scheme {
			return errors.New("no usable uploadUrl in it")
		}
		return nil
	})
	if err != nil {
		return err
	}
	u.url = s.URL
	return nil
}

func (u *upload) run(ctx context.Context) (id string, err error) {
	for offset := int64(0); offset < u.a.Size; {
		if u.buf == nil {
			u.buf = make([]byte, min(uploadRange, u.a.Size))
		}
		part := u.buf[:min(uploadRange, u.a.Size-offset)]
		if _, err := io.ReadFull(u.content, part); err != nil {
			return "", fmt.Errorf("read content at %d of %d: %w", offset, u.a.Size, err)
		}
		if id, err = u.send(ctx, offset, part); err != nil {
			return "", err
		}
		offset += int64(len(part))
	}
	return id, nil
}

// send uploads one range until Graph has all of it.
func (u *upload) send(ctx context.Context, offset int64, part []byte) (id string, err error) {
	end := offset + int64(len(part))
	for try := 1; ; try++ {
		next, id, err := u.put(ctx, end-int64(len(part)), part)
		if err != nil {
			u.buf = nil // a broken connection may still read from it
			if try >= maxTries || !Retryable(err) || errors.As(err, new(*ThrottledError)) {
				return "", err
			}
			if next, id, err = u.resume(ctx, try, end, err); err != nil {
				return "", err
			}
		}
		switch {
		case next == end:
			return id, nil
		case next < end-int64(len(part)) || next > end:
			return "", fmt.Errorf("upload session expects byte %d, of bytes %d to %d", next, offset, end)
		case try >= maxTries:
			return "", fmt.Errorf("upload session stays at byte %d", next)
		}
		part = part[int64(len(part))-(end-next):]
	}
}

// put uploads a range and returns which byte Graph expects next.
func (u *upload) put(ctx context.Context, offset int64, part []byte) (next int64, id string, err error) {
	end := offset + int64(len(part))
	r := u.request("upload range", http.MethodPut)
	r.raw = part
	r.header = http.Header{
		"Content-Type":  {"application/octet-stream"},
		"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", offset, end-1, u.a.Size)},
	}
	err = u.m.c.do(ctx, r, func(a *answer) error {
		defer a.Close()
		if a.status == http.StatusCreated {
			next, id = u.a.Size, attachmentID(a.header.Get("Location"))
			return nil
		}
		next, err = nextExpected(a, end)
		return err
	})
	return next, id, err
}

// resume asks how far the session is, after a range failed with cause.
func (u *upload) resume(ctx context.Context, try int, end int64, cause error) (next int64, id string, err error) {
	if err := sleep(ctx, backOff(try-1)); err != nil {
		return 0, "", after(err, cause)
	}
	r := u.request("ask upload session", http.MethodGet)
	r.repeat = true
	err = u.m.c.do(ctx, r, func(a *answer) error {
		defer a.Close()
		next, err = nextExpected(a, -1)
		return err
	})
	if err == nil {
		return next, "", nil
	}
	// The session ends with the last range: perhaps just its answer got lost.
	if end == u.a.Size {
		if id, ok := u.attached(ctx); ok {
			return end, id, nil
		}
	}
	return 0, "", after(err, cause)
}

// attached reports whether the message has this attachment already.
func (u *upload) attached(ctx context.Context) (id string, ok bool) {
	all, err := u.m.Attachments(ctx, u.message)
	if err != nil {
		return "", false
	}
	for _, a := range all {
		if a.Name == u.a.Name && a.Size >= u.a.Size { // Exchange counts its own overhead
			return a.ID, true
		}
	}
	return "", false
}

// cancel ends the session. Whether that works does not matter: it expires.
//
// "Attach large files to Outlook messages or events", "Delete the upload session"
func (u *upload) cancel(ctx context.Context) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if err := u.m.c.run(ctx, u.request("cancel upload session", http.MethodDelete)); err != nil {
		u.m.c.log.Debug("upload session left to expire", "err", err)
	}
}

func (u *upload) request(op, method string) request {
	return request{op: op, method: method, url: u.url, mailbox: u.m.user, foreign: true}
}

// nextExpected reads where the session wants to go on; fallback when it does
// not say, unless that is negative.
func nextExpected(a *answer, fallback int64) (int64, error) {
	body, err := io.ReadAll(io.LimitReader(a, maxErrorBody))
	if err != nil {
		return 0, err
	}
	var s uploadSession
	if err := json.Unmarshal(body, &s); err != nil && len(body) > 0 {
		return 0, err
	}
	if len(s.Next) == 0 {
		if fallback < 0 {
			return 0, errors.New("no nextExpectedRanges in it")
		}
		return fallback, nil
	}
	first, _, _ := strings.Cut(s.Next[0], "-")
	next, err := strconv.ParseInt(first, 10, 64)
	if err != nil || next < 0 {
		return 0, fmt.Errorf("nextExpectedRanges %q", s.Next[0])
	}
	return next, nil
}

// attachmentID takes the id out of ".../Attachments('AAMk...')", "" when it is not there.
func attachmentID(location string) string {
	_, rest, ok := strings.Cut(location, "Attachments('")
	if !ok {
		return ""
	}
	id, _, ok := strings.Cut(rest, "')")
	if !ok {
		return ""
	}
	if plain, err := url.PathUnescape(id); err == nil {
		return plain
	}
	return id
}
