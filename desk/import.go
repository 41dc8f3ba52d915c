package desk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"tandem/access"
	"tandem/bulk"
	"tandem/csvfile"
	"tandem/directory"
	"tandem/problem"
)

// ImportID identifies an import.
type ImportID int64

// ImportKind says of what a file has lines, as the API names it.
type ImportKind string

// The kinds of imports.
const (
	ImportsPeople        ImportKind = "users"
	ImportsOrganizations ImportKind = "organizations"
)

// Limits of imports.
const (
	ImportLife      = 24 * time.Hour // how long a file is kept before it is brought in, and after
	importChunk     = 500            // lines that are looked at in one transaction
	maxShownLines   = 1000           // of a report: those with a problem, and as many others
	maxImportedTags = directory.MaxTags
)

// Import is a CSV file of people or organizations that is to be brought in, or
// has been. Its lines are read anew from the file whenever they are needed.
type Import struct {
	ID        ImportID
	Token     string // by which it is known; cannot be guessed
	Kind      ImportKind
	FileName  string
	Size      int64 // bytes
	Blob      string
	Format    csvfile.Format // how it is brought in; empty before it has begun
	Job       string         // key of the bulk work that brings it in; empty: it has not begun
	By        directory.UserID
	CreatedAt time.Time
}

// ImportTx stores imports.
type ImportTx interface {
	InsertCSVImport(context.Context, *Import) error                    // sets ID
	FindCSVImport(ctx context.Context, token string) (*Import, error)  // nil when there is none
	BeginCSVImport(context.Context, *Import) error                     // writes Format and Job
	DeleteCSVImports(ctx context.Context, endedBefore time.Time) error // and discards their files
}

// ImportAction is what becomes of a line.
type ImportAction string

// The actions.
const (
	ImportCreates   ImportAction = "create"
	ImportUpdates   ImportAction = "update"
	ImportUnchanged ImportAction = "unchanged"
	ImportRefused   ImportAction = "refused"
)

// ImportReport tells what would become of each line, before anything is done.
type ImportReport struct {
	Import  *Import
	Format  csvfile.Format // as chosen or found out
	Columns []string       // of the file, in their order
	Ignored []string       // those among them that are not read: Tandem keeps them itself
	Lines   int
	Counts  map[ImportAction]int
	Shown   []ImportLine   // those with a problem first; as many as a person looks through
	Problem *problem.Error // of the whole file, which then cannot be brought in
}

// ImportLine is what would become of one line.
type ImportLine struct {
	Line    int // in the file; the first is 1
	Action  ImportAction
	ID      int64  // of the record; 0 when it would be added, or none was found
	Label   string // what the record is known by
	Changes []ImportChange
	Problem *problem.Error // Field is the column at fault
}

// ImportChange is a cell that differs.
type ImportChange struct{ Column, Before, After string }

// AddImport takes a file and reports what would become of its lines. Only
// administrators import.
func (s *Service) AddImport(ctx context.Context, by access.Actor, kind ImportKind, name string, as csvfile.Format, content io.Reader) (*ImportReport, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	file, err := io.ReadAll(io.LimitReader(content, csvfile.MaxSize+1))
	if err != nil {
		return nil, problem.New(problem.Invalid, "upload_cut", "The file did not arrive completely.").
			On(problem.Yours, "Upload it again.").In("file").Because(err)
	}
	if len(file) > csvfile.MaxSize {
		return nil, csvfile.TooLarge()
	}
	blob, size, err := s.blobs.Put(ctx, bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("store the file of an import: %w", err)
	}
	added := Import{Token: s.newToken(), Kind: kind, FileName: FileName(name), Size: size, Blob: blob, By: by.UserID, CreatedAt: s.now()}
	err = s.store.Update(ctx, func(tx Tx) error {
		added.ID = 0
		return tx.InsertCSVImport(ctx, &added)
	})
	if err != nil {
		return nil, fmt.Errorf("insert an import: %w", err)
	}
	return s.report(ctx, by, &added, file, as)
}

// ImportReport reports again, with the file read in another way perhaps.
func (s *Service) ImportReport(ctx context.Context, by access.Actor, token string, as csvfile.Format) (*ImportReport, error) {
	i, err := s.Import(ctx, by, token)
	if err != nil {
		return nil, err
	}
	file, err := s.importedFile(ctx, i)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, by, i, file, as)
}

// Import gives the import with a token.
func (s *Service) Import(ctx context.Context, by access.Actor, token string) (i *Import, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		i, err = findImport(ctx, tx, token)
		return err
	})
	return i, err
}

func findImport(ctx context.Context, tx Tx, token string) (*Import, error) {
	i, err := tx.FindCSVImport(ctx, token)
	if err == nil && i == nil {
		err = problem.New(problem.NotFound, "import_not_found", "There is no such import, or no longer.").
			On(problem.Yours, "Files are kept for a day. Choose the file again.")
	}
	return i, err
}

