package m365sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// defaultUserProperties come without $select (List users).
var defaultUserProperties = []string{
	"businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone",
	"officeLocation", "preferredLanguage", "surname", "userPrincipalName",
}

// userProperties is a user as Graph shows it, with all properties.
func userProperties(u User) map[string]any {
	p := map[string]any{
		"id": u.ID, "userPrincipalName": u.UserPrincipalName, "displayName": u.DisplayName,
		"givenName": nullable(u.GivenName), "surname": nullable(u.Surname), "jobTitle": nullable(u.JobTitle),
		"mail": nil, "mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil, "businessPhones": []string{},
		"accountEnabled": !u.Disabled && !u.Shared, "assignedLicenses": licences(u), "userType": "Member", "otherMails": []string{}, "proxyAddresses": []string{},
		"mailNickname": strings.Split(u.UserPrincipalName, "@")[0],
	}
	if !u.NoMailbox {
		proxies := []string{"SMTP:" + u.UserPrincipalName}
		for _, alias := range u.Aliases {
			proxies = append(proxies, "smtp:"+alias)
		}
		p["mail"], p["proxyAddresses"] = u.UserPrincipalName, proxies
	}
	return p
}

// licences are what is assigned to a user. A shared mailbox below 50 GB needs
// none (About shared mailboxes).
func licences(u User) []any {
	if u.NoMailbox || u.Shared {
		return []any{}
	}
	return []any{map[string]any{"skuId": exchangePlan, "disabledPlans": []string{}}}
}

// exchangePlan is Exchange Online (Plan 1) (Product names and service plan identifiers for licensing).
const exchangePlan = "4b9405b0-7788-4568-add1-99614e613b69"

// basicProfile is all that User.ReadBasic.All lets an application see
// (Microsoft Graph permissions reference).
var basicProfile = []string{"displayName", "givenName", "id", "mail", "surname", "userPrincipalName"}

