package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/access"
	"tandem/bulk"
	"tandem/csvfile"
	"tandem/directory"
	"tandem/problem"
)

// importSheet is the lines of an import under the columns that Tandem knows.
type importSheet struct {
	kind    ImportKind
	table   *csvfile.Table
	columns []string // what stands at each place of a line; empty: it is not read
	ignored []string
	known   []string // all columns that an export has, in its order
	fields  []*directory.Field
	teams   []*directory.Team
	first   map[string]int // the first line that names a record by something; see names
}

// keptColumns are those of an export that nobody can write, and those that the
// list of refused lines adds.
var keptColumns = []string{"created_at", "updated_at", csvfile.LineColumn, csvfile.FaultColumn}

// columnsOf are the columns of a kind, and by which of them a line may name its record.
func columnsOf(kind ImportKind) (owner directory.FieldOwner, columns, naming []string) {
	if kind == ImportsOrganizations {
		return directory.OrganizationFields, organizationColumns, []string{"id", "external_id", "name"}
	}
	return directory.UserFields, personColumns, []string{"id", "external_id", "email"}
}

// openSheet reads a file. With a problem of the whole file comes what could be read.
func (s *Service) openSheet(ctx context.Context, i *Import, file []byte, as csvfile.Format) (sheet *importSheet, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		sheet, err = readSheet(ctx, tx, i, file, as)
		return err
	})
	return sheet, err
}

func readSheet(ctx context.Context, tx Tx, i *Import, file []byte, as csvfile.Format) (*importSheet, error) {
	sheet := &importSheet{kind: i.Kind, first: make(map[string]int)}
	owner, columns, _ := columnsOf(i.Kind)
	var err error
	if sheet.fields, err = tx.ListFields(ctx, owner); err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	sheet.known = withNames(columns, sheet.fields)
	if sheet.teams, err = tx.ListTeams(ctx); err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	sheet.table, err = csvfile.Read(file, as)
	if sheet.table.Header != nil {
		// With the wrong separator quotation marks do not match either; that the
		// columns are unknown says more.
		if err := sheet.readHeader(); err != nil {
			return sheet, err
		}
	}
	if err != nil {
		return sheet, err
	}
	for i := range sheet.table.Records {
		for _, name := range sheet.names(i) {
			if _, known := sheet.first[name]; !known {
				sheet.first[name] = i
			}
		}
	}
	return sheet, nil
}

// readHeader finds out which column stands where.
func (sh *importSheet) readHeader() error {
	_, columns, naming := columnsOf(sh.kind)
	var active []*directory.Field
	for _, f := range sh.fields {
		if f.Active {
			active = append(active, f)
		}
	}
	var unknown []string
	for _, title := range sh.table.Header {
		column := strings.ToLower(title)
		switch {
		case slices.Contains(keptColumns, column):
			sh.ignored = append(sh.ignored, title)
			column = ""
		case slices.Contains(columns, column), sh.field(column) != nil:
		default:
			unknown = append(unknown, cmp.Or(quoted(title), "(empty)"))
		}
		if column != "" && slices.Contains(sh.columns, column) {
			return problem.New(problem.Invalid, "csv_column_twice", "The column %s stands there twice.", column).
				On(problem.Yours, "Remove one of the two.").In(column).With("column", column)
		}
		sh.columns = append(sh.columns, column)
	}
	if len(unknown) > 0 {
		allowed := slices.DeleteFunc(withNames(columns, active), func(c string) bool { return slices.Contains(keptColumns, c) })
		named := strings.Join(unknown[:min(len(unknown), 10)], ", ")
		return problem.New(problem.Invalid, "csv_columns_unknown", "The first line names columns that Tandem does not know: %s.", named).
			On(problem.Yours, "Correct their names or remove them. Known are: "+strings.Join(allowed, ", ")+".").
			With("columns", named).With("known", strings.Join(allowed, ", "))
	}
	if !slices.ContainsFunc(naming, func(c string) bool { return slices.Contains(sh.columns, c) }) {
		return problem.New(problem.Invalid, "csv_nobody_named", "No column tells what the lines are about.").
			On(problem.Yours, "Add one of these columns: "+strings.Join(naming, ", ")+".").With("columns", strings.Join(naming, ", "))
	}
	return nil
}

// field gives the custom field of a column; nil when it is none.
func (sh *importSheet) field(column string) *directory.Field {
	i := slices.IndexFunc(sh.fields, func(f *directory.Field) bool { return f.Name() == column })
	if i < 0 {
		return nil
	}
	return sh.fields[i]
}

// cells are what a line says, by column; nothing of those that are empty.
func (sh *importSheet) cells(i int) map[string]string {
	cells := make(map[string]string)
	for at, cell := range sh.table.Records[i].Cells {
		if at >= len(sh.columns) || sh.columns[at] == "" {
			continue
		}
		if cell = strings.TrimSpace(cell); cell != "" {
			cells[sh.columns[at]] = cell
		}
	}
	return cells
}

