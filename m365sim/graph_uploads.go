package m365sim

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Limits of upload sessions (Attach large files to Outlook messages).
const (
	maxUpload     = 150 << 20
	maxUploadPart = 4 << 20
	uploadLife    = 24 * time.Hour
)

// upload is an upload session: one attachment that arrives in ranges.
type upload struct {
	token    string
	mailbox  int64
	message  int64
	clientID string
	file     attachment
	received int64
	expires  time.Time
}

type uploadInput struct {
	AttachmentItem struct {
		AttachmentType string `json:"attachmentType"`
		Name           string `json:"name"`
		Size           int64  `json:"size"`
		ContentType    string `json:"contentType"`
		ContentID      string `json:"contentId"`
		IsInline       bool   `json:"isInline"`
	} `json:"AttachmentItem"`
}

func (g *graphAPI) createUpload(c *call) (answer, error) {
	var in uploadInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	item := in.AttachmentItem
	if item.Name == "" || item.Size <= 0 || !strings.EqualFold(item.AttachmentType, "file") {
		return answer{}, refuse(400, "ErrorInvalidRequest", "The AttachmentItem needs attachmentType file, a name and a size.")
	}
	if item.Size > maxUpload {
		return answer{}, refuse(413, "ErrorAttachmentSizeLimitExceeded", "The attachment is larger than 150 MB.")
	}
	u := upload{
		token: uuid.NewString(), mailbox: c.user.mailbox, clientID: c.token.clientID,
		file: attachment{kind: "file", name: item.Name, contentType: cmp.Or(item.ContentType, "application/octet-stream"), contentID: item.ContentID,
			inline: item.IsInline, size: item.Size},
	}
	err := g.exchange.update(func(t *mailTx) error {
		m, err := g.messageOf(t, c, false)
		if err != nil {
			return err
		}
		if !m.draft {
			return errNotDraft
		}
		u.message, u.expires = m.id, t.now.Add(uploadLife)
		_, err = t.exec(`INSERT INTO upload (token, mailbox, message, client_id, name, content_type, content_id, is_inline, size, received, expires)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`, u.token, u.mailbox, u.message, u.clientID, u.file.name, u.file.contentType,
			u.file.contentID, u.file.inline, u.file.size, millis(u.expires))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	out := u.state()
	out["@odata.context"] = c.contextURL("microsoft.graph.uploadSession")
	out["uploadUrl"] = c.base + u.path(c.user) + "?authtoken=" + u.token
	return reply(http.StatusCreated, out), nil
}

// path is where an upload session takes its ranges: at Outlook's own address,
// not at Graph's.
func (u upload) path(owner *user) string {
	id := messageID{mailbox: u.mailbox, message: u.message, immutable: true}
	return fmt.Sprintf("/api/v2.0/Users('%s')/Messages('%s')/AttachmentSessions('%s')", owner.ID, id, u.token[:8])
}

func (u upload) state() map[string]any {
	next := strconv.FormatInt(u.received, 10)
	if u.received == 0 {
		next = "0-"
	}
	return map[string]any{"expirationDateTime": u.expires.Format("2006-01-02T15:04:05.0000000Z"), "nextExpectedRanges": []string{next}}
}

func findUpload(q queryer, token string) (upload, error) {
	u := upload{token: token, file: attachment{kind: "file"}}
	var expires int64
	err := q.row(`SELECT mailbox, message, client_id, name, content_type, content_id, is_inline, size, received, expires FROM upload WHERE token = ?`, token).
		Scan(&u.mailbox, &u.message, &u.clientID, &u.file.name, &u.file.contentType, &u.file.contentID, &u.file.inline, &u.file.size, &u.received, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errItemNotFound
	}
	u.expires = fromMillis(expires)
	return u, err
}

// serveUpload answers PUT, GET and DELETE on the URL of an upload session. The
// token in the URL is the authorization; a bearer token is not accepted.
func (g *graphAPI) serveUpload(w http.ResponseWriter, r *http.Request) {
	started, requestID := g.clock.now(), uuid.NewString()
	setCommonHeaders(w.Header(), r, requestID)
	wait(r, g.latency)
	a, mailbox, err := g.upload(w, r)
	if err != nil {
		a = errorAnswer(asGraphError(err))
	}
	entry := recordOf(&call{method: r.Method, target: r.URL.EscapedPath(), header: r.Header}, requestID, started, g.clock.now(), a.status, r.RemoteAddr)
	if owner := g.dir.ownerOf(mailbox); owner != nil {
		entry.Mailbox = owner.UserPrincipalName
	}
	g.record.add(entry)
	send(w, a, requestID, r.Header.Get("client-request-id"), started)
}

func (g *graphAPI) upload(w http.ResponseWriter, r *http.Request) (answer, int64, error) {
	if r.Header.Get("Authorization") != "" {
		return answer{}, 0, refuse(401, "InvalidAuthenticationToken", "The upload URL is pre-authenticated. Do not send an Authorization header.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUploadPart))
	if err != nil {
		return answer{}, 0, errRequestTooLarge
	}
	u, err := findUpload(g.exchange.db, r.URL.Query().Get("authtoken"))
	if err != nil {
		return answer{}, 0, err
	}
	if !g.clock.now().Before(u.expires) {
		return answer{}, u.mailbox, errItemNotFound
	}
	release, err := g.throttle.admit(u.clientID, u.mailbox, len(body))
	if err != nil {
		return answer{}, u.mailbox, err
	}
	defer release()
	switch r.Method {
	case http.MethodPut:
		a, err := g.putRange(r, u, body)
		return a, u.mailbox, err
	case http.MethodDelete:
		err := g.exchange.update(func(t *mailTx) error { return t.dropUpload(u.token) })
		return answer{status: http.StatusNoContent}, u.mailbox, err
	case http.MethodGet:
		return reply(http.StatusOK, u.state()), u.mailbox, nil
	}
	return answer{}, u.mailbox, refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

// putRange takes the next range; ranges must come in order.
func (g *graphAPI) putRange(r *http.Request, u upload, body []byte) (answer, error) {
	from, to, total, err := parseContentRange(r.Header.Get("Content-Range"))
	if err != nil || to-from+1 != int64(len(body)) || total != u.file.size {
		return answer{}, refuse(400, "InvalidContentRange", "The Content-Range header does not fit the content or the session.")
	}
	var id int64
	err = g.exchange.update(func(t *mailTx) error {
		if u, err = findUpload(t, u.token); err != nil {
			return err
		}
		if from != u.received {
			return refuse(416, "RangeNotSatisfiable", "The next expected range starts at %d.", u.received)
		}
		if _, err := t.exec("INSERT INTO upload_part (token, offset, data) VALUES (?, ?, ?)", u.token, from, body); err != nil {
			return fmt.Errorf("store range: %w", err)
		}
		u.received = to + 1
		if u.received < u.file.size {
			_, err := t.exec("UPDATE upload SET received = ? WHERE token = ?", u.received, u.token)
			return err
		}
		id, err = t.finishUpload(u)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	if id == 0 {
		return reply(http.StatusOK, u.state()), nil
	}
	a := answer{status: http.StatusCreated, raw: []byte{}}
	path, _, _ := strings.Cut(r.URL.EscapedPath(), "/AttachmentSessions")
	a.set("Location", origin(r)+path+"/Attachments('"+attachmentID(u.message, id)+"')")
	return a, nil
}

func parseContentRange(s string) (from, to, total int64, err error) {
	_, err = fmt.Sscanf(s, "bytes %d-%d/%d", &from, &to, &total)
	if err == nil && (from < 0 || to < from) {
		err = errors.New("negative range")
	}
	return from, to, total, err
}

// finishUpload makes the ranges one attachment.
func (t *mailTx) finishUpload(u upload) (int64, error) {
	content := make([]byte, 0, u.file.size)
	err := each(t, "SELECT data FROM upload_part WHERE token = ? ORDER BY offset", func(scan func(...any) error) error {
		var data []byte
		err := scan(&data)
		content = append(content, data...)
		return err
	}, u.token)
	if err != nil {
		return 0, err
	}
	u.file.content = content
	m, err := messageByNumber(t, u.message, true)
	if err != nil {
		return 0, err
	}
	id, err := t.attach(m, u.file)
	if err != nil {
		return 0, err
	}
	return id, t.dropUpload(u.token)
}

func (t *mailTx) dropUpload(token string) error {
	if _, err := t.exec("DELETE FROM upload_part WHERE token = ?", token); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM upload WHERE token = ?", token)
	return err
}
