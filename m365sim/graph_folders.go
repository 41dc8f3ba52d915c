package m365sim

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const defaultPageSize = 10 // of messages and folders

func showFolder(f folder) map[string]any {
	out := map[string]any{
		"id": folderID(f.mailbox, f.id), "displayName": f.name,
		"childFolderCount": f.children, "unreadItemCount": f.unread, "totalItemCount": f.total, "isHidden": f.hidden,
		"parentFolderId": nil,
	}
	if f.parent != 0 {
		out["parentFolderId"] = folderID(f.mailbox, f.parent)
	}
	return out
}

// selectFrom keeps the selected members of a rendered resource, and its id.
func selectFrom(all map[string]any, selected []string) map[string]any {
	if selected == nil {
		return all
	}
	out := map[string]any{"id": all["id"]}
	for _, name := range selected {
		if value, ok := all[name]; ok {
			out[name] = value
		}
	}
	return out
}

// folderOf resolves the folder of a call; without one in its path it is 0.
func (g *graphAPI) folderOf(c *call) (int64, error) {
	name, ok := c.vars["folder"]
	if !ok {
		return 0, nil
	}
	return folderNumber(g.exchange.db, c.user.mailbox, name)
}

func (g *graphAPI) getFolder(c *call) (answer, error) {
	id, err := g.folderOf(c)
	if err != nil {
		return answer{}, err
	}
	f, err := folderByNumber(g.exchange.db, id)
	if err != nil {
		return answer{}, err
	}
	out := selectFrom(showFolder(f), c.query.selected)
	out["@odata.context"] = c.contextURL(c.userPath() + "/mailFolders/$entity")
	return reply(http.StatusOK, out), nil
}

func (g *graphAPI) listFolders(c *call) (answer, error) {
	root, err := wellKnownFolder(g.exchange.db, c.user.mailbox, "msgfolderroot")
	if err != nil {
		return answer{}, err
	}
	return g.foldersBelow(c, root, c.userPath()+"/mailFolders")
}

func (g *graphAPI) listChildFolders(c *call) (answer, error) {
	parent, err := g.folderOf(c)
	if err != nil {
		return answer{}, err
	}
	return g.foldersBelow(c, parent, c.userPath()+"/mailFolders('"+c.vars["folder"]+"')/childFolders")
}

func folderSchema() filterSchema {
	return filterSchema{property: func(path string) (column, bool) {
		switch path {
		case "displayName":
			return column{sql: "f.name COLLATE NOCASE"}, true
		case "isHidden":
			return column{sql: "f.hidden", kind: boolValue}, true
		case "totalItemCount":
			return column{sql: "(SELECT count(*) FROM message m WHERE m.folder = f.id)", kind: numberValue}, true
		case "unreadItemCount":
			return column{sql: "(SELECT count(*) FROM message m WHERE m.folder = f.id AND m.is_read = FALSE)", kind: numberValue}, true
		}
		return column{}, false
	}}
}

func (g *graphAPI) foldersBelow(c *call, parent int64, path string) (answer, error) {
	where, args := "f.parent = ?", []any{parent}
	if !strings.EqualFold(c.query.values.Get("includehiddenfolders"), "true") {
		where += " AND f.hidden = FALSE"
	}
	if c.query.filter != "" {
		f, err := compileFilter(c.query.filter, folderSchema())
		if err != nil {
			return answer{}, err
		}
		where, args = where+" AND "+f.sql, append(args, f.args...)
	}
	size := pageSize(c)
	query := adHoc + fmt.Sprintf("SELECT %s FROM folder f WHERE %s ORDER BY f.id LIMIT %d OFFSET %d", folderColumns, where, size+1, c.query.skip)
	list, more := []any{}, false
	err := each(g.exchange.db, query, func(scan func(...any) error) error {
		if len(list) == size {
			more = true
			return nil
		}
		f, err := scanFolder(scan)
		list = append(list, selectFrom(showFolder(f), c.query.selected))
		return err
	}, args...)
	if err != nil {
		return answer{}, err
	}
	out := map[string]any{"@odata.context": c.contextURL(path), "value": list}
	if c.query.count {
		var total int
		if err := g.exchange.db.row(adHoc+"SELECT count(*) FROM folder f WHERE "+where, args...).Scan(&total); err != nil {
			return answer{}, err
		}
		out["@odata.count"] = total
	}
	if more {
		out["@odata.nextLink"] = c.link(path, "$skip", strconv.Itoa(c.query.skip+size))
	}
	return reply(http.StatusOK, out), nil
}

