package api

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/problem"
)

// stamp is an instant in JSON: RFC 3339 in UTC, null when it is zero.
type stamp time.Time

// MarshalJSON writes the instant, or null.
func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.UTC().Truncate(time.Millisecond).MarshalJSON()
}

// Schema documents the instant.
func (stamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// instant is a stamp that is never null.
type instant time.Time

// MarshalJSON writes the instant.
func (i instant) MarshalJSON() ([]byte, error) {
	return time.Time(i).UTC().Truncate(time.Millisecond).MarshalJSON()
}

// Schema documents the instant.
func (instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// optional is a field of a request that may be absent, null or a value: each
// means something else to an update.
type optional[T any] struct {
	Set   bool // the field was there
	Null  bool // and it was null
	Value T
}

// UnmarshalJSON notes that the field was there.
func (o *optional[T]) UnmarshalJSON(data []byte) error {
	o.Set = true
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		o.Null = true
		return nil
	}
	return json.Unmarshal(data, &o.Value)
}

// MarshalJSON writes the value; requests are never written otherwise.
func (o optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// IsZero makes omitzero leave out what was not set.
func (o optional[T]) IsZero() bool { return !o.Set }

// Schema documents the field as its value, or null.
func (optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	if s.Ref == "" {
		s.Nullable = true
	}
	return &s
}

// pointer gives what the field says when it was set: nil when it was absent,
// the zero value when it was null.
func (o optional[T]) pointer() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

// convertID gives what was set as the identifier that it is.
func convertID[T ~int64](o optional[int64]) *T {
	if !o.Set {
		return nil
	}
	id := T(o.Value)
	return &id
}

// orNull gives nil for the zero value, so that JSON says null.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// each converts a list; it is never nil, so that JSON says [] and not null.
func each[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, convert(a))
	}
	return out
}

// numbers gives identifiers as plain numbers.
func numbers[T ~int64](ids []T) []int64 {
	return each(ids, func(id T) int64 { return int64(id) })
}

// ids gives plain numbers as identifiers.
func ids[T ~int64](numbers []int64) []T {
	return each(numbers, func(n int64) T { return T(n) })
}

// some gives the list, or an empty one instead of nil.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// maybe is an object in an answer, or null.
type maybe[T any] struct{ value *T }

// MarshalJSON writes the object, or null.
func (m maybe[T]) MarshalJSON() ([]byte, error) { return json.Marshal(m.value) }

// Schema documents both.
func (maybe[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}

// value gives what a pointer points to, the zero value when it points nowhere.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// convert gives a text as one of the concepts' types.
func convert[T ~string](p *string) *T {
	if p == nil {
		return nil
	}
	v := T(*p)
	return &v
}

// encoder fixes the request that an encoding function needs for its links.
func encoder[A, B any](q *request, encode func(*request, A) B) func(A) B {
	return func(a A) B { return encode(q, a) }
}

// parseID reads an identifier that came as text, or names the field at fault.
func parseID[T ~int64](text, field string) (T, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, problem.New(problem.Invalid, "invalid", "%q is no id.", text).On(problem.Yours, "Use a number.").In(field)
	}
	return T(id), nil
}

// idText is an identifier as text.
func idText[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

// set changes what a request names, and leaves what it does not.
func set[T any](into *T, to *T) {
	if to != nil {
		*into = *to
	}
}

// object is a JSON object of any fields.
type object = map[string]any

// respond gives the answer that fill writes, unless something went wrong.
func respond[Out any](ctx context.Context, err error, fill func(q *request, out *Out)) (*Out, error) {
	if err != nil {
		return nil, err
	}
	out := new(Out)
	fill(requestOf(ctx), out)
	return out, nil
}
