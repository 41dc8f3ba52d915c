package m365sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A delta token is the whole state of one client's round over one folder. A
// first round walks the folder by received date, newest first; what changes
// meanwhile has a change number above Since and comes in the next round, which
// walks changes in their order. So nothing is missed, and some things are said
// twice, as Microsoft warns (Get incremental changes to messages in a folder).
type deltaToken struct {
	Folder int64  `json:"f"`
	Epoch  string `json:"e"` // tokens of an earlier epoch have expired
	Since  int64  `json:"s"` // the next round starts after this change
	First  bool   `json:"i,omitempty"`
	// Where the first round has come to:
	Received int64 `json:"r,omitempty"`
	Message  int64 `json:"m,omitempty"`
	// The query options of the first request, which hold for all rounds:
	Select     string `json:"q,omitempty"`
	Expand     string `json:"x,omitempty"`
	After      int64  `json:"a,omitempty"` // $filter=receivedDateTime ge
	ChangeType string `json:"c,omitempty"`
	Top        int    `json:"t,omitempty"`
}

func (d deltaToken) String() string {
	raw, _ := json.Marshal(d) // a struct of strings and numbers
	return base64.RawURLEncoding.EncodeToString(raw)
}

const maxDeltaPage = 1000

// errSyncState tells a client to start again, and where.
func errSyncState(restart string) *graphError {
	e := refuse(410, "SyncStateNotFound", "The sync state generation is not found. The delta token is expired and data must be synchronized again.")
	e.header = http.Header{"Location": {restart}}
	return e
}

func (g *graphAPI) deltaMessages(c *call) (answer, error) {
	folder, err := g.folderOf(c)
	if err != nil {
		return answer{}, err
	}
	token, err := g.deltaState(c, folder)
	if err != nil {
		return answer{}, err
	}
	c.query.selected, c.query.expand = nil, nil
	if err := c.query.set("$select", token.Select); err != nil {
		return answer{}, err
	}
	if token.Expand != "" {
		c.query.expand = splitOutside(token.Expand, ',')
	}
	view, err := newMessageView(c)
	if err != nil {
		return answer{}, err
	}
	c.query.top = token.Top
	size := min(pageSize(c), maxDeltaPage)
	page := g.nextChanges
	if token.First {
		page = g.firstRound
	}
	value, next, more, err := page(view, token, size)
	if err != nil {
		return answer{}, err
	}
	out := map[string]any{"@odata.context": c.contextURL("Collection(message)"), "value": value}
	if more {
		out["@odata.nextLink"] = c.deltaURL("$skiptoken", next.String())
	} else {
		out["@odata.deltaLink"] = c.deltaURL("$deltatoken", next.String())
	}
	return reply(http.StatusOK, out), nil
}

func (c *call) deltaURL(name, value string) string {
	link := c.base + "/v1.0/" + c.userPath() + "/mailFolders('" + url.PathEscape(c.vars["folder"]) + "')/messages/delta"
	if name == "" {
		return link
	}
	return link + "?" + name + "=" + url.QueryEscape(value)
}

// deltaState reads the token of a call, or starts a new round.
func (g *graphAPI) deltaState(c *call, folder int64) (deltaToken, error) {
	epoch, err := g.exchange.deltaEpoch(c.user.mailbox)
	if err != nil {
		return deltaToken{}, err
	}
	// Both spellings occur: $deltatoken and $deltaToken.
	given := c.query.values.Get("$deltatoken") + c.query.values.Get("$skiptoken")
	if given == "" {
		return g.startDelta(c, folder, epoch)
	}
	var token deltaToken
	raw, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil || json.Unmarshal(raw, &token) != nil {
		return deltaToken{}, badRequest("Badly formed token.")
	}
	if token.Epoch != epoch || token.Folder != folder {
		return deltaToken{}, errSyncState(c.deltaURL("", ""))
	}
	return token, nil
}

func (g *graphAPI) startDelta(c *call, folder int64, epoch string) (deltaToken, error) {
	token := deltaToken{
		Folder: folder, Epoch: epoch, First: true,
		Select: c.query.values.Get("$select"), Expand: c.query.values.Get("$expand"),
		ChangeType: c.query.values.Get("changetype"), Top: c.query.top,
	}
	if c.query.search != "" {
		return token, badRequest("The query parameter '$search' is not supported with delta query.")
	}
	for _, o := range c.query.orderBy {
		if o.path != "receivedDateTime" || !o.descending {
			return token, badRequest("Only '$orderby=receivedDateTime desc' is supported with delta query.")
		}
	}
	if c.query.filter != "" {
		after, err := parseDeltaFilter(c.query.filter)
		if err != nil {
			return token, err
		}
		token.After = after
	}
	var err error
	token.Since, err = g.exchange.lastChangeOf(folder)
	return token, err
}

