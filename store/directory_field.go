package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"tandem/directory"
)

type fieldRow struct {
	bun.BaseModel `bun:"table:custom_field,alias:custom_field"`

	ID               int64  `bun:"id,pk"`
	Owner            string `bun:"owner,skipupdate"`
	Type             string `bun:"type,skipupdate"`
	Title            string `bun:"title"`
	Description      string `bun:"description"`
	AgentDescription string `bun:"agent_description"`
	Key              string `bun:"field_key,skipupdate"`
	Active           bool   `bun:"active"`
	Position         int    `bun:"position"`
	Required         bool   `bun:"required"`
	PortalTitle      string `bun:"portal_title"`
	PortalVisible    bool   `bun:"portal_visible"`
	PortalEditable   bool   `bun:"portal_editable"`
	PortalRequired   bool   `bun:"portal_required"`
	Tag              string `bun:"tag"`
	Pattern          string `bun:"pattern"`
	CreatedAt        int64  `bun:"created_at,skipupdate"`
	UpdatedAt        int64  `bun:"updated_at"`
}

func rowOfField(f *directory.Field) fieldRow {
	return fieldRow{
		Owner: string(f.Owner), Type: string(f.Type), Title: f.Title, Description: f.Description, AgentDescription: f.AgentDescription,
		Key: f.Key, Active: f.Active, Position: f.Position, Required: f.Required,
		PortalTitle: f.Portal.Title, PortalVisible: f.Portal.Visible, PortalEditable: f.Portal.Editable, PortalRequired: f.Portal.Required,
		Tag: f.Tag, Pattern: f.Pattern, CreatedAt: millis(f.CreatedAt), UpdatedAt: millis(f.UpdatedAt),
	}
}

