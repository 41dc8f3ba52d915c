package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/problem"
	"tandem/text"
)

// Limits of a query.
const (
	MaxQuery = 4000 // characters
	maxTerms = 60   // words, phrases and properties
)

// ResultType is what a result of a search is, as the Zendesk API names it.
type ResultType string

// The types.
const (
	TicketResult       ResultType = "ticket"
	UserResult         ResultType = "user"
	OrganizationResult ResultType = "organization"
	GroupResult        ResultType = "group"
)

// ResultTypes are all of them, in the order in which they are shown.
var ResultTypes = []ResultType{TicketResult, UserResult, OrganizationResult, GroupResult}

// Query is what somebody searches for, in Zendesk's language: words, "phrases"
// and properties such as status<solved, each of which may be excluded with "-".
type Query struct {
	Types      []ResultType // any of these; empty: all that can have the properties
	Text       []text.Term
	Sort       Sort // empty: as somebody else decides
	Descending bool

	asked []asked
}

// customField begins the names of custom fields in queries.
const customField = "custom_field_"

// asked is a property with what is asked of it.
type asked struct {
	property *queryProperty
	name     string // as it was written
	operator string
	value    string
	quoted   bool
	not      bool
}

// What has a property.
var (
	ofTickets = []ResultType{TicketResult}
	ofPeople  = []ResultType{UserResult}
	ofBoth    = []ResultType{TicketResult, UserResult}
	ofTagged  = []ResultType{TicketResult, UserResult, OrganizationResult}
	ofNamed   = []ResultType{UserResult, OrganizationResult, GroupResult}
)

// queryProperty is what a query can ask for by its name.
type queryProperty struct {
	name     string
	of       []ResultType // empty: everything
	compares bool         // < and > as well
	lacking  bool         // Zendesk has it, and no ticket here has it
	text     text.Part
	read     func(*Query, *asked) error // nil: resolved when the search runs
}

var queryProperties = func() map[string]*queryProperty {
	all := map[string]*queryProperty{}
	for _, p := range []*queryProperty{
		{name: "type", read: readType},
		{name: "order_by", read: readOrder},
		{name: "sort", read: readDirection},
		{name: "status", of: ofTickets, compares: true},
		{name: "priority", of: ofTickets, compares: true},
		{name: "ticket_type", of: ofTickets},
		{name: "via", of: ofTickets},
		{name: "id", of: ofTickets},
		{name: "external_id", of: ofTickets},
		{name: "recipient", of: ofTickets},
		{name: "tags", of: ofTagged},
		{name: "assignee", of: ofTickets},
		{name: "requester", of: ofTickets},
		{name: "submitter", of: ofTickets},
		{name: "cc", of: ofTickets},
		{name: "commenter", of: ofTickets},
		{name: "group", of: ofTickets},
		{name: "brand", of: ofTickets},
		{name: "organization", of: ofBoth},
		{name: "created", of: ofTickets, compares: true},
		{name: "updated", of: ofTickets, compares: true},
		{name: "solved", of: ofTickets, compares: true},
		{name: "due_date", of: ofTickets, compares: true},
		{name: "has_attachment", of: ofTickets},
		{name: "form", of: ofTickets, lacking: true},
		{name: "ticket_form_id", of: ofTickets, lacking: true},
		{name: "satisfaction", of: ofTickets, lacking: true},
		{name: "subject", of: ofTickets, text: text.Title},
		{name: "description", of: ofTickets, text: text.Said},
		{name: "comment", of: ofTickets, text: text.Said},
		{name: "fieldvalue", of: ofTickets, text: text.Details},
		{name: "name", of: ofNamed, text: text.Title},
		{name: "email", of: ofPeople, text: text.People},
		{name: "phone", of: ofPeople, text: text.People},
		{name: "role", of: ofPeople},
	} {
		all[p.name] = p
	}
	for alias, name := range map[string]string{
		"tag": "tags", "ticket_id": "id", "team": "group", "ccs": "cc", "collaborator": "cc", "channel": "via",
		"field_value": "fieldvalue", "created_at": "created", "updated_at": "updated", "solved_at": "solved", "due_at": "due_date", "result_type": "type",
	} {
		all[alias] = all[name]
	}
	return all
}()

