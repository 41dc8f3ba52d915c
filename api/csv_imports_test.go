package api

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/bulk"
	"tandem/csvfile"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/store"
)

// look uploads a file and gives what importing it would do.
func (w *world) look(by *caller, kind, file string) CSVImport {
	w.t.Helper()
	var out struct {
		CSVImport CSVImport `json:"csv_import"`
	}
	by.want(http.StatusCreated, "POST", "/"+kind+"/import.csv?filename="+kind+".csv", strings.NewReader(file), &out)
	return out.CSVImport
}

// outcome is what a line comes to: its action, or the code and column of its problem.
func (l CSVLine) outcome() string {
	if l.Problem != nil {
		return strings.TrimSpace(l.Problem.Code + " " + l.Problem.Column)
	}
	var changes []string
	for _, c := range l.Changes {
		changes = append(changes, c.Column+"="+c.After)
	}
	return strings.TrimSpace(l.Action + " " + strings.Join(changes, " "))
}

// foreseen are the outcomes by line.
func foreseen(i CSVImport) map[int]string {
	lines := make(map[int]string)
	for _, l := range i.Lines {
		lines[l.Line] = l.outcome()
	}
	return lines
}

func (w *world) wantLines(i CSVImport, want ...string) {
	w.t.Helper()
	lines := foreseen(i)
	for at, outcome := range want {
		if lines[at+2] != outcome {
			w.t.Errorf("line %d: %q, want %q", at+2, lines[at+2], outcome)
		}
	}
	if i.Problem != nil || len(lines) != len(want) || i.Create+i.Update+i.Unchanged+i.Refused != i.Total {
		w.t.Errorf("problem %+v, %d lines, %+v", i.Problem, len(lines), i)
	}
}