// asksTooMuch tells whether a call asks for more of a user than its token may see.
func asksTooMuch(c *call) bool {
	if !c.token.appOnly() || slices.Contains(c.token.roles, "User.Read.All") {
		return false
	}
	return slices.ContainsFunc(c.query.selected, func(name string) bool { return !slices.Contains(basicProfile, name) })
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// showUser keeps the selected properties; the id is always there.
func showUser(all map[string]any, selected []string) (map[string]any, error) {
	if selected == nil {
		selected = defaultUserProperties
	}
	out := map[string]any{}
	for _, name := range selected {
		value, ok := all[name]
		if !ok {
			return nil, badRequest("Could not find a property named '%s' on type 'microsoft.graph.user'.", name)
		}
		out[name] = value
	}
	return out, nil
}

func (g *graphAPI) getUser(c *call) (answer, error) {
	if !c.token.appOnly() && c.user.ID != c.token.userID && !readUsers.allows(c.token.scopes, false) {
		return answer{}, errPrivileges
	}
	if asksTooMuch(c) {
		return answer{}, errPrivileges
	}
	out, err := showUser(userProperties(c.user.User), c.query.selected)
	if err != nil {
		return answer{}, err
	}
	out["@odata.context"] = c.contextURL("users/$entity")
	return reply(http.StatusOK, out), nil
}

func userSchema() filterSchema {
	all := userProperties(User{UserPrincipalName: "a@b"})
	return filterSchema{collection: userCollection, property: func(path string) (column, bool) {
		value, ok := all[path]
		kind := textValue
		if _, isBool := value.(bool); isBool {
			kind = boolValue
		}
		return column{sql: "json_extract(properties, '$." + path + "') COLLATE NOCASE", kind: kind}, ok
	}}
}

// userCollection is where any() finds the addresses of a user; text is compared
// without regard to case.
func userCollection(path string) (table string, item filterSchema, ok bool) {
	if path != "proxyAddresses" {
		return "", filterSchema{}, false
	}
	return "json_each(person.properties, '$.proxyAddresses') item WHERE TRUE", filterSchema{property: func(path string) (column, bool) {
		return column{"item.value COLLATE NOCASE", textValue}, path == ""
	}}, true
}

// listUsers pages by a skip token that names the last mailbox seen.
func (g *graphAPI) listUsers(c *call) (answer, error) {
	if asksTooMuch(c) {
		return answer{}, errPrivileges
	}
	where, args := "mailbox > ?", []any{0}
	if token := c.query.values.Get("$skiptoken"); token != "" {
		_, last, ok := parseFolderID(token)
		if !ok {
			return answer{}, refuse(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
		}
		args[0] = last
	}
	if c.query.filter != "" {
		if err := requireEventual(c); err != nil {
			return answer{}, err
		}
		f, err := compileFilter(c.query.filter, userSchema())
		if err != nil {
			return answer{}, err
		}
		where, args = where+" AND "+f.sql, append(args, f.args...)
	}
	size := 100
	if c.query.top > 0 {
		size = min(c.query.top, 999)
	}
	query := adHoc + fmt.Sprintf("SELECT mailbox, properties FROM person WHERE %s ORDER BY mailbox LIMIT %d", where, size+1)
	list, last := []any{}, int64(0)
	more := false
	err := each(g.exchange.db, query, func(scan func(...any) error) error {
		if len(list) == size {
			more = true
			return nil
		}
		var raw []byte
		if err := scan(&last, &raw); err != nil {
			return err
		}
		var all map[string]any
		if err := json.Unmarshal(raw, &all); err != nil {
			return err
		}
		shown, err := showUser(all, c.query.selected)
		list = append(list, shown)
		return err
	}, args...)
	if err != nil {
		return answer{}, err
	}
	out := map[string]any{"@odata.context": c.contextURL("users"), "value": list}
	if more {
		out["@odata.nextLink"] = c.link("users", "$skiptoken", folderID(0, last))
	}
	return reply(http.StatusOK, out), nil
}

// requireEventual refuses what needs ConsistencyLevel: eventual and $count
// (Advanced query capabilities on Microsoft Entra ID objects).
func requireEventual(c *call) error {
	words := strings.Fields(strings.ToLower(c.query.filter))
	advanced := slices.Contains(words, "ne") || slices.Contains(words, "not") || strings.Contains(strings.ToLower(c.query.filter), "endswith(") || len(c.query.orderBy) > 0
	if advanced && (!strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual") || !c.query.count) {
		return refuse(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified for this resource.")
	}
	return nil
}

// link is the current request's path and query with one parameter replaced.
func (c *call) link(path, name, value string) string {
	values := maps.Clone(c.query.values)
	values.Del("$skiptoken")
	values.Set(name, value)
	return c.base + "/v1.0/" + path + "?" + encodeQuery(values)
}

func (g *graphAPI) listOrganization(c *call) (answer, error) {
	org := g.dir.organisation()
	return reply(http.StatusOK, map[string]any{
		"@odata.context": c.contextURL("organization"),
		"value": []any{map[string]any{
			"id": org.ID, "displayName": org.Name,
			"verifiedDomains": []any{map[string]any{"name": org.Domain, "isDefault": true, "isInitial": true, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline"}},
		}},
	}), nil
}

// translateIDs converts between the id formats of mail items (user:
// translateExchangeIds). The binary formats are not among them here.
func (g *graphAPI) translateIDs(c *call) (answer, error) {
	var in struct {
		InputIDs     []string `json:"inputIds"`
		SourceIDType string   `json:"sourceIdType"`
		TargetIDType string   `json:"targetIdType"`
	}
	if err := c.decodeBody(&in); err != nil {
		return answer{}, err
	}
	if len(in.InputIDs) > 1000 {
		return answer{}, badRequest("The collection of ids is larger than 1000.")
	}
	for _, kind := range []string{in.SourceIDType, in.TargetIDType} {
		if kind != "restId" && kind != "restImmutableEntryId" {
			return answer{}, badRequest("The id format '%s' cannot be converted.", kind)
		}
	}
	list := []any{}
	for _, source := range in.InputIDs {
		id, ok := parseMessageID(source)
		if !ok {
			continue
		}
		m, err := findMessage(g.exchange.db, c.user.mailbox, id, false)
		if err != nil {
			continue
		}
		list = append(list, map[string]any{"sourceId": source, "targetId": m.identity(in.TargetIDType == "restImmutableEntryId").String()})
	}
	return reply(http.StatusOK, map[string]any{"@odata.context": c.contextURL("Collection(microsoft.graph.convertIdResult)"), "value": list}), nil
}
