package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/desk"
	"tandem/directory"
)

// NoteErasure writes that somebody asked to delete a person permanently.
func (tx *Tx) NoteErasure(ctx context.Context, id directory.UserID, at time.Time) error {
	tx.stamp(&at)
	_, err := tx.exec(ctx, "UPDATE person SET erased_at = $1, updated_at = $1 WHERE id = $2", millis(at), int64(id))
	return err
}

// samePerson are the rows of a person and of those who were merged into them; ? is the id.
const samePerson = "(id = ? OR merged_into <> 0 AND merged_into = ?)"

// TracesOf tells by what a person is found. Addresses that somebody else has by
// now are left out.
func (tx *Tx) TracesOf(ctx context.Context, id directory.UserID) (*directory.Traces, error) {
	rows, err := many[personRow](ctx, tx, tx.bun.NewSelect().Where(samePerson, id, id).Order("id"))
	if err != nil {
		return nil, fmt.Errorf("rows of person %d: %w", id, err)
	}
	t := new(directory.Traces)
	var addresses []string
	for _, r := range rows {
		addresses = append(append(addresses, texts(r.Former)...), r.Email, r.Phone)
		t.Names = append(t.Names, r.Name, r.Alias)
	}
	var merged []string
	err = tx.bun.NewRaw("SELECT email FROM person_merge WHERE into_id = ? OR person_id IN (SELECT id FROM person WHERE "+samePerson+")", id, id, id).Scan(ctx, &merged)
	if err != nil {
		return nil, fmt.Errorf("addresses of those merged into person %d: %w", id, tx.db.explain(err))
	}
	for _, address := range append(addresses, merged...) {
		if !strings.ContainsAny(address, "@+") || slices.Contains(t.Addresses, address) {
			continue // what stands in a row in place of an address, or an extension
		}
		taken, err := tx.taken(ctx, address, id)
		if err != nil {
			return nil, err
		}
		if !taken {
			t.Addresses = append(t.Addresses, address)
		}
	}
	t.Names = slices.DeleteFunc(t.Names, func(name string) bool { return len(name) < 2 })
	return t, nil
}

// taken tells whether an address or number is somebody else's, or our own.
func (tx *Tx) taken(ctx context.Context, address string, but directory.UserID) (bool, error) {
	var n int
	found, err := tx.queryRow(ctx, `SELECT 1 FROM person WHERE (email = $1 OR phone = $1) AND deleted_at = 0 AND merged_into = 0 AND id <> $2
		UNION ALL SELECT 1 FROM person_identity WHERE value = $1 AND person_id <> $2
		UNION ALL SELECT 1 FROM support_address WHERE email = $1 LIMIT 1`, []any{address, int64(but)}, &n)
	if err != nil {
		return false, fmt.Errorf("look whose %s is: %w", address, err)
	}
	return found, nil
}

// ListTicketsWith gives the tickets that a person asked for, is in copy of or commented on.
func (tx *Tx) ListTicketsWith(ctx context.Context, id directory.UserID) ([]desk.TicketID, error) {
	var tickets []desk.TicketID
	err := tx.bun.NewRaw(`SELECT id FROM ticket WHERE requester_id = ? UNION SELECT ticket_id FROM ticket_cc WHERE person_id = ?
		UNION SELECT ticket_id FROM comment WHERE author_id = ? ORDER BY 1`, id, id, id).Scan(ctx, &tickets)
	if err != nil {
		return nil, fmt.Errorf("tickets with person %d: %w", id, tx.db.explain(err))
	}
	return tickets, nil
}

// EraseFromTicket removes a person from somebody else's ticket. What they wrote
// as an agent was the organisation's word, and only loses their name.
func (tx *Tx) EraseFromTicket(ctx context.Context, id desk.TicketID, person directory.UserID, traces *directory.Traces) ([]desk.CommentID, error) {
	comments, err := tx.ListComments(ctx, id)
	if err != nil {
		return nil, err
	}
	var theirs []desk.CommentID
	for _, c := range comments {
		if c.AuthorID == person && c.Delivery == nil && (c.Public || c.Via == desk.ByEmail) {
			theirs = append(theirs, c.ID)
			err = tx.emptyComment(ctx, c)
		} else {
			_, err = tx.exec(ctx, "UPDATE comment SET text = $1, html = $2, quoted_text = '', quoted_html = '' WHERE id = $3",
				traces.Redact(c.Text, true), traces.Redact(c.HTML, true), int64(c.ID))
		}
		if err != nil {
			return nil, fmt.Errorf("comment %d: %w", c.ID, err)
		}
	}
	for _, of := range []struct{ table, column, where string }{
		{"ticket", "subject", "id = %d"}, {"ticket", "folded", "id = %d"}, {"ticket_audit", "events", "ticket_id = %d"}, {"draft", "content", "ticket_id = %d"},
		{"attachment", "file_name", "comment_id IN (SELECT id FROM comment WHERE ticket_id = %d)"},
	} {
		if err := tx.redact(ctx, of.table, of.column, fmt.Sprintf(of.where, id), traces, true); err != nil {
			return nil, err
		}
	}
	if _, err := tx.exec(ctx, "DELETE FROM ticket_cc WHERE ticket_id = $1 AND person_id = $2", int64(id), int64(person)); err != nil {
		return nil, err
	}
	if _, err := tx.exec(ctx, "UPDATE ticket SET generated_at = $1 WHERE id = $2", millis(tx.db.opts.Now()), int64(id)); err != nil {
		return nil, err
	}
	tx.retext(ticketText, int64(id))
	return theirs, nil
}

