package directory

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/problem"
)

// FieldID identifies a custom field.
type FieldID int64

// FieldOwner says what a custom field belongs to.
type FieldOwner string

// The owners of custom fields.
const (
	TicketFields       FieldOwner = "ticket"
	UserFields         FieldOwner = "user"
	OrganizationFields FieldOwner = "organization"
)

// FieldType says what values a custom field takes, as Zendesk's API names it.
type FieldType string

// The types of custom fields.
const (
	TextField        FieldType = "text"     // one line
	TextareaField    FieldType = "textarea" // several lines
	RegexpField      FieldType = "regexp"   // one line that a pattern fits
	IntegerField     FieldType = "integer"
	DecimalField     FieldType = "decimal"
	DateField        FieldType = "date"
	CheckboxField    FieldType = "checkbox"
	DropdownField    FieldType = "tagger"      // one of the options
	MultiselectField FieldType = "multiselect" // any of the options
)

// FieldTypes are all of them, in the order in which people choose among them.
var FieldTypes = []FieldType{
	TextField, TextareaField, DropdownField, MultiselectField, CheckboxField, IntegerField, DecimalField, DateField, RegexpField,
}

// Chooses tells whether the values are options.
func (t FieldType) Chooses() bool { return t == DropdownField || t == MultiselectField }

// Limits of custom fields.
const (
	MaxFields      = 400      // of each owner, as many as Zendesk suggests
	MaxOptions     = 2000     // of one field, as many as Zendesk allows
	MaxFieldTitle  = 200      // characters
	MaxFieldText   = 2000     // characters of a description
	MaxFieldValue  = 64 << 10 // bytes of one value
	MaxOptionName  = 200      // characters
	MaxOptionValue = 80       // characters, as many as a tag has
	MaxFieldKey    = 100      // characters
	MaxPattern     = 1000     // characters
	maxDigits      = 15       // of a number: as many as both databases compare exactly
)

