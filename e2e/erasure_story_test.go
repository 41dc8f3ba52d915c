package e2e

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/store/storetest"
)

// marks are what must be nowhere once the person is deleted permanently. What
// they wrote in a mail has the word "saidzyx".
var marks = []string{"quimbyzyx", "zorblaxzyx", "saidzyx", "filezyx", "+819911122233", "notedzyx"}

const (
	erasedParty = "Quimbyzyx Zorblaxzyx <q.zorblaxzyx@people.example>"
	otherParty  = "Olga Other <olga@other.example>"
)

// A person writes, is written to, is in copy, is suspended, noted, merged and
// drafted to. Then they are deleted permanently, and not a word of them is left
// in any table or file; what other people said stays.
func TestNothingIsLeftOfAPersonWhoIsDeletedPermanently(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { tellErasure(t, Options{}) })
	t.Run("Postgres", func(t *testing.T) { tellErasure(t, Options{Database: storetest.PostgresURL(t)}) })
}

func tellErasure(t *testing.T, opts Options) {
	t.Parallel()
	w := connected(Open(t, opts))
	person, shared := w.fillWithTraces()

	path := fmt.Sprintf("/api/v2/deleted_users/%d", person)
	var refusal struct{ Code string }
	w.API.Delete(path).Want(http.StatusUnprocessableEntity).Into(&refusal)
	if refusal.Code != "user_not_deleted" {
		t.Errorf("deleted permanently before deleted: %s", refusal.Code)
	}
	w.API.Delete(fmt.Sprintf("/api/v2/users/%d", person)).Want(200)
	if found := w.found(); len(found) == 0 {
		t.Fatal("there was nothing to find before")
	}
	var begun struct {
		JobStatus struct{ ID string } `json:"job_status"`
	}
	w.API.Delete(path).Want(200).Into(&begun)
	var work struct {
		JobStatus struct {
			Status  string
			Refused int
			Results []map[string]any
		} `json:"job_status"`
	}
	w.Until("the person deleted permanently", func() bool {
		w.API.Get("/api/v2/job_statuses/" + begun.JobStatus.ID).Want(200).Into(&work)
		return work.JobStatus.Status == "completed"
	})
	if work.JobStatus.Refused != 0 {
		t.Fatalf("refused: %v", work.JobStatus.Results)
	}
	w.API.Get(path).Want(404)

	said := w.comments(shared)
	if len(said) != 3 || !strings.Contains(said[0].Body, "Olga asks") || said[1].Body != "[deleted]" {
		t.Errorf("of somebody else's ticket is left %+v", said)
	}
	w.API.Get("/api/v2/search?query=saidzyx").Want(200)
	w.Until("the files let go", func() bool { return len(w.jobsOf("email.remove_content")) == 0 })
	w.passADay()
	w.Until("the files removed", func() bool { return len(w.foundFiles()) == 0 })
	if found := w.found(); len(found) > 0 {
		t.Errorf("traces are left:\n%s", strings.Join(found, "\n"))
	}
}

// fillWithTraces gives the person, and a ticket of somebody else in which they took part.
func (w *World) fillWithTraces() (person, shared int64) {
	w.Helper()
	w.Mail(Letter{From: erasedParty, To: Support, Subject: "About saidzyx", MessageID: "<own@people.example>", Text: "Hello, saidzyx.\r\nQuimbyzyx"})
	own := w.awaitTicket()
	w.Mail(Letter{
		From: otherParty, To: Support, Subject: "Our order", MessageID: "<other@other.example>", Extra: "Cc: " + erasedParty + "\r\n",
		Text: "Olga asks. So does Quimbyzyx Zorblaxzyx, whom I copy.",
	})
	w.awaitTickets(2)
	for _, made := range w.tickets("") {
		if made.ID != own.ID {
			shared = made.ID
		}
	}
	w.Mail(Letter{
		From: erasedParty, To: Support, Subject: "Re: Our order", MessageID: "<joins@people.example>", InReplyTo: "<other@other.example>",
		Text: "I saidzyx that, too.",
	})
	w.Mail(Letter{
		From: otherParty, To: Support, Subject: "Re: Our order", MessageID: "<quotes@other.example>", InReplyTo: "<joins@people.example>",
		Text: "Olga agrees.\r\n\r\nOn Monday, " + erasedParty + " wrote:\r\n> I saidzyx that, too.",
	})
	w.Until("the conversation", func() bool { return len(w.comments(shared)) == 3 })
	w.Mail(Letter{
		From: erasedParty, To: Support, Subject: "Away: saidzyx", MessageID: "<away@people.example>", Extra: "Auto-Submitted: auto-replied\r\n",
		Text: "I am away, saidzyx.",
	})
	w.Until("the suspended mail", func() bool { return w.states()["suspended"] == 1 })
	token, _ := w.upload("filezyx.txt", "text/plain", []byte("filezyx for Quimbyzyx"))
	w.change(own.ID, change{"comment": change{"body": "Dear Quimbyzyx, here it is.", "uploads": []string{token}}})

	var people struct{ Users []struct{ ID int64 } }
	w.API.Get("/api/v2/users/search?query=q.zorblaxzyx").Want(200).Into(&people)
	person = people.Users[0].ID
	user := fmt.Sprintf("/api/v2/users/%d", person)
	w.API.Put(user, change{"user": change{"notes": "notedzyx", "details": "notedzyx street", "phone": "+81 99 1112 2233", "tags": []string{"notedzyx"}}}).Want(200)
	w.API.Post(user+"/identities", change{"identity": change{"type": "email", "value": "home@zorblaxzyx.example"}}).Want(201)
	w.API.Post(user+"/identities", change{"identity": change{"type": "phone_number", "value": "+819911122233"}}).Want(201)
	w.API.Post("/api/v2/user_fields", change{"user_field": change{"type": "text", "key": "pet", "title": "Pet"}}).Want(201)
	w.API.Put(user, change{"user": change{"user_fields": change{"pet": "notedzyx"}}}).Want(200)
	w.API.Post("/api/v2/mail_settings/senders", change{"sender": change{"list": "unlimited", "pattern": "q.zorblaxzyx@people.example"}})

	var twin struct{ User struct{ ID int64 } }
	w.API.Post("/api/v2/users", change{"user": change{"name": "Zorblaxzyx Q", "email": "twin@zorblaxzyx.example"}}).Want(201).Into(&twin)
	w.API.Put(fmt.Sprintf("/api/v2/users/%d/merge", twin.User.ID), change{"user": change{"id": person}}).Want(200)
	w.API.Put("/api/v2/tickets/0/draft", change{"draft": change{"mode": "note", "requester": erasedParty, "note": change{"html_body": "<p>x</p>"}}}).Want(200)
	w.API.Put(fmt.Sprintf("/api/v2/tickets/%d/draft", own.ID), change{"draft": change{"mode": "reply", "reply": change{"html_body": "<p>saidzyx</p>"}}}).Want(200)
	var olga struct{ Users []struct{ ID int64 } }
	w.API.Get("/api/v2/users/search?query=olga").Want(200).Into(&olga)
	w.API.Put(fmt.Sprintf("/api/v2/users/%d", olga.Users[0].ID), change{"user": change{"notes": "See Q.Zorblaxzyx@people.example"}}).Want(200)
	return person, shared
}

