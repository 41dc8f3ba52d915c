package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// rowTypes are all types of rows. What a column is called stands only in their
// tags; reading, inserting and updating one row are made from these.
var rowTypes = []any{
	personRow{}, identityRow{}, probeRow{}, preflightRow{}, brandRow{}, teamRow{}, apiTokenRow{}, auditRow{}, jobRow{},
	connectionRow{}, readFolderRow{}, addressRow{}, importRow{}, signInRow{}, mailRow{}, attemptRow{},
	ticketRow{}, commentRow{}, attachmentRow{}, fileLinkRow{}, asideRow{}, draftRow{}, ticketAuditRow{}, triggerRow{},
	ticketMetricRow{},
	tenantRow{}, tenantCredentialRow{}, senderRuleRow{}, bounceRow{},
	organizationRow{}, membershipRow{},
	viewRow{}, macroRow{},
	bulkRow{}, csvImportRow{},
	fieldRow{}, fieldOptionRow{},
}

// table knows how one type of row is read and written.
type table struct {
	all            []*schema.Field
	written        []*schema.Field // by an INSERT: all but the key, which the database gives
	changed        []*schema.Field // by an UPDATE: those without the tag skipupdate
	selectFrom     string
	insert, update string
}

type tables map[reflect.Type]*table

// conflictClause is implemented by rows whose INSERT does something else than fail on a duplicate.
type conflictClause interface{ onConflict() string }

func newTables(db *bun.DB) tables {
	all := make(tables)
	for _, row := range rowTypes {
		all[reflect.TypeOf(row)] = newTable(db.Table(reflect.TypeOf(row)), row)
	}
	return all
}

func newTable(meta *schema.Table, row any) *table {
	t := &table{all: meta.Fields, written: meta.DataFields}
	t.selectFrom = fmt.Sprintf("SELECT %s FROM %s WHERE ", strings.Join(names(t.all), ", "), meta.Name)

	var placeholders, changes []string
	for i, f := range t.written {
		placeholders = append(placeholders, fmt.Sprintf("$%d", i+1))
		if !f.SkipUpdate() {
			t.changed = append(t.changed, f)
			changes = append(changes, fmt.Sprintf("%s = $%d", f.Name, len(t.changed)))
		}
	}
	t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", meta.Name, strings.Join(names(t.written), ", "), strings.Join(placeholders, ", "))
	if c, ok := row.(conflictClause); ok {
		t.insert += " " + c.onConflict()
	}
	t.insert += " RETURNING id"
	t.update = fmt.Sprintf("UPDATE %s SET %s WHERE id = $%d", meta.Name, strings.Join(changes, ", "), len(changes)+1)
	if i := slices.Index(names(t.changed), "version"); i >= 0 {
		t.update += fmt.Sprintf(" AND version = $%d - 1", i+1)
	}
	return t
}

func names(fields []*schema.Field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Name
	}
	return all
}

// find is the query for the first row that meets the condition.
func (t *table) find(where string) string { return t.selectFrom + where + " LIMIT 1" }

// targets are where a row is read to.
func (t *table) targets(row any) []any {
	v := reflect.ValueOf(row).Elem()
	into := make([]any, len(t.all))
	for i, f := range t.all {
		into[i] = f.Value(v).Addr().Interface()
	}
	return into
}

func values(fields []*schema.Field, row reflect.Value) []any {
	args := make([]any, len(fields), len(fields)+1)
	for i, f := range fields {
		args[i] = f.Value(row).Interface()
	}
	return args
}

// insert writes a new row and returns its id; 0 when the row's own conflict clause made it do nothing.
func (tx *Tx) insert(ctx context.Context, row any) (id int64, err error) {
	v := reflect.ValueOf(row)
	t := tx.db.tables[v.Type()]
	_, err = tx.queryRow(ctx, t.insert, values(t.written, v), &id)
	return id, err
}

// update writes the row with the id, or returns errNoRow. A row with a version
// is only written over the version before it.
func (tx *Tx) update(ctx context.Context, id int64, row any) error {
	v := reflect.ValueOf(row)
	t := tx.db.tables[v.Type()]
	n, err := tx.exec(ctx, t.update, append(values(t.changed, v), id)...)
	if err == nil && n == 0 {
		err = errNoRow
	}
	return err
}

// errNoRow says that there is no row with the id.
var errNoRow = errors.New("no such row")

// millis is how instants are stored: milliseconds UTC, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// list is how short lists are stored: JSON that SQL does not look into.
func list[T any](values []T) string {
	if len(values) == 0 {
		return "[]"
	}
	body, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", values, err)) // strings, numbers and structs of them
	}
	return string(body)
}

func unlist[T any](text string) ([]T, error) {
	if text == "[]" || text == "" {
		return nil, nil
	}
	var values []T
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("decode stored list: %w", err)
	}
	return values, nil
}

// convert turns rows into what concepts ask for.
func convert[R, T any](rows []R, f func(*R) T) []T {
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = f(&rows[i])
	}
	return out
}

// stamp fills in instants that the caller left open.
func (tx *Tx) stamp(instants ...*time.Time) {
	for _, t := range instants {
		if t.IsZero() {
			*t = tx.db.opts.Now()
		}
	}
}
