package m365sim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// queryOptions are the OData system query options of one request (Use query
// parameters to customize responses). The "$" is optional in v1.0.
type queryOptions struct {
	selected []string
	filter   string
	orderBy  []order
	expand   []string
	search   string
	top      int // 0: not given
	skip     int
	count    bool
	values   url.Values // with all names as "$name", for links
}

type order struct {
	path       string
	descending bool
}

func parseQuery(raw string) (queryOptions, error) {
	given, err := url.ParseQuery(raw)
	if err != nil {
		return queryOptions{}, badRequest("The query string is malformed.")
	}
	q := queryOptions{values: url.Values{}}
	for name, values := range given {
		name = strings.ToLower(strings.TrimPrefix(name, "$"))
		if !slices.Contains([]string{"includehiddenfolders", "changetype"}, name) {
			name = "$" + name
		}
		q.values[name] = values
		if err := q.set(name, values[0]); err != nil {
			return queryOptions{}, err
		}
	}
	return q, nil
}

func (q *queryOptions) set(name, value string) error {
	var err error
	switch name {
	case "$select":
		for property := range strings.SplitSeq(value, ",") {
			if property = strings.TrimSpace(property); property != "" {
				q.selected = append(q.selected, property)
			}
		}
	case "$filter":
		q.filter = value
	case "$orderby":
		q.orderBy = parseOrder(value)
	case "$expand":
		q.expand = splitOutside(value, ',')
	case "$search":
		q.search = strings.Trim(value, `"`)
	case "$count":
		q.count = strings.EqualFold(value, "true")
	case "$top":
		q.top, err = strconv.Atoi(value)
		if err != nil || q.top < 1 || q.top > 1000 {
			return badRequest("Invalid value '%s' for $top query option found. The $top query option requires a number between 1 and 1000.", value)
		}
	case "$skip":
		q.skip, err = strconv.Atoi(value)
		if err != nil || q.skip < 0 {
			return badRequest("Invalid value '%s' for $skip query option found.", value)
		}
	}
	return nil
}

func parseOrder(value string) []order {
	var list []order
	for term := range strings.SplitSeq(value, ",") {
		if fields := strings.Fields(term); len(fields) > 0 {
			list = append(list, order{path: fields[0], descending: len(fields) > 1 && strings.EqualFold(fields[1], "desc")})
		}
	}
	return list
}

// splitOutside splits at sep where it is not inside brackets or quotes.
func splitOutside(s string, sep byte) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == sep && depth == 0:
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

// encodeQuery writes a query with "$" in the clear, as Graph's links have it.
func encodeQuery(v url.Values) string { return strings.ReplaceAll(v.Encode(), "%24", "$") }

// preferences are what the Prefer header asks for (RFC 7240).
type preferences struct {
	immutable   bool // IdType="ImmutableId"
	pageSize    int  // odata.maxpagesize=n
	bodyType    string
	allowUnsafe bool
}

func parsePreferences(values []string) preferences {
	var p preferences
	for _, value := range values {
		for _, term := range splitOutside(value, ',') {
			name, arg, _ := strings.Cut(term, "=")
			arg = strings.Trim(strings.TrimSpace(arg), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "idtype":
				p.immutable = strings.EqualFold(arg, "ImmutableId")
			case "odata.maxpagesize", "maxpagesize":
				p.pageSize, _ = strconv.Atoi(arg)
			case "outlook.body-content-type":
				p.bodyType = strings.ToLower(arg)
			case "outlook.allow-unsafe-html":
				p.allowUnsafe = true
			}
		}
	}
	return p
}

// applied is the Preference-Applied header for what was honoured.
func (p preferences) applied() string {
	var list []string
	if p.immutable {
		list = append(list, `IdType="ImmutableId"`)
	}
	if p.pageSize > 0 {
		list = append(list, "odata.maxpagesize="+strconv.Itoa(p.pageSize))
	}
	if p.bodyType != "" {
		list = append(list, `outlook.body-content-type="`+p.bodyType+`"`)
	}
	return strings.Join(list, ", ")
}
