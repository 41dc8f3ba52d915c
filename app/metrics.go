package app

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/graph"
)

// countGraphRequests counts what is asked of Microsoft Graph.
func (a *App) countGraphRequests() func(graph.RequestInfo) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tandem_graph_requests_total", Help: "Requests to Microsoft Graph as Microsoft counts them, by operation and status (0: no answer).",
	}, []string{"op", "status"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tandem_graph_request_seconds", Help: "Time until the header of Graph's answer.", Buckets: prometheus.DefBuckets,
	}, []string{"op"})
	a.metrics.MustRegister(requests, seconds)
	return func(r graph.RequestInfo) {
		requests.WithLabelValues(r.Op, strconv.Itoa(r.Status)).Add(float64(r.Requests))
		seconds.WithLabelValues(r.Op).Observe(r.Duration.Seconds())
	}
}
