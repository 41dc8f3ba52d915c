package store

import (
	"errors"
	"fmt"

	"tandem/problem"
)

// errStale says that a ticket was changed by another transaction since it was read.
var errStale = errors.New("the row was changed meanwhile")

// duplicates explains violations of the uniqueness rules that a person can cause.
var duplicates = map[string]struct{ code, message, remedy, field string }{
	"person.email": {"email_taken", "Another person has this mail address already.", "Use another address, or edit that person.", "email"},
	"person_identity.kind, person_identity.value": {"email_taken", "Another person has this address or number already.", "Use another one, or merge the two people.", "email"},
	"brand.name":                               {"name_taken", "Another brand has this name already.", "Choose another name.", "name"},
	"team.name":                                {"name_taken", "Another team has this name already.", "Choose another name.", "name"},
	"organization.folded":                      {"organization_exists", "There is an organization with this name already.", "Choose another name, or change that organization.", "name"},
	"organization.external_id":                 {"external_id_taken", "Another organization has this external id already.", "Use another one, or change that organization.", "external_id"},
	"organization_domain.domain":               {"domain_taken", "Another organization has this mail domain already.", "Remove it there first.", "domain_names"},
	"person.external_id":                       {"external_id_taken", "Another person has this external id already.", "Use another one, or change that person.", "external_id"},
	"support_address.email":                    {"address_in_use", "This address is a support address already.", "Choose another mailbox.", "email"},
	"connection.tenant_id, connection.user_id": {"mailbox_in_use", "This mailbox is connected already.", "Choose another mailbox, or reconnect the existing address.", "email"},
}

// explain turns what a person can cause or mend into a problem, with the cause
// kept; other errors come back as they are.
func (db *DB) explain(err error) error {
	if err == nil || problem.As(err) != nil {
		return err
	}
	if columns := db.duplicate(err); columns != "" {
		d, known := duplicates[columns]
		if !known {
			return problem.New(problem.Conflict, "already_exists", "There is one of these already (%s).", columns).Because(err)
		}
		return problem.New(problem.Conflict, d.code, "%s", d.message).On(problem.Yours, d.remedy).In(d.field).Because(err)
	}
	if errors.Is(err, errStale) {
		return problem.New(problem.Conflict, "changed_meanwhile", "Somebody else changed this meanwhile.").
			On(problem.Yours, "Load it again and repeat your change.").Because(err)
	}
	if p := db.trouble(err); p != nil {
		return p.Because(err)
	}
	return err
}

// notFound says that there is nothing with the id; what is a word of the field such as "ticket".
func notFound(what string, id any) error {
	return problem.New(problem.NotFound, "not_found", "There is no %s %v.", what, id).
		On(problem.Yours, "It may have been removed. Go back to the list.")
}

// missing turns errNoRow into problem.NotFound.
func missing(err error, what string, id any) error {
	if errors.Is(err, errNoRow) {
		return notFound(what, id)
	}
	if err != nil {
		return fmt.Errorf("update %s %v: %w", what, id, err)
	}
	return nil
}

// get turns what a query found into what a Get method returns.
func get[R, T any](row *R, err error, what string, id any, f func(*R) T) (T, error) {
	var none T
	if err != nil {
		return none, fmt.Errorf("read %s %v: %w", what, id, err)
	}
	if row == nil {
		return none, notFound(what, id)
	}
	return f(row), nil
}

// find turns what a query found into what a Find method returns: nil when there is nothing.
func find[R, T any](row *R, err error, what string, f func(*R) *T) (*T, error) {
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", what, err)
	}
	if row == nil {
		return nil, nil
	}
	return f(row), nil
}