// names are by what a line names its record, and what no two records share.
func (sh *importSheet) names(i int) (names []string) {
	cells := sh.cells(i)
	_, _, naming := columnsOf(sh.kind)
	for _, column := range naming {
		if cell := cells[column]; cell != "" {
			names = append(names, nameUnder(column, cell))
		}
	}
	if sh.kind == ImportsOrganizations {
		for _, domain := range splitList(cells["domain_names"]) {
			names = append(names, nameUnder("domain_names", domain))
		}
	}
	return names
}

func nameUnder(column, cell string) string {
	if column == "email" || column == "name" || column == "domain_names" {
		cell = strings.ToLower(cell)
	}
	return column + " " + cell
}

// check refuses a line for what can be seen without looking at records.
func (sh *importSheet) check(i int) error {
	record := sh.table.Records[i]
	if len(record.Cells) > len(sh.table.Header) {
		return problem.New(problem.Invalid, "csv_too_many_cells_in_line", "The line has more cells than the first line names.").
			On(problem.Yours, "Put a cell that has a separator in it between quotation marks.")
	}
	if slices.EqualFunc(record.Cells, sh.table.Header, func(cell, title string) bool { return strings.EqualFold(strings.TrimSpace(cell), title) }) {
		return problem.New(problem.Invalid, "csv_header_again", "This is the first line again.").On(problem.Yours, "Remove it.")
	}
	cells := sh.cells(i)
	for _, column := range sh.columns {
		if limit := sh.limit(column); len([]rune(cells[column])) > limit {
			return problem.New(problem.Invalid, "csv_cell_too_long", "The cell has more than %d characters.", limit).
				On(problem.Yours, "Shorten it.").In(column).With("limit", strconv.Itoa(limit))
		}
	}
	for _, name := range sh.names(i) {
		if first := sh.first[name]; first != i {
			column, _, _ := strings.Cut(name, " ")
			return sh.twice(first, column)
		}
	}
	_, _, naming := columnsOf(sh.kind)
	if !slices.ContainsFunc(naming, func(c string) bool { return cells[c] != "" }) {
		return problem.New(problem.Invalid, "csv_line_names_nobody", "The line does not tell what it is about.").
			On(problem.Yours, "Fill in one of these columns: "+strings.Join(naming, ", ")+".").With("columns", strings.Join(naming, ", "))
	}
	return nil
}

// limit is how many characters a cell may have.
func (sh *importSheet) limit(column string) int {
	switch {
	case slices.Contains([]string{"details", "notes", "tags", "domain_names"}, column), sh.field(column) != nil:
		return directory.MaxFieldValue
	case column == "name" && sh.kind == ImportsPeople:
		return 200
	case column == "locale":
		return 35
	case column == "time_zone":
		return 60
	}
	return maxForeign
}

func (sh *importSheet) twice(first int, column string) error {
	line := strconv.Itoa(sh.table.Records[first].Line)
	return problem.New(problem.Invalid, "csv_line_twice", "Line %s has the same %s.", line, column).
		On(problem.Yours, "Remove one of the two.").In(column).With("line", line).With("column", column)
}

// mustBeNamedHere refuses a line whose record another line names more plainly.
// It depends on the file and the record alone, so that it is decided in the
// same way whichever line comes first.
func (sh *importSheet) mustBeNamedHere(i int, names ...string) error {
	for _, name := range names {
		if first, named := sh.first[name]; named && first != i {
			column, _, _ := strings.Cut(name, " ")
			return sh.twice(first, column)
		}
	}
	return nil
}

// given are the custom fields among the changed cells, as directory.ReadFields takes them.
func (sh *importSheet) given(changed map[string]string) map[string][]string {
	given := make(map[string][]string)
	for column, cell := range changed {
		f := sh.field(column)
		switch {
		case f == nil:
		case f.Type == directory.MultiselectField:
			given[f.Key] = strings.Fields(cell)
		case f.Type == directory.CheckboxField:
			if checked, err := readBool(column, cell); err == nil {
				cell = strconv.FormatBool(checked)
			}
			given[f.Key] = []string{cell}
		default:
			given[f.Key] = []string{cell}
		}
	}
	return given
}

// importPass looks at some lines in one transaction.
type importPass struct {
	service *Service
	tx      Tx
	by      access.Actor
	sheet   *importSheet

	people        map[directory.UserID]*directory.User // those that lines name by id, as they are
	organizations map[directory.OrganizationID]*directory.Organization
	names         map[directory.OrganizationID]string // of people's organizations
}

