package directory

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/problem"
)

func fieldOf(t FieldType) *Field {
	f := &Field{ID: 1001, Owner: TicketFields, Type: t, Title: "It", Pattern: `^[A-Z]{2}\d+$`}
	if t.Chooses() {
		f.Options = []Option{{Name: "Coffee machine", Value: "coffee"}, {Name: "Kettle", Value: "kettle"}, {Name: "Toaster", Value: "toaster"}}
	}
	return f
}

func TestValuesAreReadByTheTypeOfTheField(t *testing.T) {
	for _, test := range []struct {
		kind  FieldType
		given []string
		had   string
		want  string // or the problem's code
	}{
		{TextField, []string{"  two\n words "}, "", "two words"},
		{TextField, []string{"bad \xff\x00 bytes"}, "", "bad \uFFFD bytes"},
		{TextField, []string{""}, "old", ""},
		{TextField, nil, "old", ""},
		{TextField, []string{"a", "b"}, "", "field_single"},
		{TextField, []string{strings.Repeat("x", MaxFieldValue+1)}, "", "field_too_long"},
		{TextareaField, []string{"one\r\ntwo  \n"}, "", "one\ntwo"},
		{RegexpField, []string{"AB12"}, "", "AB12"},
		{RegexpField, []string{"ab12"}, "", "field_pattern"},
		{RegexpField, []string{"ab12"}, "ab12", "ab12"}, // it was there before the pattern
		{IntegerField, []string{"+0042"}, "", "42"},
		{IntegerField, []string{"-0"}, "", "0"},
		{IntegerField, []string{"4.2"}, "", "field_not_integer"},
		{IntegerField, []string{"１２"}, "", "field_not_integer"},
		{IntegerField, []string{"1234567890123456"}, "", "field_number_too_long"},
		{IntegerField, []string{"99999999999999999999999"}, "", "field_number_too_long"},
		{DecimalField, []string{"007.500"}, "", "7.5"},
		{DecimalField, []string{"-.5"}, "", "-0.5"},
		{DecimalField, []string{"-0.0"}, "", "0"},
		{DecimalField, []string{"1,5"}, "", "field_not_decimal"},
		{DecimalField, []string{"1e3"}, "", "field_not_decimal"},
		{DecimalField, []string{"."}, "", "field_not_decimal"},
		{DecimalField, []string{"NaN"}, "", "field_not_decimal"},
		{DecimalField, []string{"0.1234567890123456"}, "", "field_number_too_long"},
		{DateField, []string{"2024-02-29"}, "", "2024-02-29"},
		{DateField, []string{"2012-07-23T00:00:00Z"}, "", "2012-07-23"},
		{DateField, []string{"2026-02-29"}, "", "field_not_date"},
		{DateField, []string{"2026-02-20T25"}, "", "field_not_date"},
		{DateField, []string{"31/03/2026"}, "", "field_not_date"},
		{CheckboxField, []string{"TRUE"}, "", "true"},
		{CheckboxField, []string{"0"}, "true", ""},
		{CheckboxField, []string{"perhaps"}, "", "field_not_checkbox"},
		{DropdownField, []string{"kettle"}, "", "kettle"},
		{DropdownField, []string{"mixer"}, "", "field_option_unknown"},
		{DropdownField, []string{"mixer"}, "mixer", "mixer"}, // no longer offered
		{MultiselectField, []string{"toaster", "coffee", "toaster"}, "", "coffee toaster"},
		{MultiselectField, []string{"mixer", "kettle"}, "mixer coffee", "kettle mixer"},
		{MultiselectField, []string{"mixer"}, "coffee", "field_option_unknown"},
		{MultiselectField, []string{""}, "coffee", ""},
	} {
		got, err := fieldOf(test.kind).Read(test.given, test.had)
		if p := problem.As(err); p != nil {
			got = p.Code
			if p.Field != "custom_fields_1001" || p.Kind != problem.Invalid {
				t.Errorf("%s %q: the problem names %q", test.kind, test.given, p.Field)
			}
		}
		if got != test.want {
			t.Errorf("%s %q is read as %q, want %q", test.kind, test.given, got, test.want)
		}
	}
}