// database opens the world's database beside Tandem.
func (w *World) database() *sql.DB {
	w.Helper()
	driver, source := "sqlite", "file:"+filepath.Join(w.Config.Data, "tandem.db")+"?_pragma=busy_timeout(10000)"
	if w.opts.Database != "" {
		driver, source = "pgx", w.opts.Database
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.Fatal(err)
	}
	return db
}

// jobsOf are the jobs of a kind that are not done.
func (w *World) jobsOf(kind string) (waiting []string) {
	w.Helper()
	db := w.database()
	defer db.Close()
	for _, row := range w.dump(db, "SELECT state FROM job WHERE kind = '"+kind+"'") {
		if !strings.Contains(row, "completed") {
			waiting = append(waiting, row)
		}
	}
	return waiting
}

// dump writes each row that a query gives as one text.
func (w *World) dump(db *sql.DB, query string) (lines []string) {
	w.Helper()
	rows, err := db.QueryContext(w.Context(), query)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	for rows.Next() {
		cells := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.Fatal(err)
		}
		line := ""
		for i, cell := range cells {
			line += columns[i] + "=" + string(cell) + " "
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return lines
}

// found are the rows and files in which there is a mark.
func (w *World) found() []string {
	w.Helper()
	db := w.database()
	defer db.Close()
	// SQLite's index of words is left out: it holds no texts, and nothing leads from its words to anybody.
	tables := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_text%' ESCAPE '\\'"
	if w.opts.Database != "" {
		tables = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_type = 'BASE TABLE'"
	}
	found := w.foundFiles()
	for _, table := range w.dump(db, tables) {
		table = strings.TrimSpace(strings.TrimPrefix(table, "name="))
		for _, row := range w.dump(db, `SELECT * FROM "`+table+`"`) {
			if marked([]byte(row)) {
				found = append(found, table+": "+row)
			}
		}
	}
	return found
}

func marked(content []byte) bool {
	content = bytes.ToLower(content)
	for _, mark := range marks {
		if bytes.Contains(content, []byte(mark)) {
			return true
		}
	}
	return false
}

func (w *World) blobs(look func(path string, content []byte)) {
	w.Helper()
	err := filepath.WalkDir(filepath.Join(w.Config.Data, "blob"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			look(path, content)
		}
		return nil // it is being removed
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *World) foundFiles() (found []string) {
	w.Helper()
	w.blobs(func(path string, content []byte) {
		if marked(content) {
			found = append(found, path)
		}
	})
	return found
}

// passADay makes all files a day older, and what is due every hour due.
func (w *World) passADay() {
	w.Helper()
	w.Stop()
	w.blobs(func(path string, _ []byte) {
		then := time.Now().Add(-48 * time.Hour)
		if err := os.Chtimes(path, then, then); err != nil {
			w.Fatal(err)
		}
	})
	db := w.database()
	if _, err := db.ExecContext(w.Context(), "UPDATE job_schedule SET next_at = 1 WHERE name = 'desk.remove_uploads'"); err != nil {
		w.Fatal(err)
	}
	if err := db.Close(); err != nil {
		w.Fatal(err)
	}
	w.Start()
}