func (s *Service) importedFile(ctx context.Context, i *Import) ([]byte, error) {
	content, err := s.blobs.Get(ctx, i.Blob)
	if err != nil {
		return nil, fmt.Errorf("open the file of import %d: %w", i.ID, err)
	}
	defer content.Close()
	file, err := io.ReadAll(io.LimitReader(content, csvfile.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the file of import %d: %w", i.ID, err)
	}
	return file, nil
}

// report looks at all lines, chunk by chunk so that no transaction lasts long.
func (s *Service) report(ctx context.Context, by access.Actor, i *Import, file []byte, as csvfile.Format) (*ImportReport, error) {
	sheet, err := s.openSheet(ctx, i, file, as)
	r := &ImportReport{Import: i, Counts: make(map[ImportAction]int)}
	if sheet != nil {
		r.Format, r.Columns, r.Ignored, r.Lines = sheet.table.Format, sheet.table.Header, sheet.ignored, len(sheet.table.Records)
	}
	if r.Problem = problem.As(err); err != nil {
		if r.Problem == nil {
			return nil, err
		}
		return r, nil
	}
	var refused, others []ImportLine
	for from := 0; from < r.Lines; from += importChunk {
		var lines []ImportLine
		err := s.store.View(ctx, func(tx Tx) (err error) {
			lines, err = s.foresee(ctx, tx, by, sheet, from, min(from+importChunk, r.Lines))
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			r.Counts[line.Action]++
			switch {
			case line.Action == ImportRefused && len(refused) < maxShownLines:
				refused = append(refused, line)
			case line.Action != ImportRefused && len(others) < maxShownLines:
				others = append(others, line)
			}
		}
	}
	r.Shown = append(refused, others...)
	return r, nil
}

// foresee tells what would become of some lines.
func (s *Service) foresee(ctx context.Context, tx Tx, by access.Actor, sheet *importSheet, from, until int) ([]ImportLine, error) {
	pass, err := s.newImportPass(ctx, tx, by, sheet, from, until)
	if err != nil {
		return nil, err
	}
	lines := make([]ImportLine, 0, until-from)
	for i := from; i < until; i++ {
		line := ImportLine{Line: sheet.table.Records[i].Line, Action: ImportRefused}
		plan, err := pass.plan(ctx, i)
		if line.Problem = problem.As(err); err != nil && line.Problem == nil {
			return nil, fmt.Errorf("line %d: %w", line.Line, err)
		}
		line.ID, line.Label = plan.id, plan.label
		if err == nil {
			line.Action, line.Changes = plan.action(), plan.changes
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// ImportCSV is the lines of an import, as bulk work: one after the other, what
// one refuses does not hold up the others.
type ImportCSV struct {
	Token string `json:"token"`
	Lines int    `json:"lines"`

	sheet *importSheet // read once in each turn of the work
}

// Kind names the work.
func (*ImportCSV) Kind() string { return "csv.import" }

// Len is how many lines there are.
func (w *ImportCSV) Len() int { return w.Lines }

// StartImport begins to bring a file in, in the background.
func (s *Service) StartImport(ctx context.Context, by access.Actor, token string, as csvfile.Format) (b *bulk.Bulk, err error) {
	i, err := s.Import(ctx, by, token)
	if err != nil {
		return nil, err
	}
	file, err := s.importedFile(ctx, i)
	if err != nil {
		return nil, err
	}
	sheet, err := s.openSheet(ctx, i, file, as)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if i, err = findImport(ctx, tx, token); err != nil {
			return err
		}
		if i.Job != "" {
			return problem.New(problem.Conflict, "import_begun", "This file is being imported already, or has been.").
				On(problem.Yours, "Choose the file again to import it once more.")
		}
		if b, err = s.background(ctx, tx, by, &ImportCSV{Token: token, Lines: len(sheet.table.Records)}); err != nil {
			return err
		}
		i.Format, i.Job = sheet.table.Format, b.Key
		if err := tx.BeginCSVImport(ctx, i); err != nil {
			return err
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "csv_import.begun", Object: "csv_import", Subject: int64(i.ID), Label: i.FileName,
			After: map[string]any{"kind": i.Kind, "lines": len(sheet.table.Records)},
		})
	})
	return b, err
}

// importLine brings one line in, by the same plan that was reported.
func (s *Service) importLine(ctx context.Context, tx Tx, by access.Actor, w *ImportCSV, i int) (bulk.Outcome, error) {
	if err := by.MustAdminister(); err != nil {
		return bulk.Outcome{}, err
	}
	if w.sheet == nil {
		if err := s.openWork(ctx, tx, w); err != nil {
			return bulk.Outcome{}, err
		}
	}
	pass, err := s.newImportPass(ctx, tx, by, w.sheet, i, i+1)
	if err != nil {
		return bulk.Outcome{}, err
	}
	plan, err := pass.plan(ctx, i)
	if err != nil {
		return plan.refused(), err
	}
	done := bulk.Outcome{ID: plan.id, Action: string(plan.action())}
	if plan.action() != ImportUnchanged {
		if done.ID, err = plan.apply(ctx); err != nil {
			return plan.refused(), err
		}
	}
	return done, nil
}

// openWork reads the file of the work.
func (s *Service) openWork(ctx context.Context, tx Tx, w *ImportCSV) error {
	i, err := findImport(ctx, tx, w.Token)
	if err != nil {
		return err
	}
	file, err := s.importedFile(ctx, i)
	if err != nil {
		return err
	}
	w.sheet, err = readSheet(ctx, tx, i, file, i.Format)
	return err
}

// ExportRefused writes the lines that were refused as CSV, each with its number
// and what is wrong, so that somebody can correct and import them.
func (s *Service) ExportRefused(ctx context.Context, by access.Actor, i *Import, results []bulk.Result, w io.Writer) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	file, err := s.importedFile(ctx, i)
	if err != nil {
		return err
	}
	table, err := csvfile.Read(file, i.Format)
	if err != nil {
		return err
	}
	return table.WriteFaults(w, func(yield func(record int, fault string) bool) {
		for _, r := range results {
			if !r.OK() && r.Index < len(table.Records) && !yield(r.Index, r.Message) {
				return
			}
		}
	})
}