func TestImportOfPeople(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		admin.want(http.StatusCreated, "POST", "/user_fields", object{"user_field": object{"type": "date", "key": "since", "title": "Since"}}, nil)
		admin.want(http.StatusCreated, "POST", "/organizations", object{"organization": object{"name": "Fabrikam"}}, nil)
		file := fmt.Sprintf("ID;Name;email;role;organization;external_id;suspended;user_fields.since;notes\n"+
			"%[1]d;Aiko T;;end-user;fabrikam;;FALSO;2026-03-31;\n"+ // changed by id
			";Bo;BO@import.example;;;B-1;true;;\"two\nlines; here\"\n"+
			";Bo again;bo@import.example;;;;;;\n"+
			";Boss;boss@import.example;admin;;;;;\n"+
			";Eve;admin@contoso.example;;;;;;\n"+
			";Eve Admin;admin@contoso.example;admin;;;;;\n"+
			";Us;support@contoso.example;;;;;;\n"+
			"999;Nobody;;;;;;;\n"+
			"x;Nobody;;;;;;;\n"+
			";Bad;not an address;;;;;;\n"+
			";Bad;date@import.example;;;;;31/03/2026;\n"+
			";Bad;org@import.example;;Unknown;;;;\n"+
			";Nobody;;;;;;;\n"+
			";Bad;perhaps@import.example;;;;perhaps;;\n"+
			";=1+1;'=2@import.example;;;;;;;;;x\n"+
			";%[2]s;long@import.example;;;;;;\n"+
			"ID;Name;email;role;organization;external_id;suspended;user_fields.since;notes\n"+
			";Twin;aiko@fabrikam.example;;;;;;\n", w.requester.ID, strings.Repeat("x", 1<<20))
		i := w.look(admin, "users", file)
		if i.Encoding != "utf-8" || i.Separator != "semicolon" || i.Total != 18 {
			t.Errorf("read as %+v", i)
		}
		want := []string{
			"update name=Aiko T organization=Fabrikam user_fields.since=2026-03-31",
			"create name=Bo email=bo@import.example external_id=B-1 notes=two\nlines; here suspended=true",
		}
		got := foreseen(i)
		if got[2] != want[0] || got[3] != want[1] {
			t.Errorf("lines 2 and 3: %q, %q", got[2], got[3])
		}
		for line, code := range map[int]string{
			5: "csv_line_twice email", 6: "csv_role role", 7: "csv_agent name", 8: "csv_line_twice email", 9: "csv_support_address email",
			10: "csv_id_unknown id", 11: "csv_id_unreadable id", 12: "invalid_email email", 13: "field_not_date user_fields.since",
			14: "csv_organization_unknown organization", 15: "csv_line_names_nobody", 16: "csv_not_true_or_false suspended",
			17: "csv_too_many_cells_in_line", 18: "csv_cell_too_long name", 19: "csv_header_again", 20: "csv_line_twice id",
		} {
			if got[line] != code {
				t.Errorf("line %d: %q, want %q", line, got[line], code)
			}
		}
		if i.Create != 1 || i.Update != 1 || i.Refused != 16 || i.Lines[0].Problem == nil {
			t.Errorf("counts %+v", i)
		}
		if n := admin.get("/users.json?query=import.example").is(http.StatusOK); n.number("count") != 0 {
			t.Error("looking at a file added people")
		}

		job := w.bulkOf(admin, "POST", "/csv_imports/"+i.Token+"/start", nil)
		if job.Total != 18 || job.Refused != 16 || job.Results[0].Status != "Updated" || job.Results[1].Status != "Created" || job.Results[2].Code != "csv_line_twice" {
			t.Errorf("the job ended as %+v", job)
		}
		u := admin.get("/users/%d", w.requester.ID).is(http.StatusOK)
		if u.string("user.name") != "Aiko T" || u.string("user.email") != "aiko@fabrikam.example" || u.number("user.organization_id") == 0 {
			t.Errorf("the requester is %s", u.text)
		}
		if a := admin.get("/users/%d", w.admin.ID); a.string("user.name") != "Eve Admin" {
			t.Errorf("the administrator was changed: %s", a.text)
		}
		admin.send("POST", "/csv_imports/"+i.Token+"/start", nil).refused(http.StatusConflict, "import_begun")
		if log := admin.get("/audit_logs?source_type=csv_import"); !strings.Contains(log.text, "users.csv") {
			t.Errorf("the audit trail says %s", log.text)
		}

		rest := admin.get("/csv_imports/%s/refused.csv", i.Token).is(http.StatusOK).text
		if lines := strings.Count(rest, "\n"); !strings.Contains(rest, ",5,Line 3 has the same email.") || strings.Contains(rest, "Aiko T") || !strings.Contains(rest, "'=1+1,'=2@import.example") {
			t.Errorf("%d refused lines: %.600s", lines, rest)
		}
		// What was refused is a file that can be corrected and imported; the others are unchanged by now.
		again := w.look(admin, "users", rest)
		if !slices.Equal(again.Ignored, []string{"line", "error"}) || again.Total != 16 || again.Problem != nil {
			t.Errorf("the refused lines read as %+v", again)
		}
		if same := w.look(admin, "users", file); same.Create != 0 || same.Update != 0 || same.Unchanged != 2 {
			t.Errorf("imported once more: %+v", same)
		}
	})
}

func TestImportOfOrganizations(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		admin.want(http.StatusCreated, "POST", "/groups", object{"group": object{"name": "Tier 2"}}, nil)
		admin.want(http.StatusCreated, "POST", "/organizations", object{"organization": object{"name": "Fabrikam", "external_id": "F", "domain_names": []string{"fabrikam.example"}}}, nil)
		i := w.look(admin, "organizations", "external_id,name,domain_names,group,tags,shared_tickets\n"+
			"F,,,tier 2,vip gold,yes\n"+
			",Adatum,adatum.example,,,\n"+
			",Litware,\"litware.example, adatum.example\",,,\n"+
			",Northwind,fabrikam.example,,,\n"+
			",Tailspin,,Tier 3,,\n"+
			",ADATUM,,,,\n"+
			",fabrikam,,,,\n"+
			",Wingtip,not a domain,,,\n")
		w.wantLines(i,
			"update tags=vip gold group=Tier 2 shared_tickets=true", "create name=Adatum domain_names=adatum.example",
			"csv_line_twice domain_names", "domain_taken domain_names", "csv_team_unknown group", "csv_line_twice name",
			"csv_line_twice external_id", "invalid_domain domain_names")
		if job := w.bulkOf(admin, "POST", "/csv_imports/"+i.Token+"/start", nil); job.Refused != 6 || job.Progress != 8 {
			t.Errorf("the job ended as %+v", job)
		}
		if found := admin.get("/organizations/search?name=adatum").is(http.StatusOK); found.number("count") != 1 {
			t.Errorf("added: %s", found.text)
		}
	})
}

