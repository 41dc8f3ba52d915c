package api

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"tandem/directory"
	"tandem/problem"
)

const (
	perPageMax = 100
	// pageMax bounds how far offset paging goes; beyond it databases walk
	// through everything before, and cursors are the way.
	pageMax = 10_000
)

// OffsetPage asks for a page by its number.
type OffsetPage struct {
	Page    int `query:"page" minimum:"1" default:"1" doc:"Number of the page"`
	PerPage int `query:"per_page" minimum:"1" default:"100" doc:"Records on a page, at most 100"`
}

func (p OffsetPage) limit() int { return min(max(p.PerPage, 1), perPageMax) }

func (p OffsetPage) offset() int { return (min(max(p.Page, 1), pageMax) - 1) * p.limit() }

// CursorPage asks for a page by a place in the list.
type CursorPage struct {
	Size   int    `query:"page[size]" minimum:"1" doc:"Records on a page, at most 100; asks for cursor paging"`
	After  string `query:"page[after]" doc:"Cursor: only what comes after it"`
	Before string `query:"page[before]" doc:"Cursor: only what comes before it"`
}

func (p CursorPage) wanted() bool { return p.Size > 0 || p.After != "" || p.Before != "" }

// backwards tells whether the page right before a cursor is asked for.
func (p CursorPage) backwards() bool { return p.Before != "" && p.After == "" }

// always asks for a page by cursor, of a list that knows no other.
func (p CursorPage) always() CursorPage {
	if p.Size == 0 {
		p.Size = perPageMax
	}
	return p
}

func (p CursorPage) limit() int {
	if p.Size == 0 {
		return perPageMax
	}
	return min(p.Size, perPageMax)
}

// OffsetMeta is what lists tell of offset paging.
type OffsetMeta struct {
	Count        *int    `json:"count,omitempty" doc:"How many there are altogether"`
	NextPage     *string `json:"next_page" doc:"Address of the next page; null on the last"`
	PreviousPage *string `json:"previous_page" doc:"Address of the page before; null on the first"`
}

// CursorMeta is what lists tell of cursor paging, when it was asked for.
type CursorMeta struct {
	Meta  *CursorState `json:"meta,omitempty" doc:"Where this page lies; only with cursor paging"`
	Links *CursorLinks `json:"links,omitempty" doc:"Its neighbours; only with cursor paging"`
}

type CursorState struct {
	HasMore      bool    `json:"has_more"`
	AfterCursor  *string `json:"after_cursor"`
	BeforeCursor *string `json:"before_cursor"`
}

type CursorLinks struct {
	Next *string `json:"next"`
	Prev *string `json:"prev"`
}

// pageOf describes one page of count records.
func pageOf(here *url.URL, p OffsetPage, count int) OffsetMeta {
	m := OffsetMeta{Count: &count}
	if p.offset()+p.limit() < count && p.Page < pageMax {
		m.NextPage = linkTo(here, map[string]string{"page": strconv.Itoa(p.Page + 1)})
	}
	if p.Page > 1 {
		m.PreviousPage = linkTo(here, map[string]string{"page": strconv.Itoa(p.Page - 1)})
	}
	return m
}

// WholeListIn is asked of lists that are read as a whole. They also come so,
// unless a page is asked for.
type WholeListIn struct {
	Page    int `query:"page" minimum:"1" doc:"Number of the page; without it and per_page everything comes"`
	PerPage int `query:"per_page" minimum:"1" doc:"Records on a page, at most 100"`
	CursorPage
}

// wholeCursor is a place in a whole list: behind the record with the ID or, when
// that is gone meanwhile, where it stood.
type wholeCursor struct {
	ID    int64 `json:"i"`
	Index int   `json:"n"`
}

// pageOfWhole cuts the page that was asked for from a whole list, and describes it.
func pageOfWhole[T any](q *request, in WholeListIn, all []T, id func(T) int64, om *OffsetMeta, cm *CursorMeta) ([]T, error) {
	if in.CursorPage.wanted() {
		return cursorPageOfWhole(q, in.CursorPage, all, id, cm)
	}
	if in.Page == 0 && in.PerPage == 0 {
		count := len(all)
		om.Count = &count
		return all, nil
	}
	p := OffsetPage{Page: max(in.Page, 1), PerPage: in.PerPage}
	if p.PerPage == 0 {
		p.PerPage = perPageMax
	}
	*om = pageOf(q.url, p, len(all))
	start := min(p.offset(), len(all))
	return all[start:min(start+p.limit(), len(all))], nil
}

