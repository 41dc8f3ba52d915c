package m365sim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// messageSchema is where $filter and $orderby find message properties.
func messageSchema() filterSchema {
	return filterSchema{property: messageColumn, collection: messageCollection}
}

func messageColumn(path string) (column, bool) {
	switch path {
	case "receivedDateTime":
		return column{"received", timeValue}, true
	case "sentDateTime":
		return column{"sent", timeValue}, true
	case "createdDateTime":
		return column{"created", timeValue}, true
	case "lastModifiedDateTime":
		return column{"modified", timeValue}, true
	case "isRead":
		return column{"is_read", boolValue}, true
	case "isDraft":
		return column{"is_draft", boolValue}, true
	case "internetMessageId":
		return column{"message_id", textValue}, true
	case "conversationId":
		return column{"conversation", textValue}, true
	case "hasAttachments":
		return column{"json_extract(properties, '$.hasAttachments')", boolValue}, true
	case "subject", "bodyPreview", "importance", "inferenceClassification",
		"from/emailAddress/address", "from/emailAddress/name", "sender/emailAddress/address", "sender/emailAddress/name", "flag/flagStatus":
		return column{"json_extract(properties, '$." + strings.ReplaceAll(path, "/", ".") + "') COLLATE NOCASE", textValue}, true
	}
	return column{}, false
}

func messageCollection(path string) (table string, item filterSchema, ok bool) {
	switch path {
	case "categories":
		return "json_each(message.properties, '$.categories') item WHERE TRUE", filterSchema{property: func(path string) (column, bool) {
			return column{"item.value COLLATE NOCASE", textValue}, path == ""
		}}, true
	case "toRecipients", "ccRecipients":
		return "json_each(message.properties, '$." + path + "') item WHERE TRUE", filterSchema{property: func(path string) (column, bool) {
			return column{"json_extract(item.value, '$." + strings.ReplaceAll(path, "/", ".") + "') COLLATE NOCASE", textValue},
				path == "emailAddress/address" || path == "emailAddress/name"
		}}, true
	case "singleValueExtendedProperties":
		return "extended_property item WHERE item.message = message.id", filterSchema{property: func(path string) (column, bool) {
			switch path {
			case "id":
				return column{"item.name COLLATE NOCASE", textValue}, true
			case "value":
				return column{"item.value", textValue}, true
			}
			return column{}, false
		}}, true
	}
	return "", filterSchema{}, false
}

// checkEffort refuses a sort that the filter does not start with (Using filter
// and orderby in the same query).
func checkEffort(filter compiledFilter, orderBy []order) error {
	if len(filter.paths) == 0 {
		return nil
	}
	for i, o := range orderBy {
		if !slices.Contains(filter.paths, o.path) || i < len(filter.paths) && filter.paths[i] != o.path {
			return errInefficient
		}
	}
	return nil
}

func messageOrder(orderBy []order) (string, error) {
	if len(orderBy) == 0 {
		return "received DESC, id DESC", nil
	}
	var terms []string
	for _, o := range orderBy {
		col, ok := messageColumn(o.path)
		if !ok {
			return "", unknownProperty(o.path)
		}
		direction := " ASC"
		if o.descending {
			direction = " DESC"
		}
		terms = append(terms, col.sql+direction)
	}
	return strings.Join(append(terms, "id DESC"), ", "), nil
}

// messageScope is the WHERE clause of a list: a folder or the whole mailbox,
// $filter and $search.
func (g *graphAPI) messageScope(c *call) (where string, args []any, err error) {
	folder, err := g.folderOf(c)
	if err != nil {
		return "", nil, err
	}
	where, args = "mailbox = ?", []any{c.user.mailbox}
	if folder != 0 {
		where, args = "folder = ?", []any{folder}
	}
	if c.query.filter != "" {
		f, err := compileFilter(c.query.filter, messageSchema())
		if err != nil {
			return "", nil, err
		}
		if err := checkEffort(f, c.query.orderBy); err != nil {
			return "", nil, err
		}
		where, args = where+" AND "+f.sql, append(args, f.args...)
	}
	if c.query.search != "" {
		where += " AND (instr(lower(properties), lower(?)) OR instr(lower(body), lower(?)))"
		args = append(args, c.query.search, c.query.search)
	}
	return where, args, nil
}