func TestFileThatCannotBeImported(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	for file, code := range map[string]string{
		"name,email,colour\nBo,bo@x.example,red\n": "csv_columns_unknown",
		"email,email\na,b\n":                       "csv_column_twice",
		"name,notes\nBo,x\n":                       "csv_nobody_named",
		"PK\x03\x04":                               "csv_workbook",
		"email\n\x00\n":                            "csv_not_text",
		"":                                         "csv_empty",
	} {
		i := w.look(admin, "users", file)
		if i.Problem == nil || i.Problem.Code != code || i.Problem.Remedy == "" {
			t.Errorf("%q: %+v, want %s", file, i.Problem, code)
		}
		admin.send("POST", "/csv_imports/"+i.Token+"/start", nil).refused(http.StatusUnprocessableEntity, code)
	}
	admin.send("POST", "/users/import.csv", strings.NewReader(strings.Repeat("x", csvfile.MaxSize+1))).refused(http.StatusUnprocessableEntity, "csv_too_large")
	i := w.look(admin, "users", "email;name\nbo@x.example;Bo, the second\n")
	wrong := admin.get("/csv_imports/%s?separator=comma", i.Token).is(http.StatusOK)
	if i.Create != 1 || wrong.string("csv_import.problem.code") != "csv_columns_unknown" {
		t.Errorf("%+v, and with commas %s", i, wrong.text)
	}
	if _, err := w.server.desk.StartImport(t.Context(), access.Actor{UserID: w.agent.ID, Role: directory.Agent}, i.Token, csvfile.Format{}); err == nil {
		t.Error("an agent may import")
	}
}

// TestImportIsCutOff has the work give way in the middle, and be done again by
// another process, which knows nothing of the first.
func TestImportIsCutOff(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		var file strings.Builder
		file.WriteString("email,name\n")
		for i := range 40 {
			fmt.Fprintf(&file, "row%d@cut.example,Row %d\n", i, i)
		}
		i := w.look(admin, "users", file.String())
		var begun struct {
			JobStatus JobStatus `json:"job_status"`
		}
		admin.want(http.StatusOK, "POST", "/csv_imports/"+i.Token+"/start", nil, &begun)
		b, err := w.bulk.Get(t.Context(), access.System(), begun.JobStatus.ID)
		w.must(err)
		turns := 0
		for done := false; !done; turns++ {
			now := time.Now()
			process := bulk.NewService(store.For[bulk.Tx](w.db), w.server.access.ActorOf, func() time.Time {
				now = now.Add(500 * time.Millisecond)
				return now
			}, slog.New(slog.DiscardHandler))
			w.server.desk.HandleBulk(process, store.For[desk.BulkTx](w.db))
			done = process.Work(t.Context(), b.ID) == nil
		}
		var ended struct {
			JobStatus JobStatus `json:"job_status"`
		}
		admin.want(http.StatusOK, "GET", "/job_statuses/"+begun.JobStatus.ID, nil, &ended)
		people := admin.get("/users.json?query=cut.example").is(http.StatusOK)
		if turns < 3 || ended.JobStatus.Refused != 0 || len(ended.JobStatus.Results) != 40 || people.number("count") != 40 {
			t.Errorf("%d turns, %d results, %d refused, %d people", turns, len(ended.JobStatus.Results), ended.JobStatus.Refused, people.number("count"))
		}
	})
}

func TestFilesOfImportsGo(t *testing.T) {
	w := one(t)
	i := w.look(w.as(w.admin), "users", "email\nbo@x.example\n")
	w.must(w.server.desk.RemoveAbandoned(t.Context()))
	by := access.Actor{UserID: w.admin.ID, Role: directory.Admin}
	if _, err := w.server.desk.Import(t.Context(), by, i.Token); err != nil {
		t.Fatal("gone before a day has passed")
	}
	w.update(func(tx email.Tx) error { return tx.DeleteCSVImports(t.Context(), time.Now().Add(time.Minute)) })
	w.as(w.admin).get("/csv_imports/%s", i.Token).refused(http.StatusNotFound, "import_not_found")
}

