package m365sim

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// folder is one mail folder with its counts.
type folder struct {
	id        int64
	mailbox   int64
	parent    int64
	name      string
	wellKnown string
	hidden    bool
	children  int64
	total     int64
	unread    int64
}

// The folders every mailbox starts with, after its root. A folder's well-known
// name can stand for its id (mailFolder resource type).
var wellKnownFolders = []struct{ name, wellKnown string }{
	{"Archive", "archive"},
	{"Conversation History", "conversationhistory"},
	{"Deleted Items", "deleteditems"},
	{"Drafts", "drafts"},
	{"Inbox", "inbox"},
	{"Junk Email", "junkemail"},
	{"Outbox", "outbox"},
	{"Sent Items", "sentitems"},
}

func createFolders(t *tx, mailbox int64) error {
	root, err := insertFolder(t, folder{mailbox: mailbox, name: "Top of Information Store", wellKnown: "msgfolderroot"})
	if err != nil {
		return err
	}
	for _, f := range wellKnownFolders {
		if _, err := insertFolder(t, folder{mailbox: mailbox, parent: root, name: f.name, wellKnown: f.wellKnown}); err != nil {
			return err
		}
	}
	_, err = insertFolder(t, folder{mailbox: mailbox, name: "Deletions", wellKnown: "recoverableitemsdeletions", hidden: true})
	return err
}

// insertFolder returns errFolderExists when the parent has one of that name.
func insertFolder(t *tx, f folder) (int64, error) {
	var n int
	err := t.row("SELECT count(*) FROM folder WHERE mailbox = ? AND parent = ? AND name = ?", f.mailbox, f.parent, f.name).Scan(&n)
	if err != nil {
		return 0, err
	}
	if n > 0 {
		return 0, errFolderExists
	}
	result, err := t.exec("INSERT INTO folder (mailbox, parent, name, well_known, hidden) VALUES (?, ?, ?, ?, ?)",
		f.mailbox, f.parent, f.name, f.wellKnown, f.hidden)
	if err != nil {
		return 0, fmt.Errorf("create folder %s: %w", f.name, err)
	}
	return result.LastInsertId()
}

// folderColumns scan into a folder, with the counts Graph shows.
const folderColumns = `f.id, f.mailbox, f.parent, f.name, f.well_known, f.hidden,
	(SELECT count(*) FROM folder c WHERE c.parent = f.id),
	(SELECT count(*) FROM message m WHERE m.folder = f.id),
	(SELECT count(*) FROM message m WHERE m.folder = f.id AND m.is_read = FALSE)`

func scanFolder(scan func(...any) error) (folder, error) {
	var f folder
	err := scan(&f.id, &f.mailbox, &f.parent, &f.name, &f.wellKnown, &f.hidden, &f.children, &f.total, &f.unread)
	if errors.Is(err, sql.ErrNoRows) {
		return folder{}, errNoItem
	}
	return f, err
}

// folderNumber resolves a folder id or well-known name to a row number, or
// returns errNoItem.
func folderNumber(q queryer, mailbox int64, name string) (int64, error) {
	owner, number, isID := parseFolderID(name)
	if isID && owner != mailbox {
		return 0, errNoItem
	}
	var id int64
	var err error
	if isID {
		err = q.row("SELECT id FROM folder WHERE mailbox = ? AND id = ?", mailbox, number).Scan(&id)
	} else {
		err = q.row("SELECT id FROM folder WHERE mailbox = ? AND well_known = ?", mailbox, strings.ToLower(name)).Scan(&id)
	}
	if errors.Is(err, sql.ErrNoRows) || !isID && name == "" {
		return 0, errNoItem
	}
	return id, err
}

// folderByAnyName also takes a display name, for people.
func folderByAnyName(q queryer, mailbox int64, name string) (int64, error) {
	id, err := folderNumber(q, mailbox, name)
	if !errors.Is(err, errNoItem) {
		return id, err
	}
	err = q.row("SELECT id FROM folder WHERE mailbox = ? AND name = ?", mailbox, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNoItem
	}
	return id, err
}

func folderByNumber(q queryer, id int64) (folder, error) {
	return scanFolder(q.row("SELECT "+folderColumns+" FROM folder f WHERE f.id = ?", id).Scan)
}

// wellKnownFolder returns the row number of a folder every mailbox has.
func wellKnownFolder(q queryer, mailbox int64, name string) (int64, error) {
	var id int64
	err := q.row("SELECT id FROM folder WHERE mailbox = ? AND well_known = ?", mailbox, name).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("find folder %s of mailbox %d: %w", name, mailbox, err)
	}
	return id, nil
}
