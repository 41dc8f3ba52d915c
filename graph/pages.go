package graph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Page is one page of messages. Of a delta, exactly one of the links is set;
// the last page of a list has none.
type Page struct {
	Messages  []Message
	NextLink  string // more pages follow
	DeltaLink string // the end for now; keep it and come back with it
}

// DeltaOptions of the first request; they are part of the links afterwards.
type DeltaOptions struct {
	Folder   string    // id or well-known name
	Select   []string  // id always comes along
	Since    time.Time // only messages received from then on; at most 5,000 of them
	PageSize int       // 0: Graph's own, 10; to be given each time
	// NewestFirst asks for an order in the first round, of which none is promised
	// otherwise; it is the only order that there is.
	NewestFirst bool
}

// Delta returns one page of what is new, changed or gone in a folder. The first
// link is "", each further one is taken from the page before: NextLink at once,
// DeltaLink when there may be news. A message can come more than once.
// [ErrResync] asks to begin again with "".
//
// "message: delta"
func (m *Mailbox) Delta(ctx context.Context, link string, o DeltaOptions) (*Page, error) {
	if link == "" {
		link = m.root + "/mailFolders/" + url.PathEscape(o.Folder) + "/messages/delta" + o.query()
	}
	r := m.request("delta of messages", http.MethodGet, "")
	r.url = link
	if o.PageSize > 0 {
		r.prefer = []string{"odata.maxpagesize=" + strconv.Itoa(o.PageSize)}
	}
	return m.page(ctx, r, func(p *page) error {
		if (p.NextLink == "") == (p.DeltaLink == "") {
			return errors.New("want exactly one of nextLink and deltaLink")
		}
		return nil
	})
}

func (o DeltaOptions) query() string {
	var since string
	if !o.Since.IsZero() {
		since = "receivedDateTime ge " + o.Since.UTC().Format(time.RFC3339)
	}
	var order string
	if o.NewestFirst {
		order = "receivedDateTime desc"
	}
	return query("$select", strings.Join(o.Select, ","), "$filter", since, "$orderby", order)
}

// ListOptions of the first page; they are part of the links afterwards.
type ListOptions struct {
	Folder  string   // id or well-known name; "": the whole mailbox
	Select  []string // none: Graph's default, bodies included
	Top     int      // page size up to 1000; 0: 10
	OrderBy string   // such as "receivedDateTime desc"
	Filter  string   // properties of OrderBy must come first in it
	Expand  string
}

// List returns one page of a folder's messages. The first link is "", each
// further one is the NextLink of the page before.
//
// "List messages"
func (m *Mailbox) List(ctx context.Context, link string, o ListOptions) (*Page, error) {
	if link == "" {
		link = m.root + o.path()
	}
	r := m.request("list messages", http.MethodGet, "")
	r.url = link
	return m.page(ctx, r, func(*page) error { return nil })
}

func (o ListOptions) path() string {
	path := "/messages"
	if o.Folder != "" {
		path = "/mailFolders/" + url.PathEscape(o.Folder) + path
	}
	var top string
	if o.Top > 0 {
		top = strconv.Itoa(o.Top)
	}
	return path + query("$select", strings.Join(o.Select, ","), "$top", top,
		"$filter", o.Filter, "$orderby", o.OrderBy, "$expand", o.Expand)
}

// Messages goes through all messages that List would return, page by page. It
// ends after the first error.
func (m *Mailbox) Messages(ctx context.Context, o ListOptions) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for link, first := "", true; first || link != ""; first = false {
			page, err := m.List(ctx, link, o)
			if err != nil {
				yield(Message{}, err)
				return
			}
			for _, msg := range page.Messages {
				if !yield(msg, nil) {
					return
				}
			}
			link = page.NextLink
		}
	}
}

// FindByProperty returns the messages of a folder whose extended property has
// that value, none when there are none. It finds a draft by its mark after its
// id was lost.
//
// "Get singleValueLegacyExtendedProperty"
func (m *Mailbox) FindByProperty(ctx context.Context, folder string, p ExtendedProperty, sel ...string) ([]Message, error) {
	filter := fmt.Sprintf("singleValueExtendedProperties/any(ep: ep/id eq %s and ep/value eq %s)", literal(p.ID), literal(p.Value))
	var found []Message
	for msg, err := range m.Messages(ctx, ListOptions{Folder: folder, Select: sel, Filter: filter}) {
		if err != nil {
			return nil, err
		}
		found = append(found, msg)
	}
	return found, nil
}

// literal quotes a string for a filter (OData URL Conventions section 5.1.1.6.1).
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// page is a page as Graph sends it. Values nil means that it sent none.
type page struct {
	Values    *[]Message `json:"value"`
	NextLink  string     `json:"@odata.nextLink"`
	DeltaLink string     `json:"@odata.deltaLink"`
}

func (m *Mailbox) page(ctx context.Context, r request, check func(*page) error) (*Page, error) {
	if err := m.c.checkLinkString(r.op, r.url); err != nil {
		return nil, err
	}
	p, err := fetch(ctx, m.c, r, func(p *page) error {
		if p.Values == nil {
			return errNoValue
		}
		for _, msg := range *p.Values {
			if err := wantID(msg.ID); err != nil {
				return err
			}
		}
		return check(p)
	})
	if err != nil {
		return nil, err
	}
	return &Page{Messages: *p.Values, NextLink: p.NextLink, DeltaLink: p.DeltaLink}, nil
}

var errNoValue = errors.New("no value in it")

// collection returns one page of anything, and the link to the next, "" at the end.
//
// "Paging Microsoft Graph data in your app"
func collection[T any](ctx context.Context, c *Client, r request) ([]T, string, error) {
	if err := c.checkLinkString(r.op, r.url); err != nil {
		return nil, "", err
	}
	type page struct {
		Values   *[]T   `json:"value"`
		NextLink string `json:"@odata.nextLink"`
	}
	p, err := fetch(ctx, c, r, func(p *page) error {
		if p.Values == nil {
			return errNoValue
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return *p.Values, p.NextLink, nil
}

func (c *Client) checkLinkString(op, link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("%s: link: %w", op, bare(err))
	}
	if err := c.checkLink(u); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}