// TestExportIsImportedUnchanged: whatever people and organizations have, their
// export changes nothing when it is imported.
func TestExportIsImportedUnchanged(t *testing.T) {
	everywhere(t, func(w *world) {
		by := access.Actor{UserID: w.admin.ID, Name: w.admin.Name, Role: directory.Admin}
		admin := w.as(w.admin)
		for _, f := range []object{
			{"type": "textarea", "key": "story", "title": "Story"}, {"type": "checkbox", "key": "vip", "title": "VIP"}, {"type": "decimal", "key": "score", "title": "Score"},
			{"type": "multiselect", "key": "likes", "title": "Likes", "custom_field_options": []object{{"name": "A", "value": "a"}, {"name": "B", "value": "b"}}},
		} {
			admin.want(http.StatusCreated, "POST", "/user_fields", object{"user_field": f}, nil)
			admin.want(http.StatusCreated, "POST", "/organization_fields", object{"organization_field": f}, nil)
		}
		n := 0
		text := rapid.OneOf(rapid.StringMatching(`['=+@ -]{0,2}[a-z,;"' \r\n青]{0,8}`), rapid.String())
		rapid.Check(t, func(r *rapid.T) {
			n++
			draw := func(label string) *string { s := strings.ReplaceAll(text.Draw(r, label), "\x00", ""); return &s }
			fields := func() map[string][]string {
				return map[string][]string{
					"story": {*draw("story")}, "vip": {rapid.SampledFrom([]string{"", "true"}).Draw(r, "vip")},
					"score": {rapid.SampledFrom([]string{"", "-1.50", "12"}).Draw(r, "score")}, "likes": rapid.SliceOf(rapid.SampledFrom([]string{"a", "b"})).Draw(r, "likes"),
				}
			}
			tags := rapid.SliceOfN(text, 0, 3).Draw(r, "tags")
			name := fmt.Sprintf("%s %d", *draw("name"), n)
			external := fmt.Sprintf("%s%d", *draw("external"), n)
			o, err := w.server.desk.SaveOrganization(t.Context(), by, 0, desk.OrganizationChange{
				Name: &name, ExternalID: &external, Details: draw("details"), Notes: draw("notes"), Tags: directory.TagChange{Set: &tags}, Domains: &[]string{fmt.Sprintf("d%d.example", n)}, Fields: fields(),
			})
			w.must(err)
			address, role := fmt.Sprintf("p%d@elsewhere.example", n), directory.EndUser
			suspended := rapid.Bool().Draw(r, "suspended")
			c := desk.PersonChange{Organization: o.ID, User: access.UserChange{
				Name: &name, Email: &address, Role: &role, ExternalID: &external, Phone: draw("phone"), Alias: draw("alias"), Notes: draw("notes"), Details: draw("details"),
				Tags: directory.TagChange{Set: &tags}, Suspended: &suspended, Fields: fields(),
			}}
			_, err = w.server.desk.CreatePerson(t.Context(), by, c)
			w.must(err)
		})
		var people, organizations bytes.Buffer
		w.must(w.server.desk.ExportPeople(t.Context(), by, directory.UserFilter{}, &people))
		w.must(w.server.desk.ExportOrganizations(t.Context(), by, directory.OrganizationFilter{}, &organizations))
		for kind, file := range map[string]string{"users": people.String(), "organizations": organizations.String()} {
			i := w.look(admin, kind, file)
			if i.Unchanged != i.Total || i.Total < n {
				t.Errorf("%s: %d of %d are unchanged of %d, the first line %+v, problem %+v", kind, i.Unchanged, i.Total, n, i.Lines[:min(1, len(i.Lines))], i.Problem)
			}
			if job := w.bulkOf(admin, "POST", "/csv_imports/"+i.Token+"/start", nil); slices.ContainsFunc(job.Results, func(r JobResult) bool { return r.Status != "Unchanged" }) {
				t.Errorf("%s: the job changed something", kind)
			}
		}
	})
}