func (r *fieldRow) field() *directory.Field {
	return &directory.Field{
		ID: directory.FieldID(r.ID), Owner: directory.FieldOwner(r.Owner), Type: directory.FieldType(r.Type), Title: r.Title,
		Description: r.Description, AgentDescription: r.AgentDescription, Key: r.Key, Active: r.Active, Position: r.Position, Required: r.Required,
		Portal: directory.PortalFlags{Title: r.PortalTitle, Visible: r.PortalVisible, Editable: r.PortalEditable, Required: r.PortalRequired},
		Tag:    r.Tag, Pattern: r.Pattern, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

type fieldOptionRow struct {
	bun.BaseModel `bun:"table:custom_field_option,alias:custom_field_option"`

	ID        int64  `bun:"id,pk"`
	FieldID   int64  `bun:"field_id,skipupdate"`
	Position  int    `bun:"position"`
	Name      string `bun:"name"`
	Value     string `bun:"value"`
	IsDefault bool   `bun:"is_default"`
}

// ListFields lists the fields of an owner in their order.
func (tx *Tx) ListFields(ctx context.Context, owner directory.FieldOwner) ([]*directory.Field, error) {
	rows, err := many[fieldRow](ctx, tx, tx.bun.NewSelect().Where("owner = ? AND NOT concealed", owner).Order("position", "id"))
	if err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	return tx.withOptions(ctx, convert(rows, (*fieldRow).field)...)
}

// GetField reads a field, or returns problem.NotFound.
func (tx *Tx) GetField(ctx context.Context, owner directory.FieldOwner, id directory.FieldID) (*directory.Field, error) {
	row, err := one[fieldRow](ctx, tx, "id = $1 AND owner = $2 AND NOT concealed", int64(id), string(owner))
	f, err := get(row, err, "field", id, (*fieldRow).field)
	if err != nil {
		return nil, err
	}
	fields, err := tx.withOptions(ctx, f)
	if err != nil {
		return nil, err
	}
	return fields[0], nil
}

// withOptions completes fields with their options, by one query.
func (tx *Tx) withOptions(ctx context.Context, fields ...*directory.Field) ([]*directory.Field, error) {
	byID := make(map[int64]*directory.Field)
	for _, f := range fields {
		if f.Type.Chooses() {
			byID[int64(f.ID)] = f
		}
	}
	if len(byID) == 0 {
		return fields, nil
	}
	rows, err := many[fieldOptionRow](ctx, tx, tx.bun.NewSelect().Where("field_id IN (?)", bun.List(slices.Collect(maps.Keys(byID)))).Order("field_id", "position"))
	if err != nil {
		return nil, fmt.Errorf("list options of fields: %w", err)
	}
	for _, r := range rows {
		f := byID[r.FieldID]
		f.Options = append(f.Options, directory.Option{ID: directory.OptionID(r.ID), Name: r.Name, Value: r.Value, Default: r.IsDefault})
	}
	return fields, nil
}

// InsertField sets the ID of the field, and those of its options.
func (tx *Tx) InsertField(ctx context.Context, f *directory.Field) error {
	tx.stamp(&f.CreatedAt, &f.UpdatedAt)
	id, err := tx.insert(ctx, rowOfField(f))
	if err != nil {
		return fmt.Errorf("insert field: %w", err)
	}
	f.ID = directory.FieldID(id)
	return tx.saveOptions(ctx, f)
}

// UpdateField writes a field and its options, or returns problem.NotFound.
func (tx *Tx) UpdateField(ctx context.Context, f *directory.Field) error {
	if err := missing(tx.update(ctx, int64(f.ID), rowOfField(f)), "field", f.ID); err != nil {
		return err
	}
	return tx.saveOptions(ctx, f)
}

// saveOptions writes what has changed of the options.
func (tx *Tx) saveOptions(ctx context.Context, f *directory.Field) error {
	rows, err := many[fieldOptionRow](ctx, tx, tx.bun.NewSelect().Where("field_id = ?", f.ID))
	if err != nil {
		return fmt.Errorf("list options of field %d: %w", f.ID, err)
	}
	stored := make(map[int64]fieldOptionRow, len(rows))
	for _, r := range rows {
		stored[r.ID] = r
	}
	for i := range f.Options {
		o := &f.Options[i]
		row := fieldOptionRow{ID: int64(o.ID), FieldID: int64(f.ID), Position: i + 1, Name: o.Name, Value: o.Value, IsDefault: o.Default}
		before, known := stored[row.ID]
		delete(stored, row.ID)
		switch {
		case !known:
			id, err := tx.insert(ctx, row)
			if err != nil {
				return fmt.Errorf("insert an option of field %d: %w", f.ID, err)
			}
			o.ID = directory.OptionID(id)
		case before != row:
			if err := tx.update(ctx, row.ID, row); err != nil {
				return fmt.Errorf("update option %d: %w", row.ID, err)
			}
			if err := tx.retextOption(ctx, f, before, row); err != nil {
				return err
			}
		}
	}
	for id := range stored {
		if _, err := tx.exec(ctx, "DELETE FROM custom_field_option WHERE id = $1", id); err != nil {
			return fmt.Errorf("delete option %d: %w", id, err)
		}
	}
	return nil
}

// retextOption indexes what shows the name of an option anew.
func (tx *Tx) retextOption(ctx context.Context, f *directory.Field, before, after fieldOptionRow) error {
	if before.Name == after.Name && before.Value == after.Value {
		return nil
	}
	const chosen = "SELECT owner_id AS id FROM field_value WHERE field_id = ? AND folded IN (?, ?)"
	args := []any{f.ID, fold(before.Value), fold(after.Value)}
	switch f.Owner {
	case directory.TicketFields:
		return tx.retextMany(ctx, ticketText, chosen, args...)
	case directory.UserFields:
		return tx.retextMany(ctx, personText, chosen, args...)
	}
	return nil
}

// ConcealField makes a field disappear; its values are still there.
func (tx *Tx) ConcealField(ctx context.Context, id directory.FieldID) error {
	n, err := tx.exec(ctx, "UPDATE custom_field SET concealed = TRUE WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		err = notFound("field", id)
	}
	return err
}

// FieldTitle tells what a field is called, or was before it was deleted; empty
// when there never was one.
func (tx *Tx) FieldTitle(ctx context.Context, id directory.FieldID) (title string, err error) {
	if _, err = tx.queryRow(ctx, "SELECT title FROM custom_field WHERE id = $1", []any{int64(id)}, &title); err != nil {
		return "", fmt.Errorf("title of field %d: %w", id, err)
	}
	return title, nil
}

// DeleteFieldValues removes some values of a concealed field; when there are
// none, its options. The field itself stays, so that rules that name it can tell
// what it was called.
func (tx *Tx) DeleteFieldValues(ctx context.Context, id directory.FieldID, limit int) (int, error) {
	n, err := tx.exec(ctx, `DELETE FROM field_value WHERE (owner, owner_id, field_id, place) IN (
		SELECT owner, owner_id, field_id, place FROM field_value WHERE field_id = $1 LIMIT $2)
		AND field_id IN (SELECT id FROM custom_field WHERE concealed)`, int64(id), limit)
	if err != nil || n > 0 {
		return n, err
	}
	if _, err := tx.exec(ctx, "DELETE FROM custom_field_option WHERE field_id IN (SELECT id FROM custom_field WHERE concealed AND id = $1)", int64(id)); err != nil {
		return 0, fmt.Errorf("delete the options of field %d: %w", id, err)
	}
	return 0, nil
}

const fieldRevision = "SELECT n FROM custom_field_revision WHERE id = 1"

// FieldRevision changes whenever a field does. A transaction asks for it often, so
// it is read once.
func (tx *Tx) FieldRevision(ctx context.Context) (int64, error) {
	if tx.fields == 0 {
		if _, err := tx.queryRow(ctx, fieldRevision, nil, &tx.fields); err != nil {
			return 0, fmt.Errorf("read the revision of fields: %w", err)
		}
	}
	return tx.fields, nil
}

// RaiseFieldRevision also keeps others from changing fields until the transaction ends.
func (tx *Tx) RaiseFieldRevision(ctx context.Context) error {
	tx.fields = 0
	_, err := tx.exec(ctx, "UPDATE custom_field_revision SET n = n + 1 WHERE id = 1")
	return err
}

// fieldValues selects the values of n owners of the kind $1.
func fieldValues(n int) string {
	return `SELECT owner_id, field_id, value FROM field_value WHERE owner = $1 AND owner_id IN (` + marks(2, n) + `)
		AND field_id NOT IN (SELECT id FROM custom_field WHERE concealed) ORDER BY owner_id, field_id, place`
}

// ListFieldValues reads the values of several by one query. Those of deleted
// fields are left out.
func (tx *Tx) ListFieldValues(ctx context.Context, owner directory.FieldOwner, ids []int64) (map[int64]directory.FieldValues, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all := make(map[int64]directory.FieldValues)
	err := tx.each(ctx, fieldValues(len(ids)), append([]any{string(owner)}, anys(ids)...), func(scan func(...any) error) error {
		var id int64
		var field directory.FieldID
		var value string
		if err := scan(&id, &field, &value); err != nil {
			return err
		}
		if all[id] == nil {
			all[id] = make(directory.FieldValues)
		}
		if earlier := all[id][field]; earlier != "" {
			value = earlier + " " + value // options have no blanks
		}
		all[id][field] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read values of fields: %w", err)
	}
	return all, nil
}

// SaveFieldValues writes the values that have changed. Those of a field that has
// been deleted meanwhile are left out.
func (tx *Tx) SaveFieldValues(ctx context.Context, owner directory.FieldOwner, id int64, values directory.FieldValues) error {
	all, err := tx.ListFieldValues(ctx, owner, []int64{id})
	if err != nil {
		return err
	}
	stored := all[id]
	var changed []int64
	for field := range stored {
		if values[field] != stored[field] {
			changed = append(changed, int64(field))
			if _, err := tx.exec(ctx, "DELETE FROM field_value WHERE owner = $1 AND owner_id = $2 AND field_id = $3", string(owner), id, int64(field)); err != nil {
				return fmt.Errorf("remove a value of field %d: %w", field, err)
			}
		}
	}
	for field, value := range values {
		if stored[field] == "" && value != "" {
			changed = append(changed, int64(field))
		}
	}
	if len(changed) == 0 {
		return nil
	}
	switch owner {
	case directory.TicketFields:
		tx.retext(ticketText, id)
	case directory.UserFields:
		tx.retext(personText, id)
	}
	fields, err := many[fieldRow](ctx, tx, tx.bun.NewSelect().Where("id IN (?) AND owner = ? AND NOT concealed", bun.List(changed), owner))
	if err != nil {
		return fmt.Errorf("fields of values: %w", err)
	}
	for _, f := range fields {
		if err := tx.insertFieldValue(ctx, f.field(), id, values[directory.FieldID(f.ID)]); err != nil {
			return fmt.Errorf("write a value of field %d: %w", f.ID, err)
		}
	}
	return nil
}

// deleteValuesOf removes all values of a person or an organization, of concealed fields, too.
func (tx *Tx) deleteValuesOf(ctx context.Context, owner directory.FieldOwner, id int64) error {
	if _, err := tx.exec(ctx, "DELETE FROM field_value WHERE owner = $1 AND owner_id = $2", string(owner), id); err != nil {
		return fmt.Errorf("remove the field values of %s %d: %w", owner, id, err)
	}
	return nil
}

func (tx *Tx) insertFieldValue(ctx context.Context, f *directory.Field, owner int64, value string) error {
	parts := []string{value}
	if f.Type == directory.MultiselectField {
		parts = strings.Fields(value)
	}
	for place, part := range parts {
		if part == "" {
			continue
		}
		var number any
		if n, ok := f.Type.Number(part); ok {
			number = n
		}
		if _, err := tx.exec(ctx, "INSERT INTO field_value (owner, owner_id, field_id, place, value, folded, number) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			string(f.Owner), owner, int64(f.ID), place, part, fold(part), number); err != nil {
			return err
		}
	}
	return nil
}

// CountFieldValues counts how many have a value in the field.
func (tx *Tx) CountFieldValues(ctx context.Context, id directory.FieldID) (n int, err error) {
	_, err = tx.queryRow(ctx, "SELECT COUNT(*) FROM field_value WHERE field_id = $1 AND place = 0", []any{int64(id)}, &n)
	return n, err
}

// fieldComparisons are how numbers and days are compared.
var fieldComparisons = map[directory.FieldOperator]string{
	directory.FieldLess: "number < ?", directory.FieldAtMost: "number <= ?",
	directory.FieldMore: "number > ?", directory.FieldAtLeast: "number >= ?",
}

// asked is what is asked of the field of a ticket. When another condition leads
// to few tickets (narrow), each of these is looked at; else an index of values is
// to lead to them.
func asked(c directory.FieldCondition, narrow bool) piece {
	values := piece{"field_id = ?", []any{c.Field}}
	not := c.Operator == directory.FieldAbsent || c.Operator == directory.FieldIsNot
	number, numeric := c.Type.Number(c.Value)
	switch c.Operator {
	case directory.FieldPresent, directory.FieldAbsent:
	case directory.FieldIs, directory.FieldIsNot:
		values.and("folded = ?", fold(c.Value))
	case directory.FieldBegins:
		begin := fold(c.Value)
		values.and("folded >= ? AND folded < ?", begin, begin+"\U0010FFFF")
	case directory.FieldIncludes:
		words := anyWord("folded", strings.Fields(c.Value))
		values.and(words.text, words.args...)
	default:
		if !numeric {
			return never(false)
		}
		values.and(fieldComparisons[c.Operator], number)
	}
	if narrow {
		values.text = "EXISTS (SELECT 1 FROM field_value WHERE owner = 'ticket' AND owner_id = ticket.id AND " + values.text + ")"
	} else {
		values.text = "id IN (SELECT owner_id FROM field_value WHERE " + values.text + ")"
	}
	return unless(not, values)
}

// fieldSortKey is the value of the field in the row of a ticket, as a key to
// sort by: numbers and days as such, options in their order and those that are no
// longer offered at its end, texts as they are compared. No value comes first.
func fieldSortKey(f *directory.Field) sortKey {
	const value = "COALESCE((SELECT %s FROM field_value v%s WHERE v.owner = 'ticket' AND v.owner_id = ticket.id AND v.field_id = %d AND v.place = 0), %s)"
	if f.Type.Numeric() {
		return sortKey{computed: true, column: fmt.Sprintf(value, "v.number", "", f.ID, "-1e18"), parse: func(key string) (any, error) {
			if n, ok := f.Type.Number(key); ok {
				return n, nil
			}
			return -1e18, nil
		}}
	}
	if f.Type.Chooses() {
		const place = "CAST(10000 + COALESCE(o.position, 9999) AS TEXT) || ' ' || v.folded" // five digits sort as numbers do
		options := " LEFT JOIN custom_field_option o ON o.field_id = v.field_id AND o.value = v.value"
		return sortKey{computed: true, column: fmt.Sprintf(value, place, options, f.ID, "''"), parse: func(key string) (any, error) {
			if key == "" {
				return "", nil
			}
			position := slices.IndexFunc(f.Options, func(o directory.Option) bool { return o.Value == key }) + 1
			return fmt.Sprintf("%d %s", 10000+cmp.Or(position, 9999), fold(key)), nil
		}}
	}
	return sortKey{computed: true, column: fmt.Sprintf(value, "v.folded", "", f.ID, "''"), parse: func(key string) (any, error) { return fold(key), nil }}
}
