package m365sim

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Sizes and limits of Exchange Online (Exchange Online limits: message limits).
const (
	maxSendSize    = 35 << 20  // the default limit of a mailbox
	maxDeliverSize = 150 << 20 // the highest an administrator can set
	maxRecipients  = 500
)

// exchange is the mail store of all mailboxes and the transport between them.
type exchange struct {
	db    *database
	dir   *directory
	clock *clock
	log   *slog.Logger

	maxSend    atomic.Int64 // bytes a mail may have to leave
	lastChange int64        // only inside db.update
	onTheWay   sync.Map     // number of a sent message: when it can be read, by a fault
	publish    func([]event)
	forwarder  *forwarder
}

// event is one change of one message, for subscriptions.
type event struct {
	kind    string // created, updated, deleted
	mailbox int64
	folder  int64 // where the message is; for deleted, where it was
	moved   bool  // one half of a move: the message lives on in another folder
	id      messageID
	change  int64
}

func openExchange(db *database, dir *directory, c *clock, log *slog.Logger) (*exchange, error) {
	x := &exchange{db: db, dir: dir, clock: c, log: log, forwarder: newForwarder(log)}
	x.maxSend.Store(maxSendSize)
	return x, x.load()
}

func (x *exchange) load() error {
	err := x.db.row(`SELECT max(coalesce((SELECT max(change) FROM message), 0),
		coalesce((SELECT max(change) FROM tombstone), 0))`).Scan(&x.lastChange)
	if err != nil {
		return fmt.Errorf("read last change: %w", err)
	}
	return nil
}

// mailTx is a write transaction on mail. It numbers changes and collects the
// events that are published once it is committed.
type mailTx struct {
	*tx
	x      *exchange
	now    time.Time
	events []event

	forwards []forwardedMail
}

func (x *exchange) update(fn func(*mailTx) error) error {
	m := &mailTx{x: x, now: x.clock.now()}
	err := x.db.update(func(t *tx) error {
		m.tx = t
		return fn(m)
	})
	if err != nil {
		return err
	}
	if len(m.events) > 0 {
		x.publish(m.events)
	}
	x.forwarder.send(m.forwards)
	return nil
}

func (t *mailTx) nextChange() int64 {
	t.x.lastChange++
	return t.x.lastChange
}

func (t *mailTx) emit(kind string, m *message, folder int64, moved bool) {
	t.events = append(t.events, event{kind: kind, mailbox: m.mailbox, folder: folder, moved: moved, id: m.identity(false), change: m.change})
}

// insert stores a new message with its attachments and, when there are any, its
// raw bytes. It fills in the numbers and dates that are missing.
func (t *mailTx) insert(m *message, raw []byte, files []attachment) error {
	m.change = t.nextChange()
	m.entered = m.change
	m.created, m.modified = t.now, t.now
	if m.received.IsZero() {
		m.received = t.now
	}
	if m.sent.IsZero() {
		m.sent = m.received
	}
	if m.properties.ConversationID == "" {
		if err := t.joinConversation(m); err != nil {
			return err
		}
	}
	properties, headers, err := marshalMessage(m)
	if err != nil {
		return err
	}
	result, err := t.exec(`INSERT INTO message (mailbox, folder, generation, change, entered, received, sent, created, modified,
		is_read, is_draft, message_id, conversation, properties, body_type, body, headers)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.mailbox, m.folder, m.generation, m.change, m.entered, millis(m.received), millis(m.sent), millis(m.created), millis(m.modified),
		m.read, m.draft, m.properties.InternetMessageID, m.properties.ConversationID, properties, m.bodyType, m.body, headers)
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	if m.id, err = result.LastInsertId(); err != nil {
		return err
	}
	if raw != nil {
		if err := t.setMIME(m.id, raw); err != nil {
			return err
		}
	}
	for _, a := range files {
		if _, err := t.insertAttachment(m.id, a); err != nil {
			return err
		}
	}
	t.emit("created", m, m.folder, false)
	return nil
}

func marshalMessage(m *message) (properties, headers string, err error) {
	p, err := json.Marshal(m.properties)
	if err != nil {
		return "", "", err
	}
	if m.headers == nil {
		m.headers = []header{}
	}
	h, err := json.Marshal(m.headers)
	return string(p), string(h), err
}

func (t *mailTx) setMIME(message int64, raw []byte) error {
	_, err := t.exec("INSERT INTO mime (message, raw) VALUES (?, ?) ON CONFLICT (message) DO UPDATE SET raw = excluded.raw", message, raw)
	if err != nil {
		return fmt.Errorf("store MIME: %w", err)
	}
	return nil
}

// insertAttachment stores one attachment and returns its number.
func (t *mailTx) insertAttachment(message int64, a attachment) (int64, error) {
	result, err := t.exec(`INSERT INTO attachment (message, kind, name, content_type, content_id, is_inline, modified, size, content)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		message, a.kind, a.name, a.contentType, a.contentID, a.inline, millis(t.now), a.size, a.content)
	if err != nil {
		return 0, fmt.Errorf("store attachment %s: %w", a.name, err)
	}
	return result.LastInsertId()
}

