package email

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator watches of reading.
type metrics struct {
	lag      prometheus.Histogram
	mails    *prometheus.CounterVec
	inFlight prometheus.Gauge
	passes   *prometheus.HistogramVec
	reading  prometheus.Gauge
	panics   prometheus.Counter
}

// newMetrics registers the metrics; a nil registry keeps them to ourselves.
func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tandem_mail_lag_seconds", Help: "Time from receipt at Microsoft to the decision here.",
			Buckets: []float64{.05, .1, .2, .3, .5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200},
		}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_mail_decided_total", Help: "Mails taken in, by what became of them.",
		}, []string{"state"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tandem_mail_fetching", Help: "Mails being fetched from Microsoft.",
		}),
		passes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_mail_pass_seconds", Help: "Duration of one complete reading of a mailbox.",
			Buckets: []float64{.01, .03, .1, .3, 1, 3, 10, 30, 100, 300, 1000},
		}, []string{"outcome"}),
		reading: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tandem_mailboxes_held", Help: "Mailboxes whose lease this process holds.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandem_mail_panics_total", Help: "Mails whose handling panicked.",
		}),
	}
	if registry != nil {
		registry.MustRegister(m.lag, m.mails, m.inFlight, m.passes, m.reading, m.panics)
	}
	return m
}

// decided counts a decided mail.
func (m *metrics) decided(mail *Mail) {
	m.mails.WithLabelValues(string(mail.State)).Inc()
	if !mail.Imported && !mail.ReceivedAt.IsZero() {
		m.lag.Observe(max(0, mail.DecidedAt.Sub(mail.ReceivedAt).Seconds()))
	}
}
