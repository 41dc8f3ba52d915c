package demo

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

// The custom fields of Contoso, by their titles.
const (
	productField = "Product"
	orderField   = "Order number"
)

// contractKey is the key of the fields that say when a contract ends.
const contractKey = "contract_end"

// products are what Contoso sells, as its customers call it.
var products = []string{"Orbit 3", "Orbit 5", "Orbit 8", "Aurora", "Noite", "Lumen"}

// orderPattern is how Contoso numbers its orders.
const orderPattern = `C-[0-9]{6}`

var orderNumber = regexp.MustCompile(`\b` + orderPattern + `\b`)

// fields defines what Contoso wants to know besides, unless somebody has.
func (s *seeder) fields(ctx context.Context) error {
	var options []directory.Option
	for _, name := range products {
		options = append(options, directory.Option{Name: name})
	}
	for _, f := range []struct {
		owner                   directory.FieldOwner
		kind                    directory.FieldType
		title, description, key string
		pattern                 string
		options                 []directory.Option
	}{
		{owner: directory.TicketFields, kind: directory.DropdownField, title: productField, options: options},
		{owner: directory.TicketFields, kind: directory.RegexpField, title: orderField, description: "C- and six digits", pattern: "^" + orderPattern + "$"},
		{owner: directory.UserFields, kind: directory.DateField, title: "Contract end", key: contractKey, description: "Of Contoso Care"},
		{owner: directory.OrganizationFields, kind: directory.DateField, title: "Contract end", key: contractKey, description: "Of Contoso Care"},
	} {
		known, err := s.Desk.Fields(ctx, access.System(), f.owner)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(known, func(other *directory.Field) bool { return other.Title == f.title }) {
			continue
		}
		if _, err := s.Desk.CreateField(ctx, access.System(), f.owner, desk.FieldChange{
			Type: &f.kind, Title: &f.title, Description: &f.description, Key: &f.key, Pattern: &f.pattern, Options: &f.options,
		}); err != nil {
			return fmt.Errorf("field %s: %w", f.title, err)
		}
	}
	return nil
}

// fill notes which product and which order a thread is about, as an agent would.
func (t *thread) fill(ticket *desk.Ticket, fields []*directory.Field) error {
	var text strings.Builder
	text.WriteString(t.Subject)
	for _, s := range t.Steps {
		text.WriteString("\n" + s.Text)
	}
	for _, f := range fields {
		value := ""
		switch f.Title {
		case productField:
			for _, o := range f.Options {
				if value == "" && strings.Contains(text.String(), o.Name) {
					value = o.Value
				}
			}
		case orderField:
			value = orderNumber.FindString(text.String())
		}
		if value == "" {
			continue
		}
		ticket.Fields = ticket.Fields.With(f.ID, value)
		if err := ticket.SetTags(append(slices.Clone(ticket.Tags), f.Tags(value)...)); err != nil {
			return err
		}
	}
	return nil
}