func cursorPageOfWhole[T any](q *request, p CursorPage, all []T, id func(T) int64, cm *CursorMeta) ([]T, error) {
	start, end := 0, min(p.limit(), len(all))
	if cursor := cmp.Or(p.After, p.Before); cursor != "" {
		var at wholeCursor
		if err := decodeCursor(cursor, &at); err != nil {
			return nil, err
		}
		before := min(max(at.Index, 0), len(all))
		behind := before
		if i := slices.IndexFunc(all, func(record T) bool { return id(record) == at.ID }); i >= 0 {
			before, behind = i, i+1
		}
		if p.After != "" {
			start, end = behind, min(behind+p.limit(), len(all))
		} else {
			start, end = max(0, before-p.limit()), before
		}
	}
	page := all[start:end]
	first, last := "", ""
	if len(page) > 0 {
		first = encodeCursor(wholeCursor{id(page[0]), start})
		last = encodeCursor(wholeCursor{id(page[len(page)-1]), end - 1})
	}
	more := end < len(all)
	if p.backwards() {
		more = start > 0
	}
	*cm = cursorsOf(q.url, p, more, first, last)
	return page, nil
}

// linkTo is the address of this list with other parameters; an empty value removes one.
func linkTo(here *url.URL, parameters map[string]string) *string {
	query := here.Query()
	for name, value := range parameters {
		query.Set(name, value)
		if value == "" {
			query.Del(name)
		}
	}
	there := *here
	there.RawQuery = query.Encode()
	text := there.String()
	return &text
}

// encodeCursor makes a cursor of a place in a list.
func encodeCursor(place any) string {
	data, err := json.Marshal(place)
	if err != nil {
		panic(err) // places are plain structs of ours
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// decodeCursor reads a cursor that we made.
func decodeCursor(cursor string, place any) error {
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(data, place)
	}
	if err != nil {
		return problem.New(problem.Invalid, "invalid_cursor", "The cursor is not one of this API.").
			On(problem.Yours, "Begin again without a cursor.").In("page[after]").Because(err)
	}
	return nil
}

// cursorsOf describes one page between the cursors of its first and last record.
func cursorsOf(here *url.URL, p CursorPage, more bool, first, last string) CursorMeta {
	state := &CursorState{HasMore: more, AfterCursor: orNull(last), BeforeCursor: orNull(first)}
	links := &CursorLinks{}
	forward := !p.backwards()
	if last != "" && (more || !forward) {
		links.Next = linkTo(here, map[string]string{"page[after]": last, "page[before]": ""})
	}
	if first != "" && (more && !forward || forward && p.After != "") {
		links.Prev = linkTo(here, map[string]string{"page[before]": first, "page[after]": ""})
	}
	return CursorMeta{Meta: state, Links: links}
}

// pages reads a list by parts of it.
type pages[T any] struct {
	order string // what the list is ordered by, when there is a choice: a cursor is good for one order
	part  func(directory.Part) ([]T, error)
	count func() (int, error) // nil: the list has no numbered pages
	place func(T) *directory.Place
}

// paged gives the page that was asked for, by number or by cursor, and
// describes it.
func paged[T any](q *request, offset OffsetPage, cursor CursorPage, om *OffsetMeta, cm *CursorMeta, p pages[T]) ([]T, error) {
	if cursor.wanted() {
		return pagedByCursor(q, cursor, cm, p)
	}
	count, err := p.count()
	if err != nil {
		return nil, err
	}
	*om = pageOf(q.url, offset, count)
	return p.part(directory.Part{Limit: offset.limit(), Offset: offset.offset()})
}

// placeCursor is a place in a list, valid in one order only.
type placeCursor struct {
	Order string `json:"o,omitempty"`
	Key   string `json:"k,omitempty"`
	ID    int64  `json:"i"`
}

// pagedByCursor reads one record more than the page has, to know whether there
// is another page.
func pagedByCursor[T any](q *request, p CursorPage, cm *CursorMeta, of pages[T]) ([]T, error) {
	part := directory.Part{Limit: p.limit() + 1}
	var err error
	if part.After, err = placeAtCursor(p.After, of.order, "page[after]"); err != nil {
		return nil, err
	}
	if part.Before, err = placeAtCursor(p.Before, of.order, "page[before]"); err != nil {
		return nil, err
	}
	list, err := of.part(part)
	if err != nil {
		return nil, err
	}
	more := len(list) > p.limit()
	switch {
	case more && part.Backwards():
		list = list[1:]
	case more:
		list = list[:p.limit()]
	}
	cursor := func(record T) string {
		at := of.place(record)
		return encodeCursor(placeCursor{of.order, at.Key, at.ID})
	}
	first, last := "", ""
	if len(list) > 0 {
		first, last = cursor(list[0]), cursor(list[len(list)-1])
	}
	*cm = cursorsOf(q.url, p, more, first, last)
	return list, nil
}

// placeAtCursor reads a cursor; without one there is no place.
func placeAtCursor(cursor, order, field string) (*directory.Place, error) {
	if cursor == "" {
		return nil, nil
	}
	var c placeCursor
	if err := decodeCursor(cursor, &c); err != nil {
		return nil, err
	}
	if c.Order != order {
		return nil, otherOrder(field)
	}
	return &directory.Place{Key: c.Key, ID: c.ID}, nil
}

func otherOrder(field string) error {
	return problem.New(problem.Invalid, "invalid_cursor", "The cursor belongs to another order.").
		On(problem.Yours, "Begin again without a cursor.").In(field)
}
