package directory

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/problem"
)

// fieldKey is what the key of a person's or organization's field looks like.
var fieldKey = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]*$`)

// fieldFaults are what is wrong with a definition.
type fieldFaults []problem.Detail

func (f *fieldFaults) add(field, code, format string, args ...any) {
	*f = append(*f, problem.Detail{Field: field, Code: code, Message: fmt.Sprintf(format, args...)})
}

// Validate brings a definition into its canonical form, and says everything
// that is wrong with it, each with the input at fault. others are the other
// fields of the same owner.
func (f *Field) Validate(others []*Field) error {
	f.tidy()
	var faults fieldFaults
	f.checkTexts(&faults)
	f.checkKey(&faults, others)
	f.checkPattern(&faults)
	f.checkOptions(&faults)
	f.checkTags(&faults, others)
	if len(faults) == 0 {
		return nil
	}
	p := problem.New(problem.Invalid, "field_invalid", "The field cannot be saved as it is: %s", faults[0].Message).
		On(problem.Yours, "Correct what is named.")
	p.Details = faults
	return p
}

func (f *Field) tidy() {
	f.Title, f.Portal.Title = tidyText(f.Title, false), tidyText(f.Portal.Title, false)
	f.Description, f.AgentDescription = tidyText(f.Description, true), tidyText(f.AgentDescription, true)
	f.Key, f.Tag = strings.TrimSpace(f.Key), tidyTag(f.Tag)
	if f.Owner == TicketFields {
		f.Key = ""
	} else {
		f.Required = false
	}
	if f.Type != CheckboxField || f.Owner != TicketFields {
		f.Tag = ""
	}
	if f.Type != RegexpField {
		f.Pattern = ""
	}
	if !f.Type.Chooses() {
		f.Options = nil
	}
	for i := range f.Options {
		o := &f.Options[i]
		o.Name, o.Value = tidyText(o.Name, false), tidyTag(o.Value)
		if o.Value == "" {
			o.Value = tidyTag(o.Name)
		}
	}
}

// tidyTag brings a value into the form of tags: lower case, without blanks.
func tidyTag(text string) string {
	return strings.ReplaceAll(strings.ToLower(tidyText(text, false)), " ", "_")
}

func (f *Field) checkTexts(faults *fieldFaults) {
	if !slices.Contains(FieldTypes, f.Type) {
		faults.add("type", "field_type_unknown", "There is no type of field %q.", f.Type)
	}
	if f.Title == "" {
		faults.add("title", "title_missing", "A field needs a title.")
	}
	for _, text := range []struct {
		field, is string
		most      int
	}{
		{"title", f.Title, MaxFieldTitle}, {"title_in_portal", f.Portal.Title, MaxFieldTitle},
		{"description", f.Description, MaxFieldText}, {"agent_description", f.AgentDescription, MaxFieldText},
		{"tag", f.Tag, MaxOptionValue},
	} {
		if utf8.RuneCountInString(text.is) > text.most {
			faults.add(text.field, "too_long", "This is longer than %d characters.", text.most)
		}
	}
}

func (f *Field) checkKey(faults *fieldFaults, others []*Field) {
	switch {
	case f.Owner == TicketFields:
	case f.Key == "":
		faults.add("key", "field_key_missing", "The field needs a key, under which programs find it.")
	case len(f.Key) > MaxFieldKey || !fieldKey.MatchString(f.Key):
		faults.add("key", "field_key_invalid", "A key has at most %d small letters, digits, and _ - . between them.", MaxFieldKey)
	case slices.ContainsFunc(others, func(o *Field) bool { return o.Key == f.Key }):
		faults.add("key", "field_key_taken", "Another field has the key %s already.", f.Key)
	}
}

func (f *Field) checkPattern(faults *fieldFaults) {
	if f.Type != RegexpField {
		return
	}
	if f.Pattern == "" {
		faults.add("regexp_for_validation", "field_pattern_missing", "The field needs a pattern that its values fit.")
	} else if len(f.Pattern) > MaxPattern {
		faults.add("regexp_for_validation", "too_long", "The pattern is longer than %d characters.", MaxPattern)
	} else if _, err := regexp.Compile(f.Pattern); err != nil {
		faults.add("regexp_for_validation", "field_pattern_invalid", "This is no regular expression that Tandem understands.")
	}
}

func (f *Field) checkOptions(faults *fieldFaults) {
	if !f.Type.Chooses() {
		return
	}
	if n := len(f.Options); n == 0 {
		faults.add("custom_field_options", "field_options_missing", "The field needs options to choose from.")
	} else if n > MaxOptions {
		faults.add("custom_field_options", "field_too_many_options", "A field has at most %d options; these are %d.", MaxOptions, n)
		return
	}
	seen, defaults := make(map[string]bool), 0
	for i, o := range f.Options {
		path := fmt.Sprintf("custom_field_options.%d", i)
		switch {
		case o.Name == "":
			faults.add(path+".name", "field_option_nameless", "An option needs a name.")
		case utf8.RuneCountInString(o.Name) > MaxOptionName:
			faults.add(path+".name", "too_long", "This is longer than %d characters.", MaxOptionName)
		case utf8.RuneCountInString(o.Value) > MaxOptionValue:
			faults.add(path+".value", "too_long", "This is longer than %d characters.", MaxOptionValue)
		case seen[o.Value]:
			faults.add(path+".value", "field_option_twice", "Two options have the value %s.", o.Value)
		}
		seen[o.Value] = true
		if o.Default {
			defaults++
		}
	}
	if defaults > 1 {
		faults.add("custom_field_options", "field_defaults", "Only one option can be the default.")
	}
}

// checkTags keeps the tags of tickets' fields apart: a tag says which field it
// belongs to.
func (f *Field) checkTags(faults *fieldFaults, others []*Field) {
	if f.Owner != TicketFields {
		return
	}
	taken := make(map[string]*Field)
	for _, other := range others {
		for _, tag := range other.allTags() {
			taken[tag] = other
		}
	}
	for i, tag := range f.allTags() {
		if other := taken[tag]; other != nil {
			path := "tag"
			if f.Type.Chooses() {
				path = fmt.Sprintf("custom_field_options.%d.value", i)
			}
			faults.add(path, "field_tag_taken", "The tag %s belongs to the field %s already.", tag, other.Title)
		}
	}
}

// allTags are all the tags that the field can give to a ticket.
func (f *Field) allTags() (tags []string) {
	if f.Type == CheckboxField && f.Tag != "" {
		return []string{f.Tag}
	}
	for _, o := range f.Options {
		tags = append(tags, o.Value)
	}
	return tags
}
