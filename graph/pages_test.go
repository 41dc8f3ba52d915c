package graph

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeltaFollowsLinksVerbatim(t *testing.T) {
	var c *Client
	var asked []string
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.RequestURI)
		if got := r.Header.Get("Prefer"); got != `IdType="ImmutableId", odata.maxpagesize=50` {
			t.Errorf("Prefer: %s", got)
		}
		if len(asked) == 1 {
			reply(200, `{"value":[{"id":"m1","isRead":false}],"@odata.nextLink":"`+c.base+`/me/mailfolders('AQMk')/messages/delta?$skiptoken=Gw%2Bc%20='x'"}`)(w, r)
			return
		}
		reply(200, `{"value":[{"id":"m2","@removed":{"reason":"deleted"}}],"@odata.deltaLink":"`+c.base+`/d?$deltatoken=T"}`)(w, r)
	})
	o := DeltaOptions{Folder: "inbox", Select: []string{"id", "isRead"}, PageSize: 50, Since: time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))}
	first, err := c.Mailbox("me").Delta(t.Context(), "", o)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Mailbox("me").Delta(t.Context(), first.NextLink, o)
	if err != nil {
		t.Fatal(err)
	}
	if first.Messages[0].Removed != nil || second.Messages[0].Removed == nil || second.Messages[0].Removed.Reason != "deleted" {
		t.Errorf("pages %+v, %+v", first, second)
	}
	if second.DeltaLink != c.base+"/d?$deltatoken=T" || second.NextLink != "" {
		t.Errorf("links of the last page: %+v", second)
	}
	if u, _ := url.Parse(asked[0]); u.Path != "/v1.0/me/mailFolders/inbox/messages/delta" || u.Query().Get("$filter") != "receivedDateTime ge 2026-11-22T03:00:00Z" || strings.Contains(asked[0], "+") {
		t.Errorf("first request %s", asked[0])
	}
	if want := "/v1.0/me/mailfolders('AQMk')/messages/delta?$skiptoken=Gw%2Bc%20='x'"; asked[1] != want {
		t.Errorf("link changed to %s, want %s", asked[1], want)
	}
}

func TestLinksElsewhereAreRefused(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	host := c.baseURL.Host
	for _, link := range []string{
		"https://evil.example/v1.0/me/messages",
		"https://" + host + "/v1.0/me/messages", // Graph is http in this test
		"http://evil.example:80/v1.0/me",
		"http://" + host + "@evil.example/v1.0/me",
		"http://evil@" + host + "/v1.0/me",
		"http://" + host + "/beta/me/messages",
		"http://" + host + "/v1.0",
		"http://" + host + "/v1.0/../admin",
		"http://" + host + "/v1.0/%2e%2e/admin",
		"//" + host + "/v1.0/me",
		"/v1.0/me/messages",
		"javascript:alert(1)",
	} {
		_, err := c.Mailbox("me").Delta(t.Context(), link, DeltaOptions{})
		var foreign *ForeignLinkError
		if !errors.As(err, &foreign) || Retryable(err) {
			t.Errorf("%s: %v", link, err)
		}
	}
	if _, err := c.Mailbox("me").List(t.Context(), "https://evil.example/v1.0/x?secret=1", ListOptions{}); err == nil ||
		!strings.Contains(err.Error(), "evil.example") || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error names the host and not the query: %v", err)
	}
}

func TestExpiredDeltaLink(t *testing.T) {
	for _, h := range []http.HandlerFunc{refuse(410, "SyncStateNotFound", "Location", "https://graph.example/delta"), refuse(400, "syncStateNotFound"), reply(410, "")} {
		c := serve(t, h)
		if _, err := c.Mailbox("me").Delta(t.Context(), c.base+"/me/d?$deltatoken=old", DeltaOptions{}); !errors.Is(err, ErrResync) {
			t.Errorf("got %v", err)
		}
	}
}

func TestDeltaPageWithoutLinkIsBroken(t *testing.T) {
	for _, body := range []string{`{"value":[]}`, `{"@odata.deltaLink":"x"}`, `{"value":[],"@odata.deltaLink":"x","@odata.nextLink":"y"}`, `{"value":[{}],"@odata.deltaLink":"x"}`} {
		whole := `{"value":[],"@odata.deltaLink":"whole"}`
		s := &steps{do: []http.HandlerFunc{reply(200, body), reply(200, whole)}}
		synctest.Test(t, func(t *testing.T) {
			p, err := inMemory(t, StaticToken("t"), s.ServeHTTP).Mailbox("me").Delta(t.Context(), "", DeltaOptions{Folder: Inbox})
			if err != nil || p.DeltaLink != "whole" {
				t.Errorf("%s was taken for a page: %+v, %v", body, p, err)
			}
		})
	}
}

func TestMessagesGoesThroughAllPages(t *testing.T) {
	var c *Client
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("$skip") {
		case "":
			if got := r.URL.Query(); got.Get("$top") != "2" || got.Get("$orderby") != "receivedDateTime desc" || got.Get("$select") != "id" {
				t.Errorf("query %v", got)
			}
			reply(200, `{"value":[{"id":"1"},{"id":"2"}],"@odata.nextLink":"`+c.base+`/me/messages?$skip=2"}`)(w, r)
		case "2":
			reply(200, `{"value":[],"@odata.nextLink":"`+c.base+`/me/messages?$skip=4"}`)(w, r) // empty pages happen
		default:
			reply(200, `{"value":[{"id":"3"}]}`)(w, r)
		}
	})
	var ids string
	for m, err := range c.Mailbox("me").Messages(t.Context(), ListOptions{Select: []string{"id"}, Top: 2, OrderBy: "receivedDateTime desc"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids += m.ID
	}
	if ids != "123" {
		t.Errorf("got %q", ids)
	}
}

func TestFindByPropertyQuotesTheValue(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		want := "singleValueExtendedProperties/any(ep: ep/id eq 'String {2c4b} Name Mark' and ep/value eq 'it''s')"
		if got := r.URL.Query().Get("$filter"); got != want || r.URL.Path != "/v1.0/me/mailFolders/drafts/messages" {
			t.Errorf("%s with %s", r.URL.Path, got)
		}
		reply(200, `{"value":[{"id":"m"}]}`)(w, r)
	})
	found, err := c.Mailbox("me").FindByProperty(t.Context(), Drafts, ExtendedProperty{NamedProperty("2c4b", "Mark"), "it's"}, "id")
	if err != nil || len(found) != 1 || found[0].ID != "m" {
		t.Errorf("%+v, %v", found, err)
	}
}
