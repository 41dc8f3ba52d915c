package api

import (
	"crypto/subtle"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/problem"
)

// metrics are the figures of the HTTP edge.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
	streams  prometheus.Gauge
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_http_request_seconds", Help: "Time taken to answer, by route.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandem_http_panics_total", Help: "Requests whose handler panicked.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tandem_http_event_streams", Help: "Browsers that listen to live events.",
		}),
	}
	registry.MustRegister(m.requests, m.seconds, m.panics, m.streams)
	return m
}

// serveMetrics answers Prometheus: with the token when one is set, else on this
// machine only.
func (s *server) serveMetrics() http.Handler {
	exposition := promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.mayReadMetrics(r) {
			writeProblem(w, r, s.log, problem.New(problem.Forbidden, "metrics_protected", "Metrics are not for you.").
				On(problem.Admin, "Set a metrics token and send it as bearer token, or ask on the machine itself."))
			return
		}
		exposition.ServeHTTP(w, r)
	})
}

func (s *server) mayReadMetrics(r *http.Request) bool {
	if s.options.MetricsToken != "" {
		want := "Bearer " + s.options.MetricsToken
		return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) == 1
	}
	// Behind a proxy on this machine every request comes from loopback.
	ip := net.ParseIP(requestOf(r.Context()).address)
	return ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == ""
}
