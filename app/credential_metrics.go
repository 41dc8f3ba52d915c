package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/tenant"
)

var credentialExpirySeconds = prometheus.NewDesc("tandem_credential_expiry_seconds",
	"Time until a credential at Microsoft expires; negative when it has. Those whose expiry nobody knows are left out.",
	[]string{"tenant", "credential"}, nil)

// credentialExpiry tells Prometheus how long each credential lasts. It is read
// when asked, so that it is right however long ago somebody changed something.
type credentialExpiry struct {
	tenants *tenant.Service
	log     *slog.Logger
}

// Describe names the figure.
func (credentialExpiry) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- credentialExpirySeconds
}

// Collect gives the figure of each credential. Names may repeat, numbers do not.
func (c credentialExpiry) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	all, err := c.tenants.Expiries(ctx)
	if err != nil {
		c.log.Warn("count the days of credentials", "err", err)
		return
	}
	for _, e := range all {
		metrics <- prometheus.MustNewConstMetric(credentialExpirySeconds, prometheus.GaugeValue,
			time.Until(e.At).Seconds(), e.Tenant, fmt.Sprintf("%s #%d", e.Credential, e.ID))
	}
}