// emptyComment removes what a comment says, and its files.
func (tx *Tx) emptyComment(ctx context.Context, c *desk.Comment) error {
	for _, a := range c.Attachments {
		if err := tx.DiscardBlob(ctx, a.Blob); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"DELETE FROM file_link WHERE comment_id = $1",
		"DELETE FROM set_aside WHERE comment_id = $1",
		"DELETE FROM attachment WHERE comment_id = $1",
		"UPDATE comment SET text = '" + directory.Redacted + "', html = '', quoted_text = '', quoted_html = '', has_remote_images = FALSE, mail_facts = '' WHERE id = $1",
	} {
		if _, err := tx.exec(ctx, statement, int64(c.ID)); err != nil {
			return err
		}
	}
	return nil
}

// unsearched are the tables and columns in which no traces of a person are
// looked for. All others are, those that are still to come included.
var unsearched = strings.Fields(`
	person.name person.email person.folded person.phone person.external_id person.former person_identity
	credential browser_session setup_link sign_in api_token.hash login_throttle
	brand team support_address connection connection_folder forwarding microsoft_tenant tenant_credential
	custom_field custom_field_option
	mail.blob mail.microsoft_id mail.message_id mail.dedupe_key thread_reference envelope.content
	attachment.blob attachment.secret attachment.upload_token discarded_blob remote_image file_link
	ticket.reply_token ticket_tag person_tag organization_tag ticket_count ticket_metric
	job_schedule text_due shipped goose_db_version bulk.key
	csv_import.token csv_import.blob csv_import.job`)

// spanColumns are by what tables are looked through part by part that have no id.
var spanColumns = map[string]string{"field_value": "owner_id", "bulk_result": "bulk_id", "notification": "mail_id", "envelope": "mail_id"}

// textsOf are the searched columns of each table, and by which column it is
// looked through part by part; empty: at once.
func (tx *Tx) textsOf(ctx context.Context) (columns map[string][]string, span map[string]string, err error) {
	rows, err := tx.bun.QueryContext(ctx, tx.db.listColumns())
	if err != nil {
		return nil, nil, fmt.Errorf("list columns: %w", tx.db.explain(err))
	}
	defer rows.Close()
	columns, span = make(map[string][]string), make(map[string]string)
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			return nil, nil, err
		}
		switch {
		case slices.Contains(unsearched, table) || slices.Contains(unsearched, table+"."+column):
		case strings.EqualFold(kind, "text"):
			columns[table] = append(columns[table], column)
		case column == cmp.Or(spanColumns[table], "id"):
			span[table] = column
		}
	}
	return columns, span, rows.Err()
}

// ListTextTables gives all tables in which there may be traces of a person.
func (tx *Tx) ListTextTables(ctx context.Context) ([]desk.TextTable, error) {
	columns, span, err := tx.textsOf(ctx)
	if err != nil {
		return nil, err
	}
	var tables []desk.TextTable
	for table := range columns {
		t := desk.TextTable{Name: table}
		if by := span[table]; by != "" {
			if _, err := tx.queryRow(ctx, fmt.Sprintf("SELECT COALESCE(MAX(%s), 0) FROM %s", by, table), nil, &t.Last); err != nil {
				return nil, fmt.Errorf("size of %s: %w", table, err)
			}
		}
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b desk.TextTable) int { return strings.Compare(a.Name, b.Name) })
	return tables, nil
}

// RedactTexts removes traces of a person from the texts of some rows of a table.
func (tx *Tx) RedactTexts(ctx context.Context, s desk.RowSpan, traces *directory.Traces) error {
	columns, span, err := tx.textsOf(ctx)
	if err != nil {
		return err
	}
	where := "TRUE"
	if by := span[s.Table]; by != "" {
		where = fmt.Sprintf("%s > %d", by, s.After)
		if s.Until != 0 {
			where += fmt.Sprintf(" AND %s <= %d", by, s.Until)
		}
	}
	for _, column := range columns[s.Table] {
		if err := tx.redact(ctx, s.Table, column, where, traces, false); err != nil {
			return err
		}
	}
	return nil
}

// ticketsOf select the tickets in whose searched texts rows of other tables appear.
var ticketsOf = map[string]string{
	"ticket":      "SELECT id FROM ticket WHERE ",
	"comment":     "SELECT DISTINCT ticket_id AS id FROM comment WHERE ",
	"attachment":  "SELECT DISTINCT comment.ticket_id AS id FROM comment JOIN attachment ON attachment.comment_id = comment.id WHERE attachment.",
	"field_value": "SELECT owner_id AS id FROM field_value WHERE owner = 'ticket' AND ",
}

