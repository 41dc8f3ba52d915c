package m365sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// valueKind is what a column holds, which says what it can be compared with.
type valueKind int

const (
	textValue valueKind = iota
	boolValue
	timeValue
	numberValue
)

// column is where SQL finds a property.
type column struct {
	sql  string
	kind valueKind
}

// filterSchema translates property paths to columns, and the collections that
// any() may look into to a table and the schema of its items.
type filterSchema struct {
	property   func(path string) (column, bool)
	collection func(path string) (table string, item filterSchema, ok bool)
}

// compiledFilter is a $filter as SQL.
type compiledFilter struct {
	sql   string
	args  []any
	paths []string // the properties in the order they appear
}

// compileFilter translates an OData $filter: comparisons, in, and, or, not,
// contains, startswith, endswith and any.
func compileFilter(text string, schema filterSchema) (compiledFilter, error) {
	c := filterCompiler{text: text, schema: schema}
	if err := c.tokenise(); err != nil {
		return compiledFilter{}, err
	}
	sql, err := c.disjunction()
	if err != nil {
		return compiledFilter{}, err
	}
	if c.at < len(c.tokens) {
		return compiledFilter{}, c.malformed()
	}
	return compiledFilter{sql: sql, args: c.args, paths: c.paths}, nil
}

type filterToken struct {
	text   string
	quoted bool
}

type filterCompiler struct {
	text     string
	schema   filterSchema
	variable string // of the any() being compiled
	tokens   []filterToken
	at       int
	args     []any
	paths    []string
}

func (c *filterCompiler) malformed() error {
	return badRequest("Invalid filter clause: the expression '%s' is not valid.", c.text)
}

func (c *filterCompiler) tokenise() error {
	rest := []rune(c.text)
	for len(rest) > 0 {
		switch r := rest[0]; {
		case unicode.IsSpace(r):
			rest = rest[1:]
		case strings.ContainsRune("(),", r):
			c.tokens = append(c.tokens, filterToken{text: string(r)})
			rest = rest[1:]
		case r == '\'':
			value, n := quotedString(rest)
			if n == 0 {
				return c.malformed()
			}
			c.tokens = append(c.tokens, filterToken{text: value, quoted: true})
			rest = rest[n:]
		default:
			n := 1
			for n < len(rest) && !unicode.IsSpace(rest[n]) && !strings.ContainsRune("(),'", rest[n]) {
				n++
			}
			c.tokens = append(c.tokens, filterToken{text: string(rest[:n])})
			rest = rest[n:]
		}
	}
	return nil
}

// quotedString reads a string literal, in which ” is one quote, and returns
// how many runes it took; 0 when it does not end.
func quotedString(rest []rune) (string, int) {
	var value strings.Builder
	for i := 1; i < len(rest); i++ {
		if rest[i] != '\'' {
			value.WriteRune(rest[i])
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '\'' {
			value.WriteRune('\'')
			i++
			continue
		}
		return value.String(), i + 1
	}
	return "", 0
}

// peek tells whether the next token is this word, ignoring case.
func (c *filterCompiler) peek(word string) bool {
	return c.at < len(c.tokens) && !c.tokens[c.at].quoted && strings.EqualFold(c.tokens[c.at].text, word)
}

func (c *filterCompiler) accept(word string) bool {
	if !c.peek(word) {
		return false
	}
	c.at++
	return true
}

func (c *filterCompiler) next() (filterToken, error) {
	if c.at >= len(c.tokens) {
		return filterToken{}, c.malformed()
	}
	c.at++
	return c.tokens[c.at-1], nil
}

func (c *filterCompiler) expect(word string) error {
	if !c.accept(word) {
		return c.malformed()
	}
	return nil
}

func (c *filterCompiler) disjunction() (string, error) { return c.chain("or", c.conjunction) }

func (c *filterCompiler) conjunction() (string, error) { return c.chain("and", c.negation) }

func (c *filterCompiler) chain(word string, operand func() (string, error)) (string, error) {
	sql, err := operand()
	for err == nil && c.accept(word) {
		var right string
		right, err = operand()
		sql = "(" + sql + " " + strings.ToUpper(word) + " " + right + ")"
	}
	return sql, err
}

func (c *filterCompiler) negation() (string, error) {
	if c.accept("not") {
		sql, err := c.negation()
		return "(NOT " + sql + ")", err
	}
	if c.accept("(") {
		sql, err := c.disjunction()
		if err != nil {
			return "", err
		}
		return "(" + sql + ")", c.expect(")")
	}
	return c.term()
}

func (c *filterCompiler) term() (string, error) {
	word, err := c.next()
	if err != nil || word.quoted {
		return "", c.malformed()
	}
	switch name := strings.ToLower(word.text); {
	case name == "contains" || name == "startswith" || name == "endswith":
		return c.textFunction(name)
	case strings.HasSuffix(name, "/any"):
		return c.any(word.text[:len(word.text)-len("/any")])
	}
	return c.comparison(word.text)
}

func (c *filterCompiler) textFunction(name string) (string, error) {
	if err := c.expect("("); err != nil {
		return "", err
	}
	path, err := c.next()
	if err != nil {
		return "", err
	}
	col, err := c.column(path.text)
	if err != nil {
		return "", err
	}
	if err := c.expect(","); err != nil {
		return "", err
	}
	value, err := c.next()
	if err != nil || !value.quoted || col.kind != textValue {
		return "", c.malformed()
	}
	pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value.text)
	if name != "startswith" {
		pattern = "%" + pattern
	}
	if name != "endswith" {
		pattern += "%"
	}
	c.args = append(c.args, pattern)
	return col.sql + ` LIKE ? ESCAPE '\'`, c.expect(")")
}

