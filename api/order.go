package api

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tandem/problem"
)

// orderParameters are how clients ask for an order.
var orderParameters = []string{"sort", "sort_by", "sort_order"}

// ordered refuses an order that a list does not have, where it would otherwise
// be overlooked, and the list taken for sorted.
func (s *server) ordered(in reflect.Type) func(huma.Context, func(huma.Context)) {
	orders := make(map[string]reflect.StructField)
	for _, f := range reflect.VisibleFields(in) {
		if name, _, _ := strings.Cut(f.Tag.Get("query"), ","); slices.Contains(orderParameters, name) {
			orders[name] = f
		}
	}
	return func(ctx huma.Context, next func(huma.Context)) {
		for _, name := range orderParameters {
			value := ctx.Query(name)
			f, known := orders[name]
			values := f.Tag.Get("enum")
			if value == "" || known && (values == "" || slices.Contains(strings.Split(values, ","), value)) {
				continue
			}
			r, w := humago.Unwrap(ctx)
			writeProblem(w, r, s.log, unknownOrder(name, value, values))
			return
		}
		next(ctx)
	}
}

// unknownOrder refuses a value of an order's parameter; values are those that
// there are, separated by commas.
func unknownOrder(parameter, value, values string) error {
	remedy := fmt.Sprintf("Leave out %s.", parameter)
	if values != "" {
		remedy = fmt.Sprintf("Use one of %s.", strings.ReplaceAll(values, ",", ", "))
	}
	return problem.New(problem.Invalid, "sort_unknown", "This list has no order %s=%s.", parameter, value).On(problem.Yours, remedy).In(parameter)
}

// KeptOrder orders views, macros and triggers.
type KeptOrder struct {
	SortBy    string `query:"sort_by" enum:"position,alphabetical,created_at,updated_at" doc:"position unless told"`
	SortOrder string `query:"sort_order" enum:"asc,desc" doc:"As Zendesk has it: desc for instants, otherwise asc"`
}

// ListKeptIn asks for a list of views, macros or triggers: all of them, unless
// a page is asked for.
type ListKeptIn struct {
	WholeListIn
	KeptOrder
}

// kept is what such lists are ordered by, besides their own order.
type kept struct {
	id               int64
	title            string
	created, updated instant
}

// pageOfKept puts a list into the order that is asked for, and cuts the page from it.
func pageOfKept[T any](q *request, in ListKeptIn, all []T, of func(T) kept, om *OffsetMeta, cm *CursorMeta) ([]T, error) {
	instants := in.SortBy == "created_at" || in.SortBy == "updated_at"
	if in.SortBy != "" && in.SortBy != "position" {
		slices.SortStableFunc(all, func(a, b T) int {
			switch x, y := of(a), of(b); in.SortBy {
			case "created_at":
				return time.Time(x.created).Compare(time.Time(y.created))
			case "updated_at":
				return time.Time(x.updated).Compare(time.Time(y.updated))
			default:
				return cmp.Compare(strings.ToLower(x.title), strings.ToLower(y.title))
			}
		})
	}
	if in.SortOrder == "desc" || in.SortOrder == "" && instants {
		slices.Reverse(all)
	}
	return pageOfWhole(q, in.WholeListIn, all, func(one T) int64 { return of(one).id }, om, cm)
}
