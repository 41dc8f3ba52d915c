package smtp

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator watches of the door.
type metrics struct {
	open        prometheus.Gauge
	connections *prometheus.CounterVec
	mails       *prometheus.CounterVec
	refused     prometheus.Counter
	bytes       prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tandem_smtp_connections", Help: "SMTP connections that are open."}),
		connections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_smtp_connections_total", Help: "SMTP connections, by whether they were accepted or refused.",
		}, []string{"outcome"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_smtp_mails_total", Help: "Mails by SMTP: accepted, failed, too_large or too_many.",
		}, []string{"outcome"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandem_smtp_recipients_refused_total", Help: "Recipients refused because nobody lives there.",
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "tandem_smtp_bytes_total", Help: "Bytes of mails taken in by SMTP."}),
	}
	if registry != nil {
		registry.MustRegister(m.open, m.connections, m.mails, m.refused, m.bytes)
	}
	return m
}
