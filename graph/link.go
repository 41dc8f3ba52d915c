package graph

import "strings"

// Adopt returns a delta link of this very mailbox as this client has to ask for
// it, and whether that is another link: for the person who signed in, links
// begin with /me, which an application may not use, and for an application with
// /users/{id}. Microsoft calls links opaque, so an adopted one may be refused;
// then begin again without one.
func (m *Mailbox) Adopt(link string) (adopted string, changed bool) {
	path, ours := strings.CutPrefix(link, m.c.base)
	at := strings.Index(strings.ToLower(path), "/mailfolders")
	if !ours || at < 0 || isMe(path[:at]) == isMe(m.root[len(m.c.base):]) {
		return link, false
	}
	return m.root + path[at:], true
}

func isMe(path string) bool { return strings.EqualFold(path, "/me") }