// newImportPass reads at once what the lines name by id.
func (s *Service) newImportPass(ctx context.Context, tx Tx, by access.Actor, sheet *importSheet, from, until int) (*importPass, error) {
	p := &importPass{
		service: s, tx: tx, by: by, sheet: sheet, people: make(map[directory.UserID]*directory.User),
		organizations: make(map[directory.OrganizationID]*directory.Organization), names: make(map[directory.OrganizationID]string),
	}
	var ids []int64
	for i := from; i < until; i++ {
		if id, err := strconv.ParseInt(sheet.cells(i)["id"], 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return p, nil
	}
	if sheet.kind == ImportsOrganizations {
		list, err := tx.ListOrganizations(ctx, directory.OrganizationFilter{IDs: typedIDs[directory.OrganizationID](ids)})
		for _, o := range list {
			p.organizations[o.ID] = o
		}
		return p, err
	}
	people, err := tx.ListUsers(ctx, directory.UserFilter{IDs: typedIDs[directory.UserID](ids)})
	if err != nil {
		return nil, err
	}
	for _, u := range people {
		p.people[u.ID] = u
	}
	return p, nameOrganizations(ctx, tx, people, p.names)
}

func typedIDs[T ~int64](ids []int64) []T {
	typed := make([]T, len(ids))
	for i, id := range ids {
		typed[i] = T(id)
	}
	return typed
}

// importPlan is what a line makes of a record.
type importPlan struct {
	id      int64 // 0: it is added
	label   string
	changes []ImportChange
	apply   func(context.Context) (int64, error)
	added   bool
}

func (p *importPlan) action() ImportAction {
	switch {
	case p.added:
		return ImportCreates
	case len(p.changes) == 0:
		return ImportUnchanged
	}
	return ImportUpdates
}

// refused is what the result of a line that was not brought in says.
func (p *importPlan) refused() bulk.Outcome {
	switch {
	case p.added:
		return bulk.Outcome{Action: string(ImportCreates)}
	case p.id == 0: // it is not known whom the line is about
		return bulk.Outcome{}
	}
	return bulk.Outcome{ID: p.id, Action: string(ImportUpdates)}
}

// plan tells what line i makes of its record. With a problem comes as much of
// the plan as is known.
func (p *importPass) plan(ctx context.Context, i int) (*importPlan, error) {
	if err := p.sheet.check(i); err != nil {
		cells := p.sheet.cells(i)
		return &importPlan{label: truncate(cmp.Or(cells["name"], cells["email"]), maxForeign)}, err
	}
	if p.sheet.kind == ImportsOrganizations {
		return p.planOrganization(ctx, i)
	}
	return p.planPerson(ctx, i)
}

// compare tells which of the changed cells differ; before and after stand under the columns.
func (p *importPlan) compare(columns, before, after []string, changed map[string]string) {
	for at, column := range columns {
		if _, given := changed[column]; !given {
			continue
		}
		change := ImportChange{Column: column, After: after[at]}
		if before != nil {
			change.Before = before[at]
		}
		if change.Before != change.After {
			p.changes = append(p.changes, change)
		}
	}
}

// differing are the cells of a line that are not as they stand in an export of
// the record; before is nil for a new one.
func differing(columns, before []string, cells map[string]string) map[string]string {
	changed := make(map[string]string)
	for at, column := range columns {
		cell, given := cells[column]
		// Spreadsheets and the CSV format keep line breaks, but not which kind.
		if given && (before == nil || cell != strings.TrimSpace(strings.ReplaceAll(before[at], "\r\n", "\n"))) {
			changed[column] = cell
		}
	}
	delete(changed, "id")
	return changed
}

// readID reads the id of a line; 0 when there is none.
func readID(cells map[string]string) (int64, error) {
	cell, given := cells["id"]
	if !given {
		return 0, nil
	}
	id, err := strconv.ParseInt(cell, 10, 64)
	if err != nil || id <= 0 {
		return 0, problem.New(problem.Invalid, "csv_id_unreadable", "%q is no id.", quoted(cell)).
			On(problem.Yours, "Leave the cell empty to add somebody new.").In("id")
	}
	return id, nil
}

func unknownID(id int64) error {
	return problem.New(problem.NotFound, "csv_id_unknown", "There is nothing with the id %d.", id).
		On(problem.Yours, "Leave the cell empty to add it.").In("id").With("id", strconv.FormatInt(id, 10))
}

// readBool reads true and false, also as Excel writes them in Portuguese.
func readBool(column, cell string) (bool, error) {
	switch strings.ToLower(cell) {
	case "true", "1", "yes", "verdadeiro":
		return true, nil
	case "false", "0", "no", "falso":
		return false, nil
	}
	return false, problem.New(problem.Invalid, "csv_not_true_or_false", "%q is neither true nor false.", quoted(cell)).
		On(problem.Yours, "Write true or false.").In(column)
}

// splitList splits a cell that lists things.
func splitList(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
}

func readTags(cell string) (*[]string, error) {
	tags := directory.NormalizeTags(strings.Fields(cell))
	if len(tags) > maxImportedTags {
		return nil, problem.New(problem.Invalid, "too_many_tags", "There are more than %d tags.", maxImportedTags).
			On(problem.Yours, "Remove some.").In("tags")
	}
	return &tags, nil
}

// pointerTo gives a changed cell as a change takes it; nil when it is not changed.
func pointerTo(changed map[string]string, column string) *string {
	cell, given := changed[column]
	if !given {
		return nil
	}
	return &cell
}

func boolOf(changed map[string]string, column string) (*bool, error) {
	cell, given := changed[column]
	if !given {
		return nil, nil
	}
	value, err := readBool(column, cell)
	return &value, err
}

// quoted is a cell as a message quotes it.
func quoted(cell string) string { return truncate(oneLine(cell), 40) }