// any compiles collection/any(x:condition on x).
func (c *filterCompiler) any(path string) (string, error) {
	if c.schema.collection == nil {
		return "", c.malformed()
	}
	table, item, ok := c.schema.collection(path)
	if !ok {
		return "", unknownProperty(path)
	}
	if err := c.expect("("); err != nil {
		return "", err
	}
	word, err := c.next()
	if err != nil {
		return "", err
	}
	variable, rest, found := strings.Cut(word.text, ":")
	if !found {
		return "", c.malformed()
	}
	if rest != "" { // "x:x/id" came as one word
		c.at--
		c.tokens[c.at].text = rest
	}
	c.paths = append(c.paths, path)
	outer, outerVariable := c.schema, c.variable
	c.schema, c.variable = item, variable
	sql, err := c.disjunction()
	c.schema, c.variable = outer, outerVariable
	if err != nil {
		return "", err
	}
	return "EXISTS (SELECT 1 FROM " + table + " AND " + sql + ")", c.expect(")")
}

func (c *filterCompiler) column(path string) (column, error) {
	if c.variable != "" {
		path = strings.TrimPrefix(strings.TrimPrefix(path, c.variable), "/")
	} else {
		c.paths = append(c.paths, path)
	}
	col, ok := c.schema.property(path)
	if !ok {
		return column{}, unknownProperty(path)
	}
	return col, nil
}

func unknownProperty(path string) error {
	return refuse(400, "RequestBroker--ParseUri", "Could not find a property named '%s' on the type of this resource.", path)
}

func (c *filterCompiler) comparison(path string) (string, error) {
	col, err := c.column(path)
	if err != nil {
		return "", err
	}
	if col.kind == boolValue && !c.followedByOperator() {
		return col.sql, nil
	}
	op, err := c.next()
	if err != nil {
		return "", err
	}
	if strings.EqualFold(op.text, "in") {
		return c.membership(col)
	}
	operators := map[string]string{"eq": "IS", "ne": "IS NOT", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
	operator, ok := operators[strings.ToLower(op.text)]
	if !ok {
		return "", c.malformed()
	}
	if err := c.operand(col); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s ?", col.sql, operator), nil
}

func (c *filterCompiler) followedByOperator() bool {
	for _, op := range []string{"eq", "ne", "in"} {
		if c.peek(op) {
			return true
		}
	}
	return false
}

func (c *filterCompiler) membership(col column) (string, error) {
	if err := c.expect("("); err != nil {
		return "", err
	}
	var marks []string
	for {
		if err := c.operand(col); err != nil {
			return "", err
		}
		marks = append(marks, "?")
		if !c.accept(",") {
			break
		}
	}
	return col.sql + " IN (" + strings.Join(marks, ", ") + ")", c.expect(")")
}

// operand reads a literal of the column's kind.
func (c *filterCompiler) operand(col column) error {
	value, err := c.next()
	if err != nil {
		return err
	}
	if !value.quoted && strings.EqualFold(value.text, "null") {
		c.args = append(c.args, nil)
		return nil
	}
	switch col.kind {
	case boolValue:
		if value.quoted || !strings.EqualFold(value.text, "true") && !strings.EqualFold(value.text, "false") {
			return c.malformed()
		}
		c.args = append(c.args, strings.EqualFold(value.text, "true"))
	case timeValue:
		// A bare date is allowed and means its first moment.
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, value.text); err == nil {
				c.args = append(c.args, millis(t))
				return nil
			}
		}
		return c.malformed()
	case numberValue:
		n, err := strconv.ParseInt(value.text, 10, 64)
		if err != nil {
			return c.malformed()
		}
		c.args = append(c.args, n)
	default:
		if !value.quoted {
			return c.malformed()
		}
		c.args = append(c.args, value.text)
	}
	return nil
}