// touch stores changed flags and properties, leaving body and headers alone.
func (t *mailTx) touch(m *message) error {
	m.change, m.modified = t.nextChange(), t.now
	properties, err := json.Marshal(m.properties)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE message SET change = ?, modified = ?, is_read = ?, properties = ? WHERE id = ?`,
		m.change, millis(m.modified), m.read, string(properties), m.id)
	if err != nil {
		return fmt.Errorf("update message: %w", err)
	}
	t.emit("updated", m, m.folder, false)
	return nil
}

// rewrite stores a message whose content changed, which only happens to drafts.
// MIME that was kept of it no longer holds.
func (t *mailTx) rewrite(m *message) error {
	m.change, m.modified = t.nextChange(), t.now
	if err := t.store(m); err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM mime WHERE message = ?", m.id); err != nil {
		return err
	}
	t.emit("updated", m, m.folder, false)
	return nil
}

// store writes all columns of a message that exists.
func (t *mailTx) store(m *message) error {
	properties, headers, err := marshalMessage(m)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE message SET folder = ?, generation = ?, change = ?, entered = ?, received = ?, sent = ?, modified = ?,
		is_read = ?, is_draft = ?, message_id = ?, conversation = ?, properties = ?, body_type = ?, body = ?, headers = ? WHERE id = ?`,
		m.folder, m.generation, m.change, m.entered, millis(m.received), millis(m.sent), millis(m.modified),
		m.read, m.draft, m.properties.InternetMessageID, m.properties.ConversationID, properties, m.bodyType, m.body, headers, m.id)
	if err != nil {
		return fmt.Errorf("update message: %w", err)
	}
	return nil
}

// bury leaves a tombstone in the folder a message is about to leave.
func (t *mailTx) bury(m *message, moved bool) error {
	gone := *m
	gone.change = t.nextChange()
	_, err := t.exec("INSERT INTO tombstone (change, folder, message, generation) VALUES (?, ?, ?, ?)", gone.change, m.folder, m.id, m.generation)
	if err != nil {
		return fmt.Errorf("store tombstone: %w", err)
	}
	t.emit("deleted", &gone, m.folder, moved)
	return nil
}

// move puts a message into another folder under a new ordinary id (message:
// move creates a new copy in the destination folder and removes the original).
func (t *mailTx) move(m *message, folder int64) error {
	if err := t.bury(m, true); err != nil {
		return err
	}
	m.folder, m.generation = folder, m.generation+1
	m.change, m.modified = t.nextChange(), t.now
	m.entered = m.change
	_, err := t.exec("UPDATE message SET folder = ?, generation = ?, change = ?, entered = ?, modified = ? WHERE id = ?",
		m.folder, m.generation, m.change, m.entered, millis(m.modified), m.id)
	if err != nil {
		return fmt.Errorf("move message: %w", err)
	}
	t.emit("created", m, folder, true)
	return nil
}

// copyTo stores a copy of a message in a folder of its mailbox.
func (t *mailTx) copyTo(m *message, folder int64) (*message, error) {
	twin, err := messageByNumber(t, m.id, true)
	if err != nil {
		return nil, err
	}
	raw, err := rawMIME(t, m)
	if err != nil {
		return nil, err
	}
	files, err := listAttachments(t, m.id, true)
	if err != nil {
		return nil, err
	}
	twin.id, twin.folder, twin.generation = 0, folder, 0
	return twin, t.insert(twin, raw, files)
}

// remove deletes a message as Graph's DELETE does: into Deleted Items, and from
// there for good.
func (t *mailTx) remove(m *message) error {
	bin, err := wellKnownFolder(t, m.mailbox, "deleteditems")
	if err != nil {
		return err
	}
	if m.folder != bin {
		return t.move(m, bin)
	}
	return t.erase(m)
}

// erase removes a message and everything that belongs to it.
func (t *mailTx) erase(m *message) error {
	if err := t.bury(m, false); err != nil {
		return err
	}
	for _, query := range []string{
		"DELETE FROM message WHERE id = ?",
		"DELETE FROM mime WHERE message = ?",
		"DELETE FROM attachment WHERE message = ?",
		"DELETE FROM extended_property WHERE message = ?",
	} {
		if _, err := t.exec(query, m.id); err != nil {
			return fmt.Errorf("erase message: %w", err)
		}
	}
	return nil
}

// joinConversation puts a message into the conversation of the mail it answers,
// or into a new one.
func (t *mailTx) joinConversation(m *message) error {
	for _, id := range relatedIDs(m.properties) {
		var conversation string
		if t.row("SELECT conversation FROM message WHERE mailbox = ? AND message_id = ? LIMIT 1", m.mailbox, id).Scan(&conversation) == nil {
			m.properties.ConversationID = conversation
			return nil
		}
	}
	m.properties.ConversationID = encodeID(prefixConversation, m.mailbox, m.change, 0)
	return nil
}

func (t *mailTx) setExtendedProperty(message int64, name, value string) error {
	_, err := t.exec(`INSERT INTO extended_property (message, name, value) VALUES (?, ?, ?)
		ON CONFLICT (message, name) DO UPDATE SET value = excluded.value`, message, name, value)
	return err
}