func pageSize(c *call) int {
	switch {
	case c.query.top > 0:
		return c.query.top
	case c.prefer.pageSize > 0:
		return min(c.prefer.pageSize, 1000)
	}
	return defaultPageSize
}

type folderInput struct {
	DisplayName string `json:"displayName"`
	IsHidden    bool   `json:"isHidden"`
}

func (g *graphAPI) createFolder(c *call) (answer, error) {
	var in folderInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if strings.TrimSpace(in.DisplayName) == "" {
		return answer{}, refuse(400, "ErrorInvalidRequest", "The request is invalid. displayName is required.")
	}
	parent, err := g.folderOf(c)
	if err == nil && parent == 0 {
		parent, err = wellKnownFolder(g.exchange.db, c.user.mailbox, "msgfolderroot")
	}
	if err != nil {
		return answer{}, err
	}
	var created folder
	err = g.exchange.update(func(t *mailTx) error {
		id, err := insertFolder(t.tx, folder{mailbox: c.user.mailbox, parent: parent, name: in.DisplayName, hidden: in.IsHidden})
		if err != nil {
			return err
		}
		created, err = folderByNumber(t, id)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	out := showFolder(created)
	out["@odata.context"] = c.contextURL(c.userPath() + "/mailFolders/$entity")
	return reply(http.StatusCreated, out), nil
}

func (g *graphAPI) updateFolder(c *call) (answer, error) {
	var in folderInput
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	id, err := g.ownFolder(c)
	if err != nil {
		return answer{}, err
	}
	err = g.exchange.update(func(t *mailTx) error {
		_, err := t.exec("UPDATE folder SET name = ? WHERE id = ?", in.DisplayName, id)
		return err
	})
	if err != nil {
		return answer{}, errFolderExists
	}
	return g.getFolder(c)
}

// ownFolder is the folder of a call when people made it; the others can be
// neither renamed nor deleted.
func (g *graphAPI) ownFolder(c *call) (int64, error) {
	id, err := g.folderOf(c)
	if err != nil {
		return 0, err
	}
	f, err := folderByNumber(g.exchange.db, id)
	if err == nil && f.wellKnown != "" {
		err = refuse(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
	}
	return id, err
}

// deleteFolder deletes a folder with all that is in it.
func (g *graphAPI) deleteFolder(c *call) (answer, error) {
	id, err := g.ownFolder(c)
	if err != nil {
		return answer{}, err
	}
	err = g.exchange.update(func(t *mailTx) error { return t.eraseFolder(id) })
	return answer{status: http.StatusNoContent}, err
}

func (t *mailTx) eraseFolder(id int64) error {
	var children []int64
	err := each(t, "SELECT id FROM folder WHERE parent = ?", func(scan func(...any) error) error {
		var child int64
		err := scan(&child)
		children = append(children, child)
		return err
	}, id)
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := t.eraseFolder(child); err != nil {
			return err
		}
	}
	var messages []*message
	err = each(t, "SELECT "+messageColumns+" FROM message WHERE folder = ?", func(scan func(...any) error) error {
		m, err := scanMessage(scan, false)
		messages = append(messages, m)
		return err
	}, id)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := t.erase(m); err != nil {
			return err
		}
	}
	_, err = t.exec("DELETE FROM folder WHERE id = ?", id)
	return err
}
