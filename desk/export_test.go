package desk

import (
	"slices"

	"tandem/directory"
)

// Remeasure makes the metrics of a ticket anew, for tests.
var Remeasure = remeasure

// Met judges conditions of views in memory, as triggers judge theirs.
func (cs Conditions) Met(t *Ticket, by directory.UserID, fields []*directory.Field) bool {
	u := &update{ticket: t, author: &directory.User{ID: by}}
	holds := func(c Condition) bool { return c.prepare(atRest, fields).holds(u) }
	return !slices.ContainsFunc(cs.All, func(c Condition) bool { return !holds(c) }) &&
		(len(cs.Any) == 0 || slices.ContainsFunc(cs.Any, holds))
}
