package m365sim

import (
	"net/url"
	"strings"
)

// route is one operation of the API.
type route struct {
	handle  graphHandler
	access  access
	user    bool // below /me or /users/{user}
	mailbox bool // needs the user to have a mailbox; counts against its limits
}

// routeNode is a segment of the paths that exist.
type routeNode struct {
	literal map[string]*routeNode
	param   *routeNode
	name    string // of the parameter this node stands for
	methods map[string]*route
}

func newRouteNode() *routeNode {
	return &routeNode{literal: map[string]*routeNode{}, methods: map[string]*route{}}
}

func (n *routeNode) add(method, path string, r *route) {
	for segment := range strings.SplitSeq(path, "/") {
		if name, isParam := strings.CutPrefix(segment, "{"); isParam {
			if n.param == nil {
				n.param = newRouteNode()
				n.param.name = strings.TrimSuffix(name, "}")
			}
			n = n.param
			continue
		}
		next := n.literal[strings.ToLower(segment)]
		if next == nil {
			next = newRouteNode()
			n.literal[strings.ToLower(segment)] = next
		}
		n = next
	}
	n.methods[method] = r
}

// newRoutes lists every operation of Graph that is simulated.
func (g *graphAPI) newRoutes() *routeNode {
	root := newRouteNode()
	top := func(method, path string, a access, h graphHandler) {
		root.add(method, path, &route{handle: h, access: a})
	}
	user := func(method, path string, a access, h graphHandler) {
		r := &route{handle: h, access: a, user: true}
		root.add(method, strings.TrimSuffix("me/"+path, "/"), r)
		root.add(method, strings.TrimSuffix("users/{user}/"+path, "/"), r)
	}
	mail := func(method, path string, a access, h graphHandler) {
		r := &route{handle: h, access: a, user: true, mailbox: true}
		root.add(method, "me/"+path, r)
		root.add(method, "users/{user}/"+path, r)
	}
	inFolder := func(method, path string, a access, h graphHandler) {
		mail(method, "messages/{message}"+path, a, h)
		mail(method, "mailFolders/{folder}/messages/{message}"+path, a, h)
	}

	top("GET", "users", readUsers, g.listUsers)
	top("GET", "organization", readTenant, g.listOrganization)
	top("GET", "applications/{application}", readApps, g.getApplication)
	top("GET", "applications(appid)/{appId}", readApps, g.getApplication)
	user("GET", "", readSelf, g.getUser)
	user("POST", "translateExchangeIds", readSelf, g.translateIDs)

	mail("GET", "mailFolders", readMail, g.listFolders)
	mail("POST", "mailFolders", writeMail, g.createFolder)
	mail("GET", "mailFolders/{folder}", readMail, g.getFolder)
	mail("PATCH", "mailFolders/{folder}", writeMail, g.updateFolder)
	mail("DELETE", "mailFolders/{folder}", writeMail, g.deleteFolder)
	mail("GET", "mailFolders/{folder}/childFolders", readMail, g.listChildFolders)
	mail("POST", "mailFolders/{folder}/childFolders", writeMail, g.createFolder)
	mail("GET", "mailFolders/{folder}/messages", readMail, g.listMessages)
	mail("POST", "mailFolders/{folder}/messages", writeMail, g.createMessage)
	mail("GET", "mailFolders/{folder}/messages/delta", readMail, g.deltaMessages)

	mail("GET", "messages", readMail, g.listMessages)
	mail("POST", "messages", writeMail, g.createMessage)
	inFolder("GET", "", readMail, g.getMessage)
	inFolder("PATCH", "", writeMail, g.updateMessage)
	inFolder("DELETE", "", writeMail, g.deleteMessage)
	inFolder("GET", "/$value", readBodies, g.getMIME)
	inFolder("POST", "/move", writeMail, g.moveMessage)
	inFolder("POST", "/copy", writeMail, g.copyMessage)
	inFolder("POST", "/send", sendMail, g.sendDraft)
	inFolder("POST", "/reply", sendMail, g.answerNow(replyToSender))
	inFolder("POST", "/replyAll", sendMail, g.answerNow(replyToAll))
	inFolder("POST", "/forward", sendMail, g.answerNow(forward))
	inFolder("POST", "/createReply", writeMail, g.answerDraft(replyToSender))
	inFolder("POST", "/createReplyAll", writeMail, g.answerDraft(replyToAll))
	inFolder("POST", "/createForward", writeMail, g.answerDraft(forward))
	inFolder("GET", "/attachments", readBodies, g.listAttachments)
	inFolder("POST", "/attachments", writeMail, g.addAttachment)
	inFolder("POST", "/attachments/createUploadSession", writeMail, g.createUpload)
	inFolder("GET", "/attachments/{attachment}", readBodies, g.getAttachment)
	inFolder("GET", "/attachments/{attachment}/$value", readBodies, g.getAttachmentValue)
	inFolder("DELETE", "/attachments/{attachment}", writeMail, g.deleteAttachment)
	mail("POST", "sendMail", sendMail, g.sendMail)

	top("GET", "subscriptions", anyToken, g.listSubscriptions)
	top("POST", "subscriptions", anyToken, g.createSubscription)
	top("GET", "subscriptions/{subscription}", anyToken, g.getSubscription)
	top("PATCH", "subscriptions/{subscription}", anyToken, g.updateSubscription)
	top("DELETE", "subscriptions/{subscription}", anyToken, g.deleteSubscription)
	top("POST", "subscriptions/{subscription}/reauthorize", anyToken, g.reauthorizeSubscription)
	return root
}

// find looks up the route of a path and keeps its parameters in the call.
func (g *graphAPI) find(c *call, path string) (*route, error) {
	segments, err := splitPath(path)
	if err != nil {
		return nil, err
	}
	c.vars = map[string]string{}
	node := g.routes
	for _, segment := range segments {
		next := node.literal[normalSegment(segment)]
		if next == nil && node.param != nil {
			next = node.param
			c.vars[next.name] = segment
		}
		if next == nil {
			return nil, badRequest("Resource not found for the segment '%s'.", segment)
		}
		node = next
	}
	r := node.methods[c.method]
	if r == nil {
		return nil, refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
	}
	return r, nil
}

// normalSegment takes from a literal what may surround it: delta() and
// microsoft.graph.delta are delta.
func normalSegment(s string) string {
	return strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(s), "()"), "microsoft.graph.")
}

// splitPath splits and unescapes a path; mailFolders('inbox') is read as
// mailFolders/inbox (OData: both forms of a key), and an alternate key such as
// applications(appId='x') as applications(appId)/x.
func splitPath(path string) ([]string, error) {
	var segments []string
	for raw := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		segment, err := url.PathUnescape(raw)
		if err != nil {
			return nil, badRequest("The request URI is malformed.")
		}
		name, key, keyed := strings.Cut(segment, "('")
		if keyed && strings.HasSuffix(key, "')") {
			segments = append(segments, name, strings.ReplaceAll(strings.TrimSuffix(key, "')"), "''", "'"))
			continue
		}
		if name, key, keyed = strings.Cut(segment, "='"); keyed && strings.Contains(name, "(") && strings.HasSuffix(key, "')") {
			segments = append(segments, name+")", strings.TrimSuffix(key, "')"))
			continue
		}
		segments = append(segments, segment)
	}
	return segments, nil
}
