package job

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of one runner.
type metrics struct {
	outcomes *prometheus.CounterVec
	duration *prometheus.HistogramVec
	panics   prometheus.Counter
	looked   prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer, store Store) *metrics {
	m := &metrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_job_outcomes_total", Help: "Runs of jobs by what became of them; waiting means that it failed and will run again.",
		}, []string{"kind", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_job_duration_seconds", Help: "How long handlers ran.", Buckets: []float64{.001, .01, .1, .5, 1, 5, 30, 120, 600},
		}, []string{"kind"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandem_job_panics_total", Help: "Handlers that panicked. Each is a fault in Tandem.",
		}),
		looked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tandem_job_last_look_timestamp_seconds", Help: "When this process last looked for due jobs with success.",
		}),
	}
	if registerer != nil {
		registerer.MustRegister(m.outcomes, m.duration, m.panics, m.looked, depth{store})
	}
	return m
}

// depth counts the jobs when it is asked.
type depth struct{ store Store }

var depthDesc = prometheus.NewDesc("tandem_jobs", "Jobs by state.", []string{"state"}, nil)

func (depth) Describe(ch chan<- *prometheus.Desc) { ch <- depthDesc }

func (d depth) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var counts map[State]int
	err := d.store.View(ctx, func(tx StoreTx) (err error) {
		counts, err = tx.CountJobs(ctx)
		return err
	})
	if err != nil {
		ch <- prometheus.NewInvalidMetric(depthDesc, err)
		return
	}
	for _, state := range []State{Waiting, Running, Dead} {
		ch <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
}
