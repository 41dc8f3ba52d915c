package m365sim

import (
	"slices"
	"strings"
)

// permission is one permission of Microsoft Graph (permissions reference).
type permission struct {
	name        string
	words       string // what the consent page says
	delegated   bool
	application bool
	admin       bool // the delegated form needs an administrator
}

// permissions the simulator knows; a scope that is not among them does not exist.
func permissions() []permission {
	return []permission{
		{name: "openid", words: "Sign you in", delegated: true},
		{name: "profile", words: "View your basic profile", delegated: true},
		{name: "email", words: "View your email address", delegated: true},
		{name: "offline_access", words: "Maintain access to data you have given it access to", delegated: true},
		{name: "User.Read", words: "Sign you in and read your profile", delegated: true},
		{name: "User.ReadBasic.All", words: "Read all users' basic profiles", delegated: true, application: true},
		{name: "User.Read.All", words: "Read all users' full profiles", delegated: true, application: true, admin: true},
		{name: "Mail.ReadBasic", words: "Read your basic mail", delegated: true, application: true},
		{name: "Mail.ReadBasic.All", words: "Read basic mail in all mailboxes", application: true},
		{name: "Mail.Read", words: "Read your mail", delegated: true, application: true},
		{name: "Mail.ReadWrite", words: "Read and write access to your mail", delegated: true, application: true},
		{name: "Mail.Send", words: "Send mail as you", delegated: true, application: true},
		{name: "MailboxSettings.Read", words: "Read your mailbox settings", delegated: true, application: true},
		{name: "Application.Read.All", words: "Read applications", delegated: true, application: true, admin: true},
		{name: "Organization.Read.All", words: "Read organization information", delegated: true, application: true, admin: true},
		{name: "Presence.Read", words: "Read your presence information", delegated: true},
		{name: "Presence.Read.All", words: "Read presence information of all users in your organization", delegated: true, application: true},
		{name: "Presence.ReadWrite", words: "Read and write your presence information", delegated: true},
		{name: "Presence.ReadWrite.All", words: "Read and write presence information for all users", application: true},
	}
}

// findPermission finds a permission by name, ignoring case as Entra does.
func findPermission(name string) (permission, bool) {
	for _, p := range permissions() {
		if strings.EqualFold(p.name, name) {
			return p, true
		}
	}
	return permission{}, false
}

// graphResource is the identifier of Microsoft Graph that scopes may start with.
const graphResource = "https://graph.microsoft.com/"

// access says which permissions let a call through; any one is enough.
type access struct {
	delegated   []string
	application []string
	directory   bool // a directory call: denied in the directory's words
}

// What calls need (permissions reference; the page of each call). Wider
// permissions include narrower ones.
var (
	readMail   = access{delegated: []string{"Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"}, application: []string{"Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite"}}
	readBodies = access{delegated: []string{"Mail.Read", "Mail.ReadWrite"}, application: []string{"Mail.Read", "Mail.ReadWrite"}}
	writeMail  = access{delegated: []string{"Mail.ReadWrite"}, application: []string{"Mail.ReadWrite"}}
	sendMail   = access{delegated: []string{"Mail.Send"}, application: []string{"Mail.Send"}}
	readSelf   = access{delegated: []string{"User.Read", "User.ReadBasic.All", "User.Read.All"}, application: []string{"User.ReadBasic.All", "User.Read.All"}, directory: true}
	readUsers  = access{delegated: []string{"User.ReadBasic.All", "User.Read.All"}, application: []string{"User.ReadBasic.All", "User.Read.All"}, directory: true}
	readApps   = access{delegated: []string{"Application.Read.All"}, application: []string{"Application.Read.All"}, directory: true}
	readTenant = access{delegated: []string{"User.Read", "Organization.Read.All"}, application: []string{"Organization.Read.All"}, directory: true}
	anyToken   = access{}
)

// allows tells whether a token with these scopes or roles may pass.
func (a access) allows(granted []string, appOnly bool) bool {
	need := a.delegated
	if appOnly {
		need = a.application
	}
	if len(a.delegated) == 0 && len(a.application) == 0 {
		return true
	}
	return slices.ContainsFunc(need, func(p string) bool { return slices.Contains(granted, p) })
}
