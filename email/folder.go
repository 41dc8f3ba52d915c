package email

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/event"
	"tandem/problem"
)

// ReadFolder is a folder below the one that a connection reads. Microsoft tells
// of changes folder by folder, so each has a cursor of its own.
type ReadFolder struct {
	ID     string
	Path   string // names from the top of the mailbox, for people
	Cursor string // delta link; empty: read from the beginning
}

// ReadFolderTx stores the folders that are read below the chosen one.
type ReadFolderTx interface {
	ListReadFolders(context.Context, ConnectionID) ([]*ReadFolder, error)
	// SaveReadFolder adds a folder, or writes its path and cursor.
	SaveReadFolder(context.Context, ConnectionID, *ReadFolder) error
	DeleteReadFolder(ctx context.Context, id ConnectionID, folder string) error
	DeleteReadFolders(context.Context, ConnectionID) error
}

// maxReadFolders bounds how many folders are read below the chosen one: each
// costs a request with every reading.
const maxReadFolders = 100

// folder is one of the folders that a pass reads.
type folder struct {
	ReadFolder           // of the chosen one ID and Path may be empty: it is the Inbox then
	below      bool      // found below the chosen one
	since      time.Time // mail received before is none of ours
	resynced   bool      // its cursor was refused once already

	// Of a reading from the beginning that has not come to its end.
	first []Headline // what has been listed so far, newest first
	next  string     // link to the next page
}

// findFolders sets out which folders the pass reads: the chosen one and, when
// those below it are read too, all that there are now. A new one is read from
// the beginning; one that is gone is forgotten together with its cursor. A mail
// that was moved from one to another is known by its immutable id.
func (p *pass) findFolders(ctx context.Context, c *Connection) error {
	p.chosen = c.Folder
	since := c.Since.Truncate(time.Second) // Microsoft tells the time of receipt in whole seconds
	p.folders = []*folder{{ReadFolder: ReadFolder{ID: c.Folder, Path: c.FolderName, Cursor: c.Cursor}, since: since}}
	if !c.Subfolders {
		return nil
	}
	found, err := foldersBelow(ctx, p.box, c.Folder, c.FolderName)
	if isGone(err) {
		return folderGone(c, err)
	}
	if err != nil {
		return fmt.Errorf("look for folders: %w", err)
	}
	known, err := p.r.readFolders(ctx, c.ID)
	if err != nil {
		return ourFault("list the folders that are read", err)
	}
	if !sameFolders(known, found) {
		if known, err = p.replaceFolders(ctx, found); err != nil {
			return ourFault("note the folders that are read", err)
		}
	}
	since = latest(since, c.SubfoldersSince.Truncate(time.Second))
	for _, f := range known {
		p.folders = append(p.folders, &folder{ReadFolder: *f, below: true, since: since})
	}
	return nil
}

func (r *Reader) readFolders(ctx context.Context, id ConnectionID) (known []*ReadFolder, err error) {
	err = r.store.View(ctx, func(tx Tx) (err error) {
		known, err = tx.ListReadFolders(ctx, id)
		return err
	})
	return known, err
}

// replaceFolders notes what there is now, and returns it with the cursors that are known.
func (p *pass) replaceFolders(ctx context.Context, found []*ReadFolder) (now []*ReadFolder, err error) {
	err = p.r.store.Update(ctx, func(tx Tx) error {
		if _, err := p.mine(ctx, tx); err != nil {
			return err
		}
		known, err := tx.ListReadFolders(ctx, p.id)
		if err != nil {
			return err
		}
		for _, old := range known {
			if !slices.ContainsFunc(found, func(f *ReadFolder) bool { return f.ID == old.ID }) {
				if err := tx.DeleteReadFolder(ctx, p.id, old.ID); err != nil {
					return err
				}
			}
		}
		now = nil
		for _, f := range found {
			fresh := *f
			if i := slices.IndexFunc(known, func(old *ReadFolder) bool { return f.ID == old.ID }); i >= 0 {
				fresh.Cursor = known[i].Cursor
			}
			if err := tx.SaveReadFolder(ctx, p.id, &fresh); err != nil {
				return err
			}
			now = append(now, &fresh)
		}
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(p.id)})
		return nil
	})
	return now, err
}

// sameFolders compares what is known with what was found, cursors aside.
func sameFolders(known, found []*ReadFolder) bool {
	if len(known) != len(found) {
		return false
	}
	paths := make(map[string]string, len(known))
	for _, f := range known {
		paths[f.ID] = f.Path
	}
	return !slices.ContainsFunc(found, func(f *ReadFolder) bool {
		path, there := paths[f.ID]
		return !there || path != f.Path
	})
}

// foldersBelow lists all folders below one that are to be read, without itself.
func foldersBelow(ctx context.Context, box Mailbox, id, path string) ([]*ReadFolder, error) {
	top, err := box.Folder(ctx, id)
	if err != nil {
		return nil, err
	}
	if path == "" {
		path = top.Name
	}
	var found []*ReadFolder
	var descend func(f *Folder, path string) error
	descend = func(f *Folder, path string) error {
		if f.Children == 0 {
			return nil
		}
		children, err := box.Folders(ctx, f.ID)
		if err != nil {
			return fmt.Errorf("list the folders below %s: %w", path, err)
		}
		for _, child := range children {
			if len(found) == maxReadFolders {
				return tooManyFolders()
			}
			below := path + pathSeparator + child.Name
			found = append(found, &ReadFolder{ID: child.ID, Path: below})
			if err := descend(&child, below); err != nil {
				return err
			}
		}
		return nil
	}
	return found, descend(top, path)
}

// pathSeparator stands between the names of a path that people see.
const pathSeparator = " / "

// folderPath is the path of a folder from the top of the mailbox.
func folderPath(ctx context.Context, box Mailbox, f *Folder) (string, error) {
	path := f.Name
	for depth := 0; f.Parent != "" && depth < 50; depth++ {
		above, err := box.Folder(ctx, f.Parent)
		if err != nil {
			return "", fmt.Errorf("look for the folder above %s: %w", path, err)
		}
		f, path = above, above.Name+pathSeparator+path
	}
	return path, nil
}

func isGone(err error) bool { return problem.KindOf(err) == problem.NotFound }

func folderGone(c *Connection, cause error) *problem.Error {
	return problem.New(problem.Invalid, "folder_gone", "The folder that Tandem reads is no longer in the mailbox: %s.", c.FolderName).
		On(problem.Yours, "Choose the folder to read on the page of the address.").With("folder", c.FolderName).Because(cause)
}

func tooManyFolders() *problem.Error {
	return problem.New(problem.Invalid, "too_many_folders", "There are more than %d folders below the one that is read.", maxReadFolders).
		On(problem.Yours, "Choose a folder with fewer below it, or read the folder alone.").With("limit", fmt.Sprint(maxReadFolders))
}

// errReadingChanged ends a pass because an administrator chose other folders
// meanwhile. Nothing is lost: the next pass begins at once.
var errReadingChanged = errors.New("other folders have been chosen")

// chosenGone tells that the folder that the connection reads has been deleted.
func (p *pass) chosenGone(ctx context.Context, cause error) error {
	c, err := p.r.connection(ctx, p.id)
	if err != nil {
		return err
	}
	return folderGone(c, cause)
}