// redact removes traces from a column. Rows with the same text are changed at
// once, so no table needs a key for this.
func (tx *Tx) redact(ctx context.Context, table, column, where string, traces *directory.Traces, about bool) error {
	words := traces.Addresses
	if about {
		words = append(words[:len(words):len(words)], traces.Names...)
	}
	var conditions []string
	var patterns []any
	for _, word := range directory.Variants(words) {
		conditions = append(conditions, "LOWER("+column+`) LIKE ? ESCAPE '\'`)
		patterns = append(patterns, containing(lowerASCII(word)))
	}
	if len(conditions) == 0 {
		return nil
	}
	var found []string
	query := "SELECT DISTINCT " + column + " FROM " + table + " WHERE " + where + " AND (" + strings.Join(conditions, " OR ") + ")"
	if err := tx.bun.NewRaw(query, patterns...).Scan(ctx, &found); err != nil {
		return fmt.Errorf("search %s of %s: %w", column, table, tx.db.explain(err))
	}
	for _, stored := range found {
		rest := traces.Redact(stored, about)
		if rest == stored {
			continue
		}
		if tickets := ticketsOf[table]; tickets != "" {
			if err := tx.retextMany(ctx, ticketText, tickets+column+" = ?", stored); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, "UPDATE "+table+" SET "+column+" = $1 WHERE "+column+" = $2 AND "+where, rest, stored); err != nil {
			return fmt.Errorf("redact %s of %s: %w", column, table, err)
		}
	}
	return nil
}

// lowerASCII is what LOWER makes of a text on SQLite; on PostgreSQL it lowers
// other letters, too, and then finds the variant that is folded.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// EraseUser empties the rows of a person and of those who were merged into
// them, and removes what is about them alone.
func (tx *Tx) EraseUser(ctx context.Context, id directory.UserID) error {
	var ids []int64
	if err := tx.bun.NewRaw("SELECT id FROM person WHERE "+samePerson+" ORDER BY id", id, id).Scan(ctx, &ids); err != nil {
		return fmt.Errorf("rows of person %d: %w", id, tx.db.explain(err))
	}
	traces, err := tx.TracesOf(ctx, id)
	if err != nil {
		return err
	}
	for _, address := range traces.Addresses {
		if _, err := tx.exec(ctx, `DELETE FROM login_throttle WHERE subject LIKE $1 ESCAPE '\'`, containing(address)); err != nil {
			return fmt.Errorf("forget sign-ins: %w", err)
		}
		if _, err := tx.exec(ctx, "DELETE FROM sender_rule WHERE pattern = $1", address); err != nil {
			return fmt.Errorf("forget what is done with mail from an address: %w", err)
		}
	}
	for _, row := range ids {
		if err := tx.eraseRow(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// erasedRows are about one person alone, or carry the name; $1 is the id.
var erasedRows = []string{
	"DELETE FROM person_identity WHERE person_id = $1",
	"DELETE FROM membership WHERE person_id = $1",
	"DELETE FROM credential WHERE person_id = $1",
	"DELETE FROM setup_link WHERE person_id = $1",
	"DELETE FROM api_token WHERE created_by = $1",
	"DELETE FROM field_value WHERE owner = 'user' AND owner_id = $1",
	"DELETE FROM remembered_answer WHERE user_id = $1",
	"DELETE FROM bulk WHERE user_id = $1",
	"DELETE FROM ticket_view WHERE owner_id = $1",
	"DELETE FROM macro WHERE owner_id = $1",
	"UPDATE person_merge SET email = '', tags = '[]' WHERE person_id = $1 OR into_id = $1",
	// That something was done stays, and who did it; what was done to the person says no more than that.
	"UPDATE audit_entry SET actor = '" + directory.ErasedName + "', address = '' WHERE actor_id = $1",
	"UPDATE audit_entry SET label = '#' || CAST(subject AS TEXT), before = '', after = '' WHERE object = 'user' AND subject = $1",
	`UPDATE person SET name = '` + directory.ErasedName + `', email = 'erased:' || CAST(id AS TEXT), folded = 'erased:' || CAST(id AS TEXT),
		locale = '', time_zone = '', signature = '', phone = '', alias = '', notes = '', details = '', external_id = '', tags = '[]',
		former = '[]', erased = TRUE WHERE id = $1`,
}

func (tx *Tx) eraseRow(ctx context.Context, id int64) error {
	var drafts []int64
	if err := tx.bun.NewRaw("SELECT id FROM draft WHERE user_id = ?", id).Scan(ctx, &drafts); err != nil {
		return fmt.Errorf("drafts of person %d: %w", id, tx.db.explain(err))
	}
	for _, draft := range drafts {
		if err := tx.DeleteDraft(ctx, draft); err != nil {
			return err
		}
	}
	for _, statement := range erasedRows {
		if _, err := tx.exec(ctx, statement, id); err != nil {
			return fmt.Errorf("empty the row of person %d: %w", id, err)
		}
	}
	tx.retext(personText, id)
	return nil
}
