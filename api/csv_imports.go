package api

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/csvfile"
	"tandem/desk"
	"tandem/problem"
)

func (s *server) csvImportRoutes() {
	const takes = "text/csv"
	route(s, op{on: "POST /users/import.csv", id: "import_users_csv", says: "Look at a CSV file of people: what importing it would do, line by line; the body is the file", tag: "users", may: admins,
		status: http.StatusCreated, takes: takes}, s.importUsers)
	route(s, op{on: "POST /organizations/import.csv", id: "import_organizations_csv", says: "Look at a CSV file of organizations: what importing it would do, line by line; the body is the file", tag: "organizations", may: admins,
		status: http.StatusCreated, takes: takes}, s.importOrganizations)
	const tag = "csv_imports"
	route(s, op{on: "GET /csv_imports/{token}", id: "show_csv_import", says: "Look at the file again, as things are now, or read in another way", tag: tag, may: admins}, s.showCSVImport)
	route(s, op{on: "POST /csv_imports/{token}/start", id: "start_csv_import", says: "Import the file, in the background", tag: tag, may: admins}, s.startCSVImport)
	route(s, op{on: "GET /csv_imports/{token}/refused.csv", id: "download_refused_csv", says: "The lines that were refused, with what is wrong, as CSV", tag: tag, may: admins, media: takes}, s.downloadRefused)
}

// FormatQuery is how a CSV file is to be read.
type FormatQuery struct {
	Encoding  string `query:"encoding" enum:"utf-8,utf-16,shift_jis,windows-1252" doc:"Absent: found out"`
	Separator string `query:"separator" enum:"comma,semicolon,tab" doc:"Absent: found out"`
}

func (q FormatQuery) format() csvfile.Format {
	return csvfile.Format{Encoding: csvfile.Encoding(q.Encoding), Separator: csvfile.Separator(q.Separator)}
}

type addCSVImportIn struct {
	FileName string `query:"filename" maxLength:"1000" doc:"Name of the file"`
	FormatQuery
	content io.Reader
}

// Resolve takes the body as it comes: it is larger than JSON may be.
func (in *addCSVImportIn) Resolve(ctx huma.Context) []error {
	in.content = movingBody{ctx}
	return nil
}

// CSVImport is a CSV file that is to be imported, and what would become of its lines.
type CSVImport struct {
	Token     string         `json:"token"`
	Kind      string         `json:"kind" enum:"users,organizations"`
	FileName  string         `json:"file_name"`
	Size      int64          `json:"size" doc:"Bytes"`
	Encoding  string         `json:"encoding" enum:"utf-8,utf-16,shift_jis,windows-1252" doc:"As asked for, or as found out"`
	Separator string         `json:"separator" enum:"comma,semicolon,tab,"`
	Columns   []string       `json:"columns" doc:"Of the file"`
	Ignored   []string       `json:"ignored_columns" doc:"Those that are not read, because Tandem keeps them itself"`
	Total     int            `json:"total" doc:"Lines below the first"`
	Create    int            `json:"create"`
	Update    int            `json:"update"`
	Unchanged int            `json:"unchanged"`
	Refused   int            `json:"refused" doc:"Lines with a problem, which would be left out"`
	Lines     []CSVLine      `json:"lines" doc:"At most 1000 with a problem, which come first, and 1000 others"`
	Problem   *ImportProblem `json:"problem,omitempty" doc:"Of the whole file, which then cannot be imported"`
	JobStatus *string        `json:"job_status_id" doc:"The work that imports the file, or has"`
	CreatedAt instant        `json:"created_at"`
}

// CSVLine is what would become of one line.
type CSVLine struct {
	Line    int            `json:"line" doc:"In the file; the first is 1"`
	Action  string         `json:"action" enum:"create,update,unchanged,refused"`
	ID      *int64         `json:"id" doc:"Of the record"`
	Label   string         `json:"label"`
	Changes []CSVChange    `json:"changes"`
	Problem *ImportProblem `json:"problem,omitempty"`
}