// ParseQuery reads a query, or says what in it cannot be understood.
func ParseQuery(s string) (*Query, error) {
	if utf8.RuneCountInString(s) > MaxQuery {
		return nil, problem.New(problem.Invalid, "query_too_long", "The search is longer than %d characters.", MaxQuery).
			On(problem.Yours, "Search for fewer words.").In("query")
	}
	q := new(Query)
	count := 0
	for item := range queryItems(strings.ToValidUTF8(s, " ")) {
		if count++; count > maxTerms {
			return nil, problem.New(problem.Invalid, "query_too_many_terms", "The search has more than %d words and conditions.", maxTerms).
				On(problem.Yours, "Search for fewer words.").In("query")
		}
		if err := q.take(item); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// queryItem is a piece of a query between blanks: -name>="value".
type queryItem struct {
	not      bool
	name     string // empty: only a value
	operator string
	value    string
	quoted   bool
	whole    string // as it stands there, without the minus
}

// queryItems cuts a query at the blanks outside quotation marks. A mark that is
// never closed goes to the end.
func queryItems(s string) func(yield func(queryItem) bool) {
	return func(yield func(queryItem) bool) {
		for {
			s = strings.TrimLeftFunc(s, unicode.IsSpace)
			if s == "" {
				return
			}
			var item queryItem
			if item, s = cutItem(s); !yield(item) {
				return
			}
		}
	}
}

func cutItem(s string) (item queryItem, rest string) {
	if trimmed, ok := strings.CutPrefix(s, "-"); ok && trimmed != "" {
		item.not, s = true, trimmed
	}
	start := s
	item.name, item.operator, s = cutName(s)
	for _, marks := range []string{`""`, "“”", "„“", "「」"} {
		opening, size := utf8.DecodeRuneInString(marks)
		if opening == '「' && item.name == "" {
			continue // in Japanese these also stand within what is meant
		}
		after, ok := strings.CutPrefix(s, string(opening))
		if !ok {
			continue
		}
		value, rest, closed := strings.Cut(after, marks[size:])
		item.value, item.quoted = value, true
		if closed && strings.HasPrefix(rest, "*") {
			item.value, rest = value+"*", rest[1:]
		}
		item.whole = start[:len(start)-len(rest)]
		return item, rest
	}
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		end = len(s)
	}
	item.value, rest = s[:end], s[end:]
	item.whole = start[:len(start)-len(rest)]
	return item, rest
}

// cutName cuts a name with its operator from the beginning, when there is one.
func cutName(s string) (name, operator, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !(r == '_' || r == '.' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	})
	if end <= 0 {
		return "", "", s
	}
	for _, operator := range []string{">=", "<=", ":", "：", ">", "<"} {
		if rest, ok := strings.CutPrefix(s[end:], operator); ok {
			if operator == "：" { // as Japanese keyboards write it
				operator = ":"
			}
			return strings.ToLower(s[:end]), operator, rest
		}
	}
	return "", "", s
}

// take adds an item to the query.
func (q *Query) take(item queryItem) error {
	property := queryProperties[item.name]
	if property == nil && strings.HasPrefix(item.name, customField) {
		property = &queryProperty{name: item.name, of: ofTickets, compares: true}
	}
	if property == nil {
		return q.takeWords(item)
	}
	a := &asked{property: property, name: item.name, operator: item.operator, value: strings.TrimSpace(item.value), quoted: item.quoted, not: item.not}
	if a.value == "" && !a.quoted {
		return a.wrong("Write what to search for behind %s%s.", a.name, a.operator)
	}
	if a.operator != ":" && !property.compares {
		return a.wrong("Write %s:%s; only instants, status and priority can be compared.", a.name, a.value)
	}
	switch {
	case property.read != nil:
		return property.read(q, a)
	case property.text != "":
		q.Text = append(q.Text, termOf(a.value, a.quoted, a.not, property.text))
		if property.of != nil {
			q.asked = append(q.asked, *a)
		}
		return nil
	}
	q.asked = append(q.asked, *a)
	return nil
}

// takeWords adds words. What looks like a property, and is none, is a mistake
// when a property is called nearly so; otherwise it is what somebody pasted.
func (q *Query) takeWords(item queryItem) error {
	if item.name == "" {
		q.Text = append(q.Text, termOf(item.value, item.quoted, item.not, ""))
		return nil
	}
	near := nearest(item.name)
	if near != "" && item.value != "" && !strings.HasPrefix(item.value, "//") {
		return problem.New(problem.Invalid, "query_property_unknown", "There is no property %q to search by.", item.name).
			On(problem.Yours, fmt.Sprintf("Did you mean %s? To search for the words, put them in quotation marks.", near)).
			In("query").With("property", item.name).With("suggestion", near)
	}
	q.Text = append(q.Text, termOf(item.whole, true, item.not, ""))
	return nil
}

// minPrefix is how many letters of a word must be known before longer ones are found by it.
const minPrefix = 4