// Field is the definition of a custom field: something that an organisation
// wants to know of each of its tickets, requesters or organizations.
type Field struct {
	ID               FieldID
	Owner            FieldOwner
	Type             FieldType // never changes
	Title            string
	Description      string // for those who fill it in
	AgentDescription string
	Key              string // of people and organizations: how the API names it; unique, never changes
	Active           bool   // an inactive one is not shown; its values stay
	Position         int    // 1 comes first
	Required         bool   // of tickets: needed to solve one
	Portal           PortalFlags
	Tag              string // of a checkbox of tickets: the tag that a checked one gives
	Pattern          string // of a RegexpField
	Options          []Option
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// PortalFlags say how requesters meet a field. They are kept for Zendesk's
// clients; Tandem has no portal.
type PortalFlags struct {
	Title    string // empty: the field's
	Visible  bool
	Editable bool
	Required bool
}

// OptionID identifies an option of a field.
type OptionID int64

// Option is a value to choose. In tickets its Value is a tag as well.
type Option struct {
	ID      OptionID
	Name    string
	Value   string
	Default bool // new tickets get it
}

// FieldValues are the values that somebody or something has, in their canonical
// form (see [Field.Read]); a field without a value is not among them.
type FieldValues map[FieldID]string

// With gives the values with one of them changed; the others are not shared.
func (v FieldValues) With(id FieldID, value string) FieldValues {
	changed := make(FieldValues, len(v)+1)
	for field, value := range v {
		changed[field] = value
	}
	if value == "" {
		delete(changed, id)
	} else {
		changed[id] = value
	}
	return changed
}

// FieldTx stores custom fields and their values.
type FieldTx interface {
	// ListFields gives the fields of an owner in their order, inactive ones included.
	ListFields(context.Context, FieldOwner) ([]*Field, error)
	GetField(context.Context, FieldOwner, FieldID) (*Field, error)
	InsertField(context.Context, *Field) error // sets ID, and those of new options
	UpdateField(context.Context, *Field) error // likewise
	// ConcealField makes a field disappear at once; see DeleteFieldValues.
	ConcealField(context.Context, FieldID) error
	// FieldTitle tells what a field is called, or was before it was deleted; empty
	// when there never was one.
	FieldTitle(context.Context, FieldID) (string, error)
	// DeleteFieldValues removes some values of a concealed field; 0 says that there
	// are none left.
	DeleteFieldValues(ctx context.Context, id FieldID, limit int) (int, error)
	// FieldRevision changes whenever a field does.
	FieldRevision(context.Context) (int64, error)
	// RaiseFieldRevision says that fields have changed. In an Update nobody else
	// changes them until that ends.
	RaiseFieldRevision(context.Context) error

	// ListFieldValues gives the values of several tickets, people or organizations.
	ListFieldValues(ctx context.Context, owner FieldOwner, ids []int64) (map[int64]FieldValues, error)
	// SaveFieldValues makes these the values of one. UpdateTicket does it for tickets.
	SaveFieldValues(ctx context.Context, owner FieldOwner, id int64, values FieldValues) error
	// CountFieldValues counts how many have a value in the field.
	CountFieldValues(context.Context, FieldID) (int, error)
}

// Read brings a value that somebody gives into its canonical form: numbers
// without needless digits, dates as 2026-03-02, a checked box as "true",
// several options in their order and separated by blanks. Nothing, and an
// unchecked box, is empty. had is the value so far: options that are no longer
// offered may stay. The problem names the field at fault.
func (f *Field) Read(values []string, had string) (string, error) {
	if f.Type == MultiselectField {
		return f.readOptions(values, had)
	}
	if len(values) > 1 {
		return "", f.refuse("field_single", "%s takes one value.", f.Title)
	}
	if len(values) == 0 {
		return "", nil
	}
	text := tidyText(values[0], f.Type == TextareaField)
	switch {
	case text == "":
		return "", nil
	case text == had:
		return text, nil
	case len(text) > MaxFieldValue:
		return "", f.refuse("field_too_long", "%s is longer than %d KiB.", f.Title, MaxFieldValue>>10)
	}
	switch f.Type {
	case IntegerField:
		return f.readInteger(text)
	case DecimalField:
		return f.readDecimal(text)
	case DateField:
		return f.readDate(text)
	case CheckboxField:
		return f.readCheck(text)
	case DropdownField:
		return f.readOption(text)
	case RegexpField:
		if fits, err := regexp.MatchString(f.Pattern, text); err != nil || !fits {
			return "", f.refuse("field_pattern", "%s does not have the form that is asked for.", f.Title)
		}
	}
	return text, nil
}

var (
	integer = regexp.MustCompile(`^[+-]?[0-9]+$`)
	decimal = regexp.MustCompile(`^([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?$`)
)

func (f *Field) readInteger(text string) (string, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if !integer.MatchString(text) {
		return "", f.refuse("field_not_integer", "%s takes a whole number, and %q is none.", f.Title, short(text))
	}
	if err != nil || len(strings.TrimLeft(strconv.FormatInt(n, 10), "-")) > maxDigits {
		return "", f.refuse("field_number_too_long", "%s takes numbers of at most %d digits.", f.Title, maxDigits)
	}
	return strconv.FormatInt(n, 10), nil
}

func (f *Field) readDecimal(text string) (string, error) {
	parts := decimal.FindStringSubmatch(text)
	if parts == nil || !strings.ContainsAny(text, "0123456789") {
		return "", f.refuse("field_not_decimal", "%s takes a number like 12.5, and %q is none.", f.Title, short(text))
	}
	sign, whole, rest := parts[1], parts[2], parts[3]
	if len(whole)+len(rest) > maxDigits {
		return "", f.refuse("field_number_too_long", "%s takes numbers of at most %d digits.", f.Title, maxDigits)
	}
	if whole == "" {
		whole = "0"
	}
	if rest != "" {
		rest = "." + rest
	}
	if sign != "-" || whole+rest == "0" {
		sign = ""
	}
	return sign + whole + rest, nil
}

// readDate takes an instant for the day that it names, as Zendesk's API writes days of people.
func (f *Field) readDate(text string) (string, error) {
	day, clock, _ := strings.Cut(text, "T")
	_, err := time.Parse(time.DateOnly, day)
	if err == nil && clock != "" {
		_, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return "", f.refuse("field_not_date", "%s takes a date like 2026-03-31, and %q is none.", f.Title, short(text))
	}
	return day, nil
}

func (f *Field) readCheck(text string) (string, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return "true", nil
	case "false", "0", "no", "off":
		return "", nil
	}
	return "", f.refuse("field_not_checkbox", "%s is either true or false.", f.Title)
}

func (f *Field) readOption(text string) (string, error) {
	if f.Option(text) == nil {
		return "", f.refuse("field_option_unknown", "%s has no option %q.", f.Title, short(text)).With("value", short(text))
	}
	return text, nil
}

func (f *Field) readOptions(values []string, had string) (string, error) {
	var chosen []string
	for _, value := range values {
		value = tidyText(value, false)
		if value == "" || slices.Contains(chosen, value) {
			continue
		}
		if !slices.Contains(strings.Fields(had), value) {
			if _, err := f.readOption(value); err != nil {
				return "", err
			}
		}
		chosen = append(chosen, value)
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return f.place(a) - f.place(b) })
	return strings.Join(chosen, " "), nil
}

