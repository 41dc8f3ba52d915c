package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
)

// oneOrMany is the value of an action as Zendesk's API shows it: a text, or a
// list where there are several.
type oneOrMany []string

// MarshalJSON writes a text or a list.
func (v oneOrMany) MarshalJSON() ([]byte, error) {
	switch len(v) {
	case 0:
		return []byte(`""`), nil
	case 1:
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// Schema documents both.
func (oneOrMany) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString}, {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}}
}

// looseText is a text that clients also send as a number, a boolean or null.
type looseText string

// UnmarshalJSON reads any of them.
func (t *looseText) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	text, err := loose(v)
	*t = looseText(text)
	return err
}

// Schema documents that.
func (looseText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "Text, number, boolean or null"}
}

// looseTexts is a looseText, or a list of them.
type looseTexts []string

// UnmarshalJSON reads either.
func (t *looseTexts) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	*t = nil
	for _, one := range list {
		text, err := loose(one)
		if err != nil {
			return err
		}
		*t = append(*t, text)
	}
	return nil
}

// Schema documents that.
func (looseTexts) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "Text, number, boolean or null, or a list of them"}
}

func loose(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return fmt.Sprint(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("a value is neither text nor number")
}

// TriggerDefinitions are what an editor of triggers offers.
type TriggerDefinitions struct {
	ConditionsAll []TriggerDefinition `json:"conditions_all"`
	ConditionsAny []TriggerDefinition `json:"conditions_any"`
	Actions       []TriggerDefinition `json:"actions"`
	Placeholders  []string            `json:"placeholders" doc:"What can be filled in: {{ticket.id}}"`
}

// TriggerDefinition describes one field of conditions, or one action.
type TriggerDefinition struct {
	Title      string            `json:"title"`
	Subject    string            `json:"subject" doc:"Name of the field"`
	Type       string            `json:"type" enum:"list,text" doc:"As Zendesk names it"`
	Input      string            `json:"input" enum:"list,agent,group,brand,person,support,text,words,tags,mail,html,time,number,date,options" doc:"How the value is chosen"`
	Group      string            `json:"group" enum:"ticket,custom,requester,update,mail,message,time"`
	Nullable   bool              `json:"nullable"`
	Repeatable bool              `json:"repeatable"`
	Operators  []TriggerOperator `json:"operators,omitempty"`
	Values     []TriggerChoice   `json:"values,omitempty"`
}

// TriggerOperator is a comparison.
type TriggerOperator struct {
	Value    string `json:"value"`
	Title    string `json:"title"`
	Terminal bool   `json:"terminal" doc:"It takes no value"`
}

// TriggerChoice is one of the values of a list.
type TriggerChoice struct {
	Value   string `json:"value"`
	Title   string `json:"title"`
	Enabled bool   `json:"enabled"`
}

func encodeDefinition(d desk.Definition) TriggerDefinition {
	out := TriggerDefinition{
		Title: d.Field, Subject: d.Field, Type: "text", Input: string(d.Input), Group: d.Group, Nullable: d.Optional, Repeatable: true,
		Operators: each(d.Operators, func(o desk.Operator) TriggerOperator {
			return TriggerOperator{Value: string(o), Title: string(o), Terminal: o.Alone()}
		}),
		Values: each(d.Values, func(v string) TriggerChoice { return TriggerChoice{Value: v, Title: v, Enabled: true} }),
	}
	if d.Title != "" {
		out.Title = d.Title
	}
	for i, title := range d.Titles {
		out.Values[i].Title = title
	}
	if len(d.Values) > 0 {
		out.Type = "list"
	}
	return out
}

type triggerDefinitionsOut struct {
	Body struct {
		Definitions TriggerDefinitions `json:"definitions"`
	}
}

func (s *server) triggerDefinitions(ctx context.Context, by access.Actor, _ *none) (*triggerDefinitionsOut, error) {
	words, err := s.desk.Vocabulary(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(triggerDefinitionsOut)
	conditions := each(words.Conditions, encodeDefinition)
	out.Body.Definitions = TriggerDefinitions{
		ConditionsAll: conditions, ConditionsAny: conditions, Actions: each(words.Actions, encodeDefinition), Placeholders: words.Placeholders,
	}
	return out, nil
}
