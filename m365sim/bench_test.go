package m365sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/m365sim"
)

// benchWorld is a simulator with n mails of 12 KiB and a token to read them.
func benchWorld(b *testing.B, n int) (handler http.Handler, token string, ids []string) {
	b.Helper()
	sim, err := m365sim.New(m365sim.Options{DataDir: b.TempDir(), Organisation: m365sim.Contoso()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { sim.Close() })
	for i := range n {
		id, err := sim.Deliver(context.Background(), support, benchMail(i))
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, id)
	}
	limits := `{"kind":"limits","requests":1000000000,"concurrent":1000}`
	serve(b, sim.Handler(), httptest.NewRequest("POST", "/sim/faults", strings.NewReader(limits)), 201)
	request := httptest.NewRequest("POST", "/"+m365sim.ContosoTenantID+"/oauth2/v2.0/token",
		strings.NewReader(form("client_credentials", "scope", "https://graph.microsoft.com/.default").Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(serve(b, sim.Handler(), request, 200), &answer); err != nil {
		b.Fatal(err)
	}
	return sim.Handler(), answer.AccessToken, ids
}

func benchMail(i int) []byte {
	return fmt.Appendf(nil, "From: Jo <jo%d@customer.example>\r\nTo: support@contoso.example\r\nSubject: number %d\r\nMessage-ID: <%d@customer.example>\r\n\r\n%s",
		i%100, i, i, bytes.Repeat([]byte("All work and no play makes Jack a dull boy.\r\n"), 270))
}

func serve(b *testing.B, h http.Handler, r *http.Request, status int) []byte {
	b.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != status {
		b.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func graphRequest(token, method, path, body string) *http.Request {
	r := httptest.NewRequest(method, "/v1.0/users/"+support+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Prefer", `IdType="ImmutableId"`)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func BenchmarkDeliver(b *testing.B) {
	sim, err := m365sim.New(m365sim.Options{DataDir: b.TempDir(), Organisation: m365sim.Contoso()})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	for i := 0; b.Loop(); i++ {
		if _, err := sim.Deliver(context.Background(), support, benchMail(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMIME(b *testing.B) {
	h, token, ids := benchWorld(b, 1000)
	for i := 0; b.Loop(); i++ {
		serve(b, h, graphRequest(token, "GET", "/messages/"+ids[i%len(ids)]+"/$value", ""), 200)
	}
}

func BenchmarkDeltaPage(b *testing.B) {
	h, token, _ := benchWorld(b, 1000)
	for b.Loop() {
		serve(b, h, graphRequest(token, "GET", "/mailFolders/inbox/messages/delta?$select=id,receivedDateTime,internetMessageId,isRead&$top=50", ""), 200)
	}
}

func BenchmarkMarkRead(b *testing.B) {
	h, token, ids := benchWorld(b, 1000)
	for i := 0; b.Loop(); i++ {
		serve(b, h, graphRequest(token, "PATCH", "/messages/"+ids[i%len(ids)], `{"isRead":true}`), 200)
	}
}

// BenchmarkFiling marks and moves ten mails in one batch, as a client that took
// them in does.
func BenchmarkFiling(b *testing.B) {
	h, token, ids := benchWorld(b, 1000)
	for i := 0; b.Loop(); i++ {
		var items []string
		for j := range 10 {
			id := ids[(i*10+j)%len(ids)]
			items = append(items,
				fmt.Sprintf(`{"id":"r%d","method":"PATCH","url":"/users/%s/messages/%s","headers":{"Content-Type":"application/json"},"body":{"isRead":true}}`, j, support, id),
				fmt.Sprintf(`{"id":"m%d","method":"POST","url":"/users/%s/messages/%s/move","headers":{"Content-Type":"application/json"},"body":{"destinationId":"archive"},"dependsOn":["r%d"]}`, j, support, id, j))
		}
		r := graphRequest(token, "POST", "", `{"requests":[`+strings.Join(items, ",")+`]}`)
		r.URL.Path = "/v1.0/$batch"
		serve(b, h, r, 200)
	}
}