// What has been read once is read as the same again: values go out by the API and come back.
func TestCanonicalValuesStayWhatTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := fieldOf(rapid.SampledFrom(FieldTypes).Draw(t, "type"))
		given := rapid.OneOf(rapid.String(), rapid.StringMatching(`[+-]?[0-9]{0,9}\.?[0-9]{0,6}`), rapid.StringMatching(`20[0-9]{2}-[01][0-9]-[0-3][0-9]`)).Draw(t, "value")
		once, err := f.Read([]string{given}, "")
		if err != nil {
			return
		}
		twice, err := f.Read([]string{once}, "")
		if err != nil || once != twice {
			t.Fatalf("%s %q is read as %q and that as %q (%v)", f.Type, given, once, twice, err)
		}
		if f.Type == DecimalField && once != "" {
			a, _ := strconv.ParseFloat(given, 64)
			b, ok := f.Type.Number(once)
			if !ok || a != b {
				t.Fatalf("%q became %q", given, once)
			}
		}
	})
}

func FuzzFieldValue(f *testing.F) {
	for _, seed := range []string{"", "true", "-0.50", "2026-03-31", "coffee", "AB12", "\x00\xff", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		for _, kind := range FieldTypes {
			value, err := fieldOf(kind).Read([]string{given, ""}[:1], "")
			if err != nil && problem.As(err) == nil {
				t.Fatalf("%s %q: %v", kind, given, err)
			}
			if strings.ContainsRune(value, 0) || len(value) > MaxFieldValue {
				t.Fatalf("%s %q became %q", kind, given, value)
			}
		}
	})
}

func TestDaysAreNumbered(t *testing.T) {
	for day, want := range map[string]float64{"1970-01-01": 0, "1969-12-31": -1, "2026-03-02": float64(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Unix() / 86400)} {
		if got, ok := DateField.Number(day); !ok || got != want {
			t.Errorf("%s is day %v, want %v", day, got, want)
		}
	}
}

func TestDefinitionsAreJudged(t *testing.T) {
	others := []*Field{
		{ID: 7, Owner: TicketFields, Type: DropdownField, Title: "Product", Options: []Option{{Name: "Kettle", Value: "kettle"}}},
		{ID: 8, Owner: UserFields, Type: TextField, Title: "Plan", Key: "plan"},
	}
	many := make([]Option, 10_000)
	for i := range many {
		many[i] = Option{Name: strconv.Itoa(i)}
	}
	for name, test := range map[string]struct {
		field Field
		want  string // codes and inputs
	}{
		"good":                      {Field{Type: TextField, Title: " Order\nnumber "}, ""},
		"without a title":           {Field{Type: TextField}, "title_missing title"},
		"unknown type":              {Field{Type: "lookup", Title: "x"}, "field_type_unknown type"},
		"without options":           {Field{Type: DropdownField, Title: "x"}, "field_options_missing custom_field_options"},
		"too many options":          {Field{Type: DropdownField, Title: "x", Options: many}, "field_too_many_options custom_field_options"},
		"same option twice":         {Field{Type: DropdownField, Title: "x", Options: []Option{{Name: "A b"}, {Name: "x", Value: "A_B"}}}, "field_option_twice custom_field_options.1.value"},
		"option without name":       {Field{Type: DropdownField, Title: "x", Options: []Option{{Value: "x"}}}, "field_option_nameless custom_field_options.0.name"},
		"two defaults":              {Field{Type: DropdownField, Title: "x", Options: []Option{{Name: "a", Default: true}, {Name: "b", Default: true}}}, "field_defaults custom_field_options"},
		"tag of another":            {Field{Type: CheckboxField, Title: "x", Tag: "Kettle"}, "field_tag_taken tag"},
		"option of another":         {Field{Type: MultiselectField, Title: "x", Options: []Option{{Name: "a"}, {Name: "Kettle"}}}, "field_tag_taken custom_field_options.1.value"},
		"key missing":               {Field{Owner: UserFields, Type: TextField, Title: "x"}, "field_key_missing key"},
		"key with blanks":           {Field{Owner: UserFields, Type: TextField, Title: "x", Key: "a b"}, "field_key_invalid key"},
		"key of another":            {Field{Owner: UserFields, Type: TextField, Title: "x", Key: "plan"}, "field_key_taken key"},
		"same option as a ticket's": {Field{Owner: UserFields, Type: DropdownField, Title: "x", Key: "k", Options: []Option{{Name: "Kettle"}}}, ""},
		"pattern missing":           {Field{Type: RegexpField, Title: "x"}, "field_pattern_missing regexp_for_validation"},
		"pattern broken":            {Field{Type: RegexpField, Title: "x", Pattern: "("}, "field_pattern_invalid regexp_for_validation"},
	} {
		f := test.field
		if f.Owner == "" {
			f.Owner = TicketFields
		}
		var owned []*Field
		for _, o := range others {
			if o.Owner == f.Owner {
				owned = append(owned, o)
			}
		}
		got := ""
		if p := problem.As(f.Validate(owned)); p != nil {
			got = p.Details[0].Code + " " + p.Details[0].Field
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