// parseDeltaFilter takes the one filter delta knows: receivedDateTime ge or gt.
func parseDeltaFilter(filter string) (int64, error) {
	fields := strings.Fields(filter)
	if len(fields) == 3 && fields[0] == "receivedDateTime" && (strings.EqualFold(fields[1], "ge") || strings.EqualFold(fields[1], "gt")) {
		if t, err := time.Parse(time.RFC3339Nano, fields[2]); err == nil {
			if strings.EqualFold(fields[1], "gt") {
				return millis(t) + 1, nil
			}
			return millis(t), nil
		}
	}
	return 0, badRequest("Only '$filter=receivedDateTime ge {value}' and 'gt' are supported with delta query.")
}

// lastChangeOf is the newest change of a folder.
func (x *exchange) lastChangeOf(folder int64) (int64, error) {
	var n int64
	err := x.db.row(`SELECT max(coalesce((SELECT max(change) FROM message WHERE folder = ?1), 0),
		coalesce((SELECT max(change) FROM tombstone WHERE folder = ?1), 0))`, folder).Scan(&n)
	return n, err
}

// firstRound lists what is in the folder.
func (g *graphAPI) firstRound(view messageView, token deltaToken, size int) (value []any, next deltaToken, more bool, err error) {
	columns, whole := messageColumns, view.whole()
	if whole {
		columns = wholeMessage
	}
	if token.Received == 0 && token.Message == 0 {
		token.Received, token.Message = 1<<62, 1<<62
	}
	list, err := collectMessages(g.exchange.db, whole, "SELECT "+columns+` FROM message
		WHERE folder = ? AND (received, id) < (?, ?) AND received >= ? ORDER BY received DESC, id DESC LIMIT ?`,
		token.Folder, token.Received, token.Message, token.After, size+1)
	if err != nil {
		return nil, token, false, err
	}
	if len(list) > size {
		list, more = list[:size], true
		last := list[size-1]
		token.Received, token.Message = millis(last.received), last.id
	} else {
		token.First, token.Received, token.Message = false, 0, 0
	}
	value, err = view.showAll(g.exchange.db, list)
	for _, item := range value {
		item.(map[string]any)["@odata.type"] = "#microsoft.graph.message"
	}
	return value, token, more, err
}

// nextChanges lists messages that changed and tombstones, in order of change.
func (g *graphAPI) nextChanges(view messageView, token deltaToken, size int) (value []any, next deltaToken, more bool, err error) {
	columns, whole := messageColumns, view.whole()
	if whole {
		columns = wholeMessage
	}
	since := token.Since
	// Both lists end at the same change, so that none between them is passed over.
	until, err := g.exchange.lastChangeOf(token.Folder)
	if err != nil {
		return nil, token, false, err
	}
	messages, err := collectMessages(g.exchange.db, whole, "SELECT "+columns+` FROM message
		WHERE folder = ? AND change > ? AND change <= ? AND received >= ? ORDER BY change LIMIT ?`, token.Folder, since, until, token.After, size+1)
	if err != nil {
		return nil, token, false, err
	}
	removed, err := g.exchange.tombstones(token.Folder, since, until, size+1)
	if err != nil {
		return nil, token, false, err
	}
	value = []any{}
	for len(messages)+len(removed) > 0 {
		if len(value) == size {
			return value, token, true, nil
		}
		if len(messages) == 0 || len(removed) > 0 && removed[0].change < messages[0].change {
			token.Since = removed[0].change
			if token.wants("deleted") {
				value = append(value, showRemoved(removed[0], view.immutable))
			}
			removed = removed[1:]
			continue
		}
		m := messages[0]
		messages, token.Since = messages[1:], m.change
		kind := "updated"
		if m.entered > since {
			kind = "created"
		}
		if !token.wants(kind) {
			continue
		}
		shown, err := view.show(g.exchange.db, m)
		if err != nil {
			return nil, token, false, err
		}
		shown["@odata.type"] = "#microsoft.graph.message"
		value = append(value, shown)
	}
	return value, token, false, nil
}

// wants tells whether the round's changeType includes kind.
func (d deltaToken) wants(kind string) bool {
	return d.ChangeType == "" || strings.Contains(d.ChangeType, kind)
}

func showRemoved(m message, immutable bool) map[string]any {
	return map[string]any{
		"@odata.type": "#microsoft.graph.message",
		"id":          m.identity(immutable).String(),
		"@removed":    map[string]string{"reason": "deleted"},
	}
}

func (x *exchange) tombstones(folder, since, until int64, limit int) ([]message, error) {
	var list []message
	err := each(x.db, `SELECT t.change, t.message, t.generation, f.mailbox FROM tombstone t JOIN folder f ON f.id = t.folder
		WHERE t.folder = ? AND t.change > ? AND t.change <= ? ORDER BY t.change LIMIT ?`, func(scan func(...any) error) error {
		var m message
		err := scan(&m.change, &m.id, &m.generation, &m.mailbox)
		list = append(list, m)
		return err
	}, folder, since, until, limit)
	return list, err
}

// deltaEpoch counts how often the delta tokens of a mailbox were made to expire.
func (x *exchange) deltaEpoch(mailbox int64) (string, error) {
	all, err := x.db.setting("delta_epoch")
	if err != nil {
		return "", err
	}
	own, err := x.db.setting(deltaEpochOf(mailbox))
	return all + "." + own, err
}

func deltaEpochOf(mailbox int64) string { return "delta_epoch:" + folderID(mailbox, 0) }
