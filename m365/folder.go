package m365

import (
	"context"
	"errors"
	"strings"
	"sync"

	"tandem/email"
	"tandem/graph"
)

// folderName is a folder as Graph is asked for it; the Inbox by its well-known name.
func folderName(id string) string {
	if id == "" {
		return graph.Inbox
	}
	return id
}

// Folder describes a folder.
func (m *mailbox) Folder(ctx context.Context, id string) (*email.Folder, error) {
	f, err := m.box.Folder(ctx, folderName(id))
	if err != nil {
		return nil, translate(err)
	}
	return m.describe(ctx, *f)
}

// Folders lists the folders below one that may be read.
func (m *mailbox) Folders(ctx context.Context, parent string) ([]email.Folder, error) {
	if parent == "" {
		parent = graph.TopFolder
	}
	children, err := m.box.ChildFolders(ctx, parent)
	if err != nil {
		return nil, translate(err)
	}
	var folders []email.Folder
	for _, child := range children {
		f, err := m.describe(ctx, child)
		if err != nil {
			return nil, err
		}
		if !f.Never {
			folders = append(folders, *f)
		}
	}
	return folders, nil
}

func (m *mailbox) describe(ctx context.Context, f graph.Folder) (*email.Folder, error) {
	known, err := m.standing.get(ctx, m.box)
	if err != nil {
		return nil, translate(err)
	}
	d := &email.Folder{ID: f.ID, Name: f.Name, Parent: f.ParentID, Children: f.Children, Mails: f.Total, Inbox: known[f.ID] == graph.Inbox}
	if known[f.ParentID] == graph.TopFolder || known[f.ID] == graph.TopFolder {
		d.Parent = ""
	}
	ours := f.ID == m.folder.known() || d.Parent == "" && strings.EqualFold(f.Name, ourFolder)
	switch known[f.ID] {
	case "", graph.Inbox, graph.TopFolder:
		d.Never = ours
	default:
		d.Never = true
	}
	return d, nil
}

// Aliases lists the mailbox's further addresses.
func (m *mailbox) Aliases(ctx context.Context) ([]string, error) {
	user, err := m.client.User(ctx, m.user)
	if err != nil {
		return nil, translate(err)
	}
	addresses := user.Addresses()
	return addresses[min(1, len(addresses)):], nil
}

// standing remembers the ids of the folders that every mailbox has, with their
// well-known names. v1.0 of Graph does not tell the name with the folder.
type standing struct {
	mu  sync.Mutex
	ids map[string]string
}

func (s *standing) get(ctx context.Context, box *graph.Mailbox) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids != nil {
		return s.ids, nil
	}
	ids := make(map[string]string)
	for _, name := range []string{
		graph.TopFolder, graph.Inbox, graph.Drafts, graph.SentItems, graph.Outbox, graph.DeletedItems, graph.JunkEmail,
	} {
		f, err := box.Folder(ctx, name)
		if errors.Is(err, graph.ErrNotFound) {
			continue // a shared mailbox that has never sent has no Outbox
		}
		if err != nil {
			return nil, err
		}
		ids[f.ID] = name
	}
	s.ids = ids
	return ids, nil
}

// folderID remembers the id of our folder, which is made at first use.
type folderID struct {
	mu sync.Mutex
	id string
}

// get returns our folder, and makes it when there is none.
func (f *folderID) get(ctx context.Context, box *graph.Mailbox) (string, error) {
	return f.remember(func() (string, error) { return box.EnsureFolder(ctx, ourFolder) })
}

// find returns our folder, or "" when there is none yet.
func (f *folderID) find(ctx context.Context, box *graph.Mailbox) (string, error) {
	return f.remember(func() (string, error) { return box.FindFolder(ctx, ourFolder) })
}

func (f *folderID) remember(ask func() (string, error)) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.id != "" {
		return f.id, nil
	}
	id, err := ask()
	if err != nil {
		return "", err
	}
	f.id = id
	return id, nil
}

// known is our folder's id as far as it has been asked for.
func (f *folderID) known() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.id
}

func (f *folderID) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.id = ""
}
