package api

import (
	"fmt"
	"testing"
	"time"
)

func TestMetricsFollowZendesksAPI(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		id := agent.send("POST", "/tickets", object{"ticket": object{"subject": "Hello", "comment": object{"body": "Hi"}, "requester_id": w.requester.ID}}).is(201).number("ticket.id")
		agent.send("PUT", "/tickets/"+fmt.Sprint(id), object{"ticket": object{"status": "solved", "assignee_id": w.agent.ID, "comment": object{"body": "Done", "public": true}}}).is(200)
		for _, path := range []string{"/tickets/" + fmt.Sprint(id) + "/metrics.json", "/ticket_metrics/" + fmt.Sprint(id)} {
			m := agent.get("%s", path).is(200)
			if m.number("ticket_metric.ticket_id") != id || m.number("ticket_metric.replies") == 0 || m.number("ticket_metric.assignee_stations") != 1 {
				t.Errorf("%s: %s", path, m.text)
			}
			if m.at("ticket_metric.reply_time_in_minutes.business") != nil || m.number("ticket_metric.full_resolution_time_in_minutes.calendar") != 0 {
				t.Errorf("%s: %s", path, m.text)
			}
		}
		if list := agent.get("/ticket_metrics?page[size]=1").is(200); list.number("ticket_metrics.0.id") != id {
			t.Errorf("newest first: %s", list.text)
		}
		if list := agent.get("/tickets?include=metric_sets").is(200); list.number("tickets.0.metric_set.ticket_id") != id {
			t.Errorf("metrics beside the ticket: %s", list.text)
		}
		agent.get("/tickets/999999/metrics").refused(404, "not_found")
	})
}

func TestReportCountsThePeriodsDaysInTheReadersZone(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		for range 3 { // beside the one that is there
			agent.send("POST", "/tickets", object{"ticket": object{"subject": "Hello", "comment": object{"body": "Hi"}, "requester_id": w.requester.ID}}).is(201)
		}
		zone, err := time.LoadLocation("Asia/Tokyo")
		w.must(err)
		today := time.Now().In(zone)
		days := "from=" + today.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + today.Format(time.DateOnly)
		r := agent.get("/reports/tickets?%s&time_zone=Asia/Tokyo&group_by=brand", days).is(200)
		if r.number("steps.0.created") != 0 || r.number("steps.1.created") != 4 || r.number("total.created") != 4 || r.number("groups.0.created") != 4 {
			t.Errorf("four tickets today: %s", r.text)
		}
		if r.number("backlog.0.count") != 4 {
			t.Errorf("four tickets younger than a day: %s", r.text)
		}
		if begin, err := time.Parse(time.RFC3339, r.string("steps.0.from")); err != nil || begin.In(zone).Hour() != 0 {
			t.Errorf("days begin at midnight in Tokyo: %s", r.string("steps.0.from"))
		}
		counted := agent.get("/reports/tickets/counted?figure=created&from=%s&to=%s&per_page=3", r.string("steps.1.from"), r.string("steps.1.to")).is(200)
		if counted.number("count") != 4 || len(counted.list("tickets")) != 3 {
			t.Errorf("the tickets behind the figure: %s", counted.text)
		}
		agent.get("/reports/tickets?%s&time_zone=Mars/Olympus", days).refused(422, "unknown_time_zone")
		agent.get("/reports/tickets?%s&time_zone=Local", days).refused(422, "unknown_time_zone")
		agent.get("/reports/tickets?%s&time_zone=Osaka", days).is(200)
		agent.get("/reports/tickets?from=2020-01-01&to=2026-01-01").refused(422, "report_too_long")
		agent.get("/reports/tickets?from=2026-01-01&to=2020-01-01").refused(422, "report_period")
	})
}