// termOf makes a term of words. As in Zendesk, a word is also found at the
// beginning of a longer one, a phrase only as it is; numbers and few letters
// would find too much.
func termOf(value string, quoted, not bool, in text.Part) text.Term {
	bare, wild := strings.CutSuffix(value, "*")
	letters := 0
	for _, r := range bare {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return text.Term{Text: bare, In: in, Not: not, Wild: wild, Prefix: !quoted && letters >= minPrefix}
}

// Terms are the words of a text, all of them to be found.
func Terms(words string) (all []text.Term) {
	for word := range strings.FieldsSeq(words) {
		all = append(all, termOf(word, false, false, ""))
	}
	return all
}

// nearest gives the property whose name differs least from a name, in two letters at most.
func nearest(name string) string {
	best, least := "", 3
	for _, known := range slices.Sorted(maps.Keys(queryProperties)) {
		if d := editDistance(name, known); d < least && d < len(name)-1 {
			best, least = queryProperties[known].name, d
		}
	}
	return best
}

// editDistance is how many letters must be put in, left out or replaced (Levenshtein).
func editDistance(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (a *asked) wrong(format string, args ...any) error {
	return problem.New(problem.Invalid, "query_value", "%s%s%s cannot be searched for.", a.name, a.operator, a.value).
		On(problem.Yours, fmt.Sprintf(format, args...)).In("query").With("property", a.name).With("value", a.value)
}

func (a *asked) oneOf(words ...string) error {
	return a.wrong("Use one of %s.", strings.Join(words, ", "))
}

func readType(q *Query, a *asked) error {
	for _, name := range a.values() {
		t := ResultType(name)
		if !slices.Contains(ResultTypes, t) || a.not {
			return a.oneOf("ticket", "user", "organization", "group")
		}
		q.Types = append(q.Types, t)
	}
	return nil
}

// querySorts are the orders that a query can name.
var querySorts = map[string]Sort{
	"relevance": SortRelevance, "created": SortCreated, "created_at": SortCreated, "updated": SortUpdated, "updated_at": SortUpdated,
	"commented": SortUpdated, "status": SortStatus, "priority": SortPriority, "subject": SortSubject, "ticket_type": SortType, "due_date": SortDue,
}

func readOrder(q *Query, a *asked) error {
	order, ok := querySorts[strings.ToLower(a.value)]
	if !ok {
		return a.oneOf("relevance", "created", "updated", "status", "priority", "subject", "ticket_type", "due_date")
	}
	if q.Sort == "" {
		q.Descending = true
	}
	q.Sort = order
	return nil
}

func readDirection(q *Query, a *asked) error {
	switch strings.ToLower(a.value) {
	case "asc":
		q.Descending = false
	case "desc":
		q.Descending = true
	default:
		return a.oneOf("asc", "desc")
	}
	if q.Sort == "" {
		q.Sort = SortUpdated
	}
	return nil
}

// values gives the values that are meant: several are separated by commas.
func (a *asked) values() []string {
	if a.quoted {
		return []string{strings.ToLower(a.value)}
	}
	var all []string
	for value := range strings.SplitSeq(strings.ToLower(a.value), ",") {
		if value = strings.TrimSpace(value); value != "" {
			all = append(all, value)
		}
	}
	return all
}

// may tells whether something of the type can have all the properties that are asked for.
func (q *Query) may(t ResultType) bool {
	if len(q.Types) > 0 && !slices.Contains(q.Types, t) {
		return false
	}
	for _, a := range q.asked {
		if a.property.of != nil && !slices.Contains(a.property.of, t) {
			return false
		}
	}
	return true
}

// span reads the time that is asked for, in the zone of whoever asks: a day, a
// month, a year, a minute, or how long ago.
func (a *asked) span(now time.Time) (from, until time.Time, err error) {
	begin, end, ok := readTime(a.value, now)
	if !ok {
		return from, until, a.wrong("Write a date like 2026-03-01, a month like 2026-03, or how long ago, like 3days or 4hours.")
	}
	if a.operator == ":" && begin.Equal(end) { // within that time
		return begin, until, nil
	}
	switch a.operator {
	case ">":
		return end, until, nil
	case ">=":
		return begin, until, nil
	case "<":
		return from, begin, nil
	case "<=":
		return from, end, nil
	}
	return begin, end, nil
}

// queryTimes are the ways to write a time, and how long it lasts.
var queryTimes = []struct {
	layout              string
	years, months, days int
	short               time.Duration
}{
	{layout: "2006", years: 1},
	{layout: "2006-01", months: 1},
	{layout: "2006-01-02", days: 1},
	{layout: "2006/01/02", days: 1},
	{layout: "2006-01-02T15:04", short: time.Minute},
	{layout: "2006-01-02T15:04:05", short: time.Second},
	{layout: "2006-01-02T15:04Z07:00", short: time.Minute},
	{layout: time.RFC3339, short: time.Second},
}

func readTime(value string, now time.Time) (begin, end time.Time, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch strings.ToLower(value) {
	case "today":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), today, true
	case "tomorrow":
		return today.AddDate(0, 0, 1), today.AddDate(0, 0, 2), true
	}
	for _, t := range queryTimes {
		if at, err := time.ParseInLocation(t.layout, strings.ToUpper(value), now.Location()); err == nil {
			return at, at.AddDate(t.years, t.months, t.days).Add(t.short), true
		}
	}
	var n int
	var unit string
	if _, err := fmt.Sscanf(strings.ToLower(value), "%d%s", &n, &unit); err != nil || n < 0 || n > 100_000 {
		return begin, end, false
	}
	var ago time.Time
	switch strings.TrimSuffix(unit, "s") {
	case "minute", "min":
		ago = now.Add(-time.Duration(n) * time.Minute)
	case "hour":
		ago = now.Add(-time.Duration(n) * time.Hour)
	case "day":
		ago = now.AddDate(0, 0, -n)
	case "week":
		ago = now.AddDate(0, 0, -7*n)
	case "month":
		ago = now.AddDate(0, -n, 0)
	case "year":
		ago = now.AddDate(-n, 0, 0)
	default:
		return begin, end, false
	}
	return ago, ago, true
}
