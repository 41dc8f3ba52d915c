package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// No list takes an order that it does not have for the one it has.
func TestUnknownOrdersAreRefused(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	view := admin.send("POST", "/views", object{"view": object{
		"title": "All", "all": []object{{"field": "status", "operator": "less_than", "value": "closed"}}, "output": object{"columns": []string{"subject"}},
	}}).is(http.StatusCreated).number("view.id")
	for path, item := range w.server.api.OpenAPI().Paths {
		if item.Get == nil {
			continue
		}
		for _, part := range strings.Split(path, "/") {
			if strings.HasPrefix(part, "{") {
				path = strings.Replace(path, part, fmt.Sprint(view), 1)
			}
		}
		for _, parameter := range orderParameters {
			got := admin.get("%s?%s=nonsense", path, parameter).refused(422, "sort_unknown")
			if got.string("remedy") == "" || got.at("details."+parameter+".0.type") != "sort_unknown" {
				t.Errorf("%s by %s: %s", path, parameter, got.text)
			}
			declared := slices.ContainsFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == parameter })
			if declared != strings.HasPrefix(got.string("remedy"), "Use one of") {
				t.Errorf("%s by %s says %q", path, parameter, got.string("remedy"))
			}
		}
	}
}

func TestRulesAndViewsComeInTheOrderAskedFor(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	for _, title := range []string{"banana", "Apple", "cherry"} {
		admin.send("POST", "/macros", object{"macro": object{"title": title, "actions": []object{{"field": "status", "value": "open"}}}}).is(http.StatusCreated)
	}
	for query, want := range map[string]string{
		"": "banana Apple cherry", "?sort_by=position": "banana Apple cherry", "?sort_by=position&sort_order=desc": "cherry Apple banana",
		"?sort_by=alphabetical": "Apple banana cherry", "?sort_by=alphabetical&sort_order=desc&per_page=2": "cherry banana",
		"?sort_by=created_at&sort_order=asc&page[size]=2": "banana Apple",
	} {
		got := admin.get("/macros%s", query).is(200)
		var titles []string
		for i := range got.list("macros") {
			titles = append(titles, got.string(fmt.Sprintf("macros.%d.title", i)))
		}
		if strings.Join(titles, " ") != want {
			t.Errorf("%q gives %v, want %s", query, titles, want)
		}
	}
	for _, path := range []string{"/views?sort_by=alphabetical", "/views/active?sort_by=updated_at", "/triggers?sort_by=created_at&sort_order=desc"} {
		admin.get("%s", path).is(200)
	}
}

// What Zendesk's tickets have and ours lack is asked for in vain, and no mistake.
func TestSearchKnowsWhatOnlyZendeskHas(t *testing.T) {
	everywhere(t, func(w *world) {
		for query, n := range map[string]int{
			"form:Returns": 0, "-form:Returns": 1, "form:none": 1, "satisfaction:bad": 0, "ticket_form_id:7": 0, "form:a form:b": 0,
		} {
			if got := w.as(w.agent).get("/search/count?query=type:ticket+%s", strings.ReplaceAll(query, " ", "+")).is(200).number("count"); got != n {
				t.Errorf("%s finds %d, want %d", query, got, n)
			}
		}
	})
}

func TestTimeZonesAreTakenAsZendeskNamesThem(t *testing.T) {
	w := one(t)
	admin, path := w.as(w.admin), fmt.Sprintf("/users/%d", w.requester.ID)
	got := admin.send("PUT", path, object{"user": object{"time_zone": "Eastern Time (US & Canada)"}}).is(200)
	if got.string("user.time_zone") != "America/New_York" || got.string("user.iana_time_zone") != "America/New_York" {
		t.Errorf("taken as %s", got.text)
	}
	admin.send("PUT", path, object{"user": object{"time_zone": "Atlantis"}}).refused(422, "invalid_time_zone")
}
