package api

import (
	"cmp"
	"context"

	"tandem/access"
	"tandem/email"
	"tandem/tenant"
)

func (s *server) readingRoutes() {
	const tag = "connections"
	route(s, op{on: "GET /connections/folders", id: "look_at_mailbox", says: "Find a mailbox that the app registration opens, and list its folders by level", tag: tag, may: admins}, s.lookAtMailbox)
	route(s, op{on: "GET /connections/{id}/folders", id: "list_folders", says: "List the folders of a connected mailbox by level", tag: tag, may: admins}, s.listFolders)
	route(s, op{on: "PUT /connections/{id}", id: "update_connection", says: "Change what of the mailbox is read, and what becomes of it at Microsoft", tag: tag, may: admins}, s.updateConnection)
}

// ReadingShown is what of a mailbox is read, and what becomes of it.
type ReadingShown struct {
	Folder     string `json:"folder" doc:"Id of the folder that is read; empty: the Inbox"`
	FolderName string `json:"folder_name" doc:"Its path; empty: the Inbox"`
	Subfolders bool   `json:"subfolders" doc:"The folders below it are read too"`
	Afterwards string `json:"afterwards" enum:"move,read,keep" doc:"What is done at Microsoft: marked read and moved to the folder Tandem, marked read, nothing"`
}

func encodeReading(c *email.Connection) ReadingShown {
	return ReadingShown{
		Folder: c.Folder, FolderName: c.FolderName, Subfolders: c.Subfolders,
		Afterwards: string(cmp.Or(c.Afterwards, email.MoveAfterwards)),
	}
}

// ReadingBody is what is to be read; what is absent stays, or is as usual.
type ReadingBody struct {
	Folder     *string `json:"folder,omitempty" maxLength:"500" doc:"Id of a folder; empty: the Inbox"`
	Subfolders *bool   `json:"subfolders,omitempty"`
	Afterwards *string `json:"afterwards,omitempty" enum:"move,read,keep"`
}

// over changes what is read now.
func (b ReadingBody) over(r email.Reading) email.Reading {
	set(&r.Folder, b.Folder)
	set(&r.Subfolders, b.Subfolders)
	if b.Afterwards != nil {
		r.Afterwards = email.Afterwards(*b.Afterwards)
	}
	return r
}

type updateConnectionIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Connection ReadingBody `json:"connection"`
	}
}

func (s *server) updateConnection(ctx context.Context, by access.Actor, in *updateConnectionIn) (*connectionOut, error) {
	id := connectionIn{in.ID}
	c, err := s.connections.Get(ctx, by, id.id())
	if err != nil {
		return nil, err
	}
	if _, err := s.connections.ChangeReading(ctx, by, c.ID, in.Body.Connection.over(c.Reading())); err != nil {
		return nil, err
	}
	return s.showConnection(ctx, by, &id)
}

// Folder is a folder of a mailbox that may be read.
type Folder struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Inbox    bool   `json:"inbox"`
	Children int    `json:"children" doc:"How many folders lie directly below"`
	Mails    int    `json:"mails"`
}

func encodeFolder(f email.Folder) Folder {
	return Folder{ID: f.ID, Name: f.Name, Inbox: f.Inbox, Children: f.Children, Mails: f.Mails}
}

// MailboxFound is whose mailbox an address reaches.
type MailboxFound struct {
	Email string `json:"email" doc:"Primary address"`
	Name  string `json:"name"`
}

type lookAtMailboxIn struct {
	Tenant int64  `query:"microsoft_tenant_id" doc:"Whose app registration; absent: the configured one"`
	Email  string `query:"email" required:"true" maxLength:"254" doc:"Primary address or alias"`
	Parent string `query:"parent" maxLength:"500" doc:"Folder whose children are listed; absent: the top"`
}

type lookAtMailboxOut struct {
	Body struct {
		Mailbox MailboxFound `json:"mailbox"`
		Folders []Folder     `json:"folders"`
	}
}

func (s *server) lookAtMailbox(ctx context.Context, by access.Actor, in *lookAtMailboxIn) (*lookAtMailboxOut, error) {
	owner, folders, err := s.connections.LookAtMailbox(ctx, by, tenant.ID(in.Tenant), in.Email, in.Parent)
	if err != nil {
		return nil, err
	}
	out := new(lookAtMailboxOut)
	out.Body.Mailbox, out.Body.Folders = MailboxFound{owner.Email, owner.Name}, each(folders, encodeFolder)
	return out, nil
}

type listFoldersIn struct {
	ID     int64  `path:"id"`
	Parent string `query:"parent" maxLength:"500" doc:"Folder whose children are listed; absent: the top"`
}

type foldersOut struct {
	Body struct {
		Folders []Folder `json:"folders"`
	}
}

func (s *server) listFolders(ctx context.Context, by access.Actor, in *listFoldersIn) (*foldersOut, error) {
	folders, err := s.connections.MailboxFolders(ctx, by, email.ConnectionID(in.ID), in.Parent)
	if err != nil {
		return nil, err
	}
	out := new(foldersOut)
	out.Body.Folders = each(folders, encodeFolder)
	return out, nil
}