func (g *graphAPI) listMessages(c *call) (answer, error) {
	view, err := newMessageView(c)
	if err != nil {
		return answer{}, err
	}
	where, args, err := g.messageScope(c)
	if err != nil {
		return answer{}, err
	}
	sorting, err := messageOrder(c.query.orderBy)
	if err != nil {
		return answer{}, err
	}
	columns, whole := messageColumns, view.whole()
	if whole {
		columns = wholeMessage
	}
	size := pageSize(c)
	query := adHoc + fmt.Sprintf("SELECT %s FROM message WHERE %s ORDER BY %s LIMIT %d OFFSET %d", columns, where, sorting, size+1, c.query.skip)
	page, err := collectMessages(g.exchange.db, whole, query, args...)
	if err != nil {
		return answer{}, err
	}
	path := c.userPath() + "/messages"
	if name, ok := c.vars["folder"]; ok {
		path = c.userPath() + "/mailFolders('" + name + "')/messages"
	}
	out := map[string]any{"@odata.context": c.contextURL(path)}
	if len(page) > size {
		page = page[:size]
		out["@odata.nextLink"] = c.link(path, "$skip", strconv.Itoa(c.query.skip+size))
	}
	if c.query.count {
		var total int
		if err := g.exchange.db.row(adHoc+"SELECT count(*) FROM message WHERE "+where, args...).Scan(&total); err != nil {
			return answer{}, err
		}
		out["@odata.count"] = total
	}
	out["value"], err = view.showAll(g.exchange.db, page)
	return reply(http.StatusOK, out), err
}

func collectMessages(q queryer, whole bool, query string, args ...any) ([]*message, error) {
	var list []*message
	err := each(q, query, func(scan func(...any) error) error {
		m, err := scanMessage(scan, whole)
		list = append(list, m)
		return err
	}, args...)
	return list, err
}

func (v messageView) showAll(q queryer, list []*message) ([]any, error) {
	shown := make([]any, len(list))
	for i, m := range list {
		one, err := v.show(q, m)
		if err != nil {
			return nil, err
		}
		shown[i] = one
	}
	return shown, nil
}

// messageOf finds the message a call names.
func (g *graphAPI) messageOf(q queryer, c *call, whole bool) (*message, error) {
	id, ok := parseMessageID(c.vars["message"])
	if !ok {
		return nil, errIDMalformed
	}
	folder, err := g.folderOf(c)
	if err != nil {
		return nil, err
	}
	m, err := findMessage(q, c.user.mailbox, id, whole)
	if err == nil && (folder != 0 && m.folder != folder || g.exchange.isOnTheWay(m.id)) {
		return nil, errNoItem
	}
	return m, err
}

// answerMessage shows one message as the whole answer.
func (g *graphAPI) answerMessage(c *call, status int, m *message) (answer, error) {
	view, err := newMessageView(c)
	if err != nil {
		return answer{}, err
	}
	if view.whole() && m.bodyType == "" {
		if m, err = messageByNumber(g.exchange.db, m.id, true); err != nil {
			return answer{}, err
		}
	}
	out, err := view.show(g.exchange.db, m)
	if err != nil {
		return answer{}, err
	}
	out["@odata.context"] = c.contextURL(c.userPath() + "/messages/$entity")
	return reply(status, out), nil
}

func (g *graphAPI) getMessage(c *call) (answer, error) {
	view, err := newMessageView(c)
	if err != nil {
		return answer{}, err
	}
	m, err := g.messageOf(g.exchange.db, c, view.whole())
	if err != nil {
		return answer{}, err
	}
	return g.answerMessage(c, http.StatusOK, m)
}

// getMIME answers with the RFC 5322 bytes (Get MIME content of a message).
func (g *graphAPI) getMIME(c *call) (answer, error) {
	m, err := g.messageOf(g.exchange.db, c, false)
	if err != nil {
		return answer{}, err
	}
	raw, err := rawMIME(g.exchange.db, m)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusOK, raw: raw}
	a.set("Content-Type", "text/plain")
	return a, nil
}

func (g *graphAPI) deleteMessage(c *call) (answer, error) {
	err := g.exchange.update(func(t *mailTx) error {
		m, err := g.messageOf(t, c, false)
		if err != nil {
			return err
		}
		return t.remove(m)
	})
	return answer{status: http.StatusNoContent}, err
}

func (g *graphAPI) destination(q queryer, c *call) (int64, error) {
	var in struct {
		DestinationID string `json:"destinationId"`
	}
	if err := c.decodeBody(&in); err != nil {
		return 0, err
	}
	if in.DestinationID == "" {
		return 0, badRequest("The destinationId parameter is required.")
	}
	folder, err := folderNumber(q, c.user.mailbox, in.DestinationID)
	if errors.Is(err, errNoItem) {
		err = refuse(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.")
	}
	return folder, err
}

func (g *graphAPI) moveMessage(c *call) (answer, error) {
	return g.transfer(c, func(t *mailTx, m *message, folder int64) (*message, error) { return m, t.move(m, folder) })
}

func (g *graphAPI) copyMessage(c *call) (answer, error) {
	return g.transfer(c, (*mailTx).copyTo)
}

func (g *graphAPI) transfer(c *call, how func(*mailTx, *message, int64) (*message, error)) (answer, error) {
	var m *message
	err := g.exchange.update(func(t *mailTx) error {
		folder, err := g.destination(t, c)
		if err != nil {
			return err
		}
		// Whole, as the answer shows all of it.
		original, err := g.messageOf(t, c, true)
		if err != nil {
			return err
		}
		m, err = how(t, original, folder)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return g.answerMessage(c, http.StatusCreated, m)
}
