package tenant_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/access"
	"tandem/graph"
	"tandem/job"
	"tandem/m365"
	"tandem/m365sim"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

// world is the service on a real store, with the simulated Microsoft 365.
type world struct {
	*testing.T
	db      *store.DB
	tenants *tenant.Service
	sim     *httptest.Server
	clock   *clock
	admin   access.Actor
}

// each runs a test on every kind of database.
func each(t *testing.T, test func(*world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{T: t, db: db, clock: &clock{now: time.Now().UTC().Truncate(time.Second)}, admin: access.System()}
	sim, err := m365sim.New(m365sim.Options{DataDir: t.TempDir(), Organisation: m365sim.Contoso()})
	w.must(err)
	w.sim = httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		w.sim.Close()
		sim.Close()
	})
	log := slog.New(slog.DiscardHandler)
	w.tenants = tenant.NewService(store.For[tenant.Tx](db), m365.NewDirectory(graph.Endpoints{Login: w.sim.URL, Graph: w.sim.URL}, log),
		tenant.Options{LoginURL: w.sim.URL, Now: w.clock.Now, Log: log})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// contoso adds the tenant of the simulator, without a credential.
func (w *world) contoso() tenant.ID {
	w.Helper()
	shown, err := w.tenants.Create(w.Context(), w.admin, tenant.Details{Name: "Contoso", Directory: "contoso.example", ClientID: m365sim.ContosoClientID})
	w.must(err)
	return shown.ID
}

func (w *world) show(id tenant.ID) tenant.Shown {
	w.Helper()
	shown, err := w.tenants.Get(w.Context(), w.admin, id)
	w.must(err)
	return shown
}

// addSecret makes a secret at Microsoft and adds it.
func (w *world) addSecret(id tenant.ID, name, value string, expires time.Time) *tenant.Credential {
	w.Helper()
	w.simulate("POST", "/secrets", map[string]any{"value": value})
	c, err := w.tenants.AddSecret(w.Context(), w.admin, id, tenant.NewSecret{Name: name, Value: tenant.Secret(value), ExpiresAt: expires})
	w.must(err)
	w.clock.advance(time.Second) // the next one is newer
	return c
}

// simulate uses the simulator's controls of the application.
func (w *world) simulate(method, path string, body any) {
	w.Helper()
	data, err := json.Marshal(body)
	w.must(err)
	r, err := http.NewRequest(method, w.sim.URL+"/sim/applications/"+m365sim.ContosoClientID+path, strings.NewReader(string(data)))
	w.must(err)
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		w.Fatalf("%s %s: %s", method, path, resp.Status)
	}
}

// names lists the credentials in the order in which they are used, with their states.
func (w *world) names(id tenant.ID) string {
	w.Helper()
	var names []string
	for _, c := range w.show(id).Credentials {
		names = append(names, c.Name+" "+string(c.State(w.clock.Now())))
	}
	return strings.Join(names, ", ")
}

// queued lists the jobs of a kind that wait, decoded; the oldest first.
func queued[T job.Args](w *world) []T {
	w.Helper()
	var kind T
	jobs, err := job.NewService(store.For[job.StoreTx](w.db), w.clock.Now).List(w.Context(), job.Filter{Kind: kind.Kind()})
	w.must(err)
	var all []T
	for _, j := range jobs {
		var args T
		w.must(json.Unmarshal(j.Args, &args))
		all = append([]T{args}, all...)
	}
	return all
}

func code(err error) string {
	if p := problem.As(err); p != nil {
		return p.Code
	}
	return ""
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