// place is where an option stands; those that are no longer offered come last.
func (f *Field) place(value string) int {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == value })
	if i < 0 {
		return len(f.Options)
	}
	return i
}

// Option gives the option with the value; nil when there is none.
func (f *Field) Option(value string) *Option {
	if i := f.place(value); i < len(f.Options) {
		return &f.Options[i]
	}
	return nil
}

// Default is the value that something new has: the default option, or nothing.
func (f *Field) Default() string {
	for _, o := range f.Options {
		if o.Default {
			return o.Value
		}
	}
	return ""
}

// Shown is a canonical value as people read it: options by their names.
func (f *Field) Shown(value string) string {
	if !f.Type.Chooses() {
		return value
	}
	var names []string
	for one := range strings.FieldsSeq(value) {
		if o := f.Option(one); o != nil {
			one = o.Name
		}
		names = append(names, one)
	}
	return strings.Join(names, ", ")
}

// Tags are what a value adds to the tags of a ticket.
func (f *Field) Tags(value string) []string {
	switch {
	case f.Type.Chooses():
		return strings.Fields(value)
	case f.Type == CheckboxField && f.Tag != "" && value != "":
		return []string{f.Tag}
	}
	return nil
}

// Follow gives the value that a ticket has after its tags were changed: that of
// the last option whose tag was put, none when its own was taken away.
func (f *Field) Follow(value string, before, after []string) string {
	mine := f.allTags()
	chosen := f.Tags(value)
	for _, tag := range mine {
		if slices.Contains(before, tag) && !slices.Contains(after, tag) {
			chosen = slices.DeleteFunc(chosen, func(t string) bool { return t == tag })
		}
	}
	for _, tag := range after {
		if slices.Contains(mine, tag) && !slices.Contains(before, tag) && !slices.Contains(chosen, tag) {
			chosen = append(chosen, tag)
		}
	}
	switch {
	case len(mine) == 0:
		return value
	case len(chosen) == 0:
		return ""
	case f.Type == CheckboxField:
		return "true"
	case f.Type == DropdownField:
		return chosen[len(chosen)-1]
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return f.place(a) - f.place(b) })
	return strings.Join(chosen, " ")
}

// Name is how the API, conditions and actions name the field.
func (f *Field) Name() string {
	switch f.Owner {
	case UserFields:
		return "user_fields." + f.Key
	case OrganizationFields:
		return "organization_fields." + f.Key
	}
	return TicketFieldName(f.ID)
}

const ticketFieldPrefix = "custom_fields_"

// TicketFieldName is the name of a ticket's field: "custom_fields_123".
func TicketFieldName(id FieldID) string { return ticketFieldPrefix + strconv.FormatInt(int64(id), 10) }

// TicketFieldNamed reads the name of a ticket's field, "custom_fields_123"; 0
// when it is none.
func TicketFieldNamed(name string) FieldID {
	number, ok := strings.CutPrefix(name, ticketFieldPrefix)
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 {
		return 0
	}
	return FieldID(id)
}

func (f *Field) refuse(code, format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, code, format, args...).
		On(problem.Yours, "Correct it.").In(f.Name()).With("field", f.Title).With("digits", strconv.Itoa(maxDigits))
}

// tidyText makes a text fit to be stored and compared: valid, trimmed, and on
// one line unless it may have several.
func tidyText(text string, lines bool) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if lines {
		return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	}
	return strings.Join(strings.Fields(text), " ")
}

// short is the beginning of a text, as a message quotes it.
func short(text string) string {
	if utf8.RuneCountInString(text) <= 40 {
		return text
	}
	return string([]rune(text)[:40]) + "…"
}

// ReadFields gives the values that a person or an organization has after some
// are changed, by key. An unknown key is refused.
func ReadFields(ctx context.Context, tx FieldTx, owner FieldOwner, had FieldValues, given map[string][]string) (FieldValues, error) {
	if len(given) == 0 {
		return had, nil
	}
	fields, err := tx.ListFields(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	values := had
	for key, texts := range given {
		i := slices.IndexFunc(fields, func(f *Field) bool { return f.Key == key })
		if i < 0 {
			return nil, problem.New(problem.Invalid, "field_unknown", "There is no custom field %s.", short(key)).
				On(problem.Yours, "Name one of the list of fields.").In(string(owner)+"_fields").With("field", short(key))
		}
		f := fields[i]
		value, err := f.Read(texts, had[f.ID])
		if err != nil {
			return nil, err
		}
		if value != had[f.ID] {
			values = values.With(f.ID, value)
		}
	}
	return values, nil
}
