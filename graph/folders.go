package graph

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// TopFolder is the well-known name of the folder above all others.
const TopFolder = "msgfolderroot"

// ChildFolders returns the folders directly below one, given by id or
// well-known name, without hidden ones.
//
// "List childFolders"
func (m *Mailbox) ChildFolders(ctx context.Context, parent string) ([]Folder, error) {
	return m.folders(ctx, "/mailFolders/"+url.PathEscape(parent)+"/childFolders"+query("$select", folderSelect, "$top", "100"))
}

// FindFolder returns the id of the top-level folder with that name, "" when
// there is none. Hidden folders count: Exchange does not allow a second one of
// their name.
//
// "List mailFolders"
func (m *Mailbox) FindFolder(ctx context.Context, name string) (string, error) {
	folders, err := m.folders(ctx, "/mailFolders"+query("includeHiddenFolders", "true", "$select", folderSelect, "$top", "100"))
	for _, f := range folders {
		if strings.EqualFold(f.Name, name) {
			return f.ID, nil
		}
	}
	return "", err
}

// folders follows a list of folders to its end.
func (m *Mailbox) folders(ctx context.Context, path string) ([]Folder, error) {
	var all []Folder
	for link := m.root + path; link != ""; {
		r := m.request("list folders", http.MethodGet, "")
		r.url = link
		some, next, err := collection[Folder](ctx, m.c, r)
		if err != nil {
			return nil, err
		}
		all, link = append(all, some...), next
	}
	return all, nil
}
