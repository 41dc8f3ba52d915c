package email_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"log/slog"
	"runtime"
	"runtime/pprof"

	"tandem/blob"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/event"
	"tandem/graph"
	"tandem/job"
	"tandem/m365"
	"tandem/m365sim"
	"tandem/store"
)

func TestZZThroughput(t *testing.T) {
	ctx := t.Context()
	lat, _ := time.ParseDuration(os.Getenv("LAT"))
	n := 3000
	fmt.Sscan(os.Getenv("N"), &n)
	sim, err := m365sim.New(m365sim.Options{DataDir: t.TempDir(), Latency: lat, Organisation: m365sim.Contoso()})
	check(t, err)
	defer sim.Close()
	srv := httptest.NewServer(sim.Handler())
	defer srv.Close()
	var apps struct{ Applications []struct{ ClientID string `json:"client_id"`; TenantID string `json:"tenant_id"`; Secrets []struct{ Value string } } }
	resp, err := http.Get(srv.URL + "/sim/applications")
	check(t, err)
	check(t, json.NewDecoder(resp.Body).Decode(&apps))
	app := apps.Applications[0]
	if r, err := http.Post(srv.URL+"/sim/applications/"+app.ClientID+"/consent", "application/json", strings.NewReader(`{"user":"`+support+`","scopes":["openid","offline_access","email","User.Read","Mail.Send","Mail.ReadWrite"]}`)); err != nil || r.StatusCode != 204 { t.Fatal(err, r.StatusCode) }
	resp, err = http.PostForm(srv.URL+"/"+app.TenantID+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"password"}, "client_id": {app.ClientID}, "client_secret": {app.Secrets[0].Value},
		"username": {support}, "password": {"tandem-demo"}, "scope": {"openid offline_access email User.Read Mail.Send Mail.ReadWrite"},
	})
	check(t, err)
	var tok map[string]any
	check(t, json.NewDecoder(resp.Body).Decode(&tok))
	refresh, _ := tok["refresh_token"].(string)
	if refresh == "" { t.Fatal(tok) }

	bus := event.NewBus()
	db := openSQLite(t, store.Options{Bus: bus})
	st := store.For[email.Tx](db)
	folder, err := blob.Open(ctx, t.TempDir())
	check(t, err)
	boxes := m365.NewMailboxes(m365.Options{Endpoints: graph.Endpoints{Login: srv.URL, Graph: srv.URL}, App: graph.App{Tenant: app.TenantID, ClientID: app.ClientID, Secret: app.Secrets[0].Value},
		SaveToken: func(context.Context, email.ConnectionID, email.Secret) error { return nil }, Log: slog.Default()})
	d := desk.NewService(store.For[desk.Tx](db), folder, desk.Options{})
	var id email.ConnectionID
	check(t, st.Update(ctx, func(tx email.Tx) error {
		b := &directory.Brand{Name: "Contoso", Default: true}
		if err := tx.InsertBrand(ctx, b); err != nil { return err }
		c := &email.Connection{Kind: email.Exchange, State: email.Connected, Email: support, TenantID: app.TenantID, UserID: "u", RefreshToken: email.Secret(refresh), Since: time.Now().Add(-time.Hour), AuthorizedAt: time.Now()}
		if err := tx.InsertConnection(ctx, c); err != nil { return err }
		id = c.ID
		return tx.InsertSupportAddress(ctx, &email.SupportAddress{Email: support, BrandID: b.ID, ConnectionID: c.ID, Default: true})
	}))
	reader := email.NewReader(st, boxes, folder, d, bus, email.ReaderOptions{Owner: "x", Log: slog.Default()})
	filer := email.NewFiler(st, boxes, time.Now, slog.Default())
	runner := job.NewRunner(store.For[job.StoreTx](db), job.RunnerOptions{Events: bus})
	job.Handle(runner, func(ctx context.Context, tk *job.Task[email.FileMail]) error { return filer.Work(ctx, tk.Args) }, job.HandleOptions{})
	runner.Start()
	defer runner.Stop(ctx)
	body := strings.Repeat("Twelve kibibytes of text, which people write rarely and signatures often.\r\n", 155)
	for i := range n {
		raw := strings.ReplaceAll(mail(fmt.Sprintf("%d@client", i), fmt.Sprintf("From: Ana <ana%d@client.example>", i)), "\n", "\r\n") + body
		_, err := sim.Deliver(ctx, support, []byte(raw))
		check(t, err)
	}
	t.Log("delivered")
	created := bus.Subscribe(event.Kinds(event.TicketCreated))
	if os.Getenv("PROF") != "" { f, _ := os.Create(os.Getenv("PROF")); pprof.StartCPUProfile(f) }
	start := time.Now()
	reader.Start()
	count := func() (k int) { st.View(ctx, func(tx email.Tx) error { k, _ = tx.CountTickets(ctx, desk.TicketFilter{}); return nil }); return }
	for count() < n { time.Sleep(50*time.Millisecond) }
	el := time.Since(start)
	t.Logf("%d mails in %v: %.0f mails/s", n, el, float64(n)/el.Seconds())
	for {
		var f email.Figures
		st.View(ctx, func(tx email.Tx) error { f, _ = tx.ConnectionFigures(ctx, id, start); return nil })
		if f.Unfiled == 0 { break }
		time.Sleep(50*time.Millisecond)
		if time.Since(start) > 100*time.Second { t.Fatal("unfiled", f.Unfiled) }
	}
	pprof.StopCPUProfile()
	t.Logf("filed after %v, requests %d (%.2f per mail)", time.Since(start), boxes.Requests(id), float64(boxes.Requests(id))/float64(n))
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Logf("heap sys %d MB", ms.HeapSys>>20)
	created.Close()
	// latency
	var worst time.Duration
	sub := bus.Subscribe(event.Kinds(event.TicketCreated))
	for i := range 20 {
		raw := strings.ReplaceAll(mail(fmt.Sprintf("l%d@client", i)), "\n", "\r\n")
		sim.Deliver(ctx, support, []byte(raw))
		s := time.Now()
		bus.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(id)})
		<-sub.Events()
		worst = max(worst, time.Since(s))
		time.Sleep(20*time.Millisecond)
	}
	t.Logf("worst notification-to-ticket %v", worst)
	reader.Stop()
}
