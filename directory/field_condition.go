package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// FieldOperator compares the value of a field with another one.
type FieldOperator string

// The comparisons. What has no value is not another one: it meets FieldIsNot,
// and nothing that asks for less or more.
const (
	FieldIs       FieldOperator = "is" // of several options: it is among them
	FieldIsNot    FieldOperator = "is_not"
	FieldBegins   FieldOperator = "begins" // of texts
	FieldLess     FieldOperator = "less_than"
	FieldAtMost   FieldOperator = "less_than_equal"
	FieldMore     FieldOperator = "greater_than"
	FieldAtLeast  FieldOperator = "greater_than_equal"
	FieldPresent  FieldOperator = "present"
	FieldAbsent   FieldOperator = "not_present"
	FieldIncludes FieldOperator = "includes" // of texts: one of the words, separated by blanks
)

// FieldCondition chooses tickets, people or organizations by the value of a
// field. Make one with [Field.Where] and put it into desk.TicketFilter.Fields:
//
//	f, err := tx.GetField(ctx, directory.TicketFields, 1001)
//	c, err := f.Where(directory.FieldAtLeast, "2026-03-31")
//	tickets, err := tx.ListTickets(ctx, desk.TicketFilter{Fields: []directory.FieldCondition{c}})
//
// Each but FieldIncludes is answered from an index. Texts are compared without regard to upper
// and lower case, full and half width.
type FieldCondition struct {
	Field    FieldID
	Type     FieldType
	Operator FieldOperator
	Value    string // canonical
}

// Operators are what can be asked of the field.
func (f *Field) Operators() []FieldOperator {
	switch f.Type {
	case CheckboxField:
		return []FieldOperator{FieldIs}
	case IntegerField, DecimalField, DateField:
		return []FieldOperator{FieldIs, FieldIsNot, FieldLess, FieldAtMost, FieldMore, FieldAtLeast, FieldPresent, FieldAbsent}
	case DropdownField, MultiselectField:
		return []FieldOperator{FieldIs, FieldIsNot, FieldPresent, FieldAbsent}
	}
	return []FieldOperator{FieldIs, FieldIsNot, FieldBegins, FieldIncludes, FieldPresent, FieldAbsent}
}

// Where makes a condition of what somebody asks for, or says why it cannot be
// asked. An empty value asks for those without one. Options are found by their
// value, and by their name as well.
func (f *Field) Where(o FieldOperator, value string) (FieldCondition, error) {
	c := FieldCondition{Field: f.ID, Type: f.Type, Operator: o}
	if !slices.Contains(f.Operators(), o) {
		return c, f.refuse("field_operator", "%q cannot be asked of %s.", o, f.Title)
	}
	if o == FieldPresent || o == FieldAbsent {
		return c, nil
	}
	var err error
	switch {
	case f.Type.Chooses():
		c.Value, err = f.optionSought(value)
	case f.Type == RegexpField, o == FieldBegins, o == FieldIncludes:
		c.Value = tidyText(value, false)
	default:
		c.Value, err = f.Read([]string{value}, "")
	}
	if err == nil && c.Value == "" {
		c.Operator = map[FieldOperator]FieldOperator{FieldIs: FieldAbsent, FieldIsNot: FieldPresent}[o]
		if c.Operator == "" {
			err = f.refuse("field_value_missing", "Choose a value to compare %s with.", f.Title)
		}
	}
	return c, err
}

func (f *Field) optionSought(value string) (string, error) {
	value = tidyText(value, false)
	if value == "" {
		return "", nil
	}
	for _, o := range f.Options {
		if strings.EqualFold(o.Name, value) || strings.EqualFold(o.Value, value) {
			return o.Value, nil
		}
	}
	return f.readOption(value)
}

// Numeric tells whether values are sorted and compared as numbers; see Number.
func (t FieldType) Numeric() bool { return t == IntegerField || t == DecimalField || t == DateField }

// Number is a canonical value as it is sorted and compared: a number as it is,
// a date as its day; false for all others.
func (t FieldType) Number(value string) (float64, bool) {
	switch t {
	case IntegerField, DecimalField:
		n, err := strconv.ParseFloat(value, 64)
		return n, err == nil
	case DateField:
		day, err := time.Parse(time.DateOnly, value)
		return float64(day.Unix() / (24 * 60 * 60)), err == nil
	}
	return 0, false
}