// CSVChange is a cell that differs from what is known.
type CSVChange struct {
	Column string `json:"column"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ImportProblem is what is wrong with a line or a file.
type ImportProblem struct {
	Code    string            `json:"code" doc:"Stable code of the problem"`
	Message string            `json:"message"`
	Remedy  string            `json:"remedy"`
	Column  string            `json:"column" doc:"At fault; may be empty"`
	Args    map[string]string `json:"args,omitempty" doc:"Facts for translations of the code"`
}

func encodeImportProblem(p *problem.Error) *ImportProblem {
	if p == nil {
		return nil
	}
	return &ImportProblem{Code: p.Code, Message: p.Message, Remedy: p.Remedy, Column: p.Field, Args: p.Args}
}

func encodeCSVImport(r *desk.ImportReport) CSVImport {
	i := r.Import
	return CSVImport{
		Token: i.Token, Kind: string(i.Kind), FileName: i.FileName, Size: i.Size, Encoding: string(r.Format.Encoding), Separator: string(r.Format.Separator),
		Columns: append([]string{}, r.Columns...), Ignored: append([]string{}, r.Ignored...), Total: r.Lines,
		Create: r.Counts[desk.ImportCreates], Update: r.Counts[desk.ImportUpdates], Unchanged: r.Counts[desk.ImportUnchanged], Refused: r.Counts[desk.ImportRefused],
		Lines: each(r.Shown, encodeCSVLine), Problem: encodeImportProblem(r.Problem), JobStatus: orNull(i.Job), CreatedAt: instant(i.CreatedAt),
	}
}

func encodeCSVLine(l desk.ImportLine) CSVLine {
	return CSVLine{
		Line: l.Line, Action: string(l.Action), ID: orNull(l.ID), Label: l.Label, Problem: encodeImportProblem(l.Problem),
		Changes: each(l.Changes, func(c desk.ImportChange) CSVChange { return CSVChange(c) }),
	}
}

type csvImportOut struct {
	Body struct {
		CSVImport CSVImport `json:"csv_import"`
	}
}

func shownCSVImport(r *desk.ImportReport, err error) (*csvImportOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(csvImportOut)
	out.Body.CSVImport = encodeCSVImport(r)
	return out, nil
}

func (s *server) importUsers(ctx context.Context, by access.Actor, in *addCSVImportIn) (*csvImportOut, error) {
	return shownCSVImport(s.desk.AddImport(ctx, by, desk.ImportsPeople, in.FileName, in.format(), in.content))
}

func (s *server) importOrganizations(ctx context.Context, by access.Actor, in *addCSVImportIn) (*csvImportOut, error) {
	return shownCSVImport(s.desk.AddImport(ctx, by, desk.ImportsOrganizations, in.FileName, in.format(), in.content))
}

type showCSVImportIn struct {
	Token string `path:"token"`
	FormatQuery
}

func (s *server) showCSVImport(ctx context.Context, by access.Actor, in *showCSVImportIn) (*csvImportOut, error) {
	return shownCSVImport(s.desk.ImportReport(ctx, by, in.Token, in.format()))
}

func (s *server) startCSVImport(ctx context.Context, by access.Actor, in *showCSVImportIn) (*jobStatusOut, error) {
	b, err := s.desk.StartImport(ctx, by, in.Token, in.format())
	if err != nil {
		return nil, err
	}
	out := new(jobStatusOut)
	out.Body.JobStatus = encodeJobStatus(requestOf(ctx), b)
	return out, nil
}

type csvImportIn struct {
	Token string `path:"token"`
}

func (s *server) downloadRefused(ctx context.Context, by access.Actor, in *csvImportIn) (*huma.StreamResponse, error) {
	i, err := s.desk.Import(ctx, by, in.Token)
	if err != nil {
		return nil, err
	}
	b, err := s.bulk.Get(ctx, by, i.Job)
	if err != nil {
		return nil, err
	}
	results, err := s.bulk.Results(ctx, b, true)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, "refused.csv", func(w io.Writer) error { return s.desk.ExportRefused(ctx, by, i, results, w) }), nil
}
