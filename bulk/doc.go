// Package bulk does one thing to many records in the background: it changes a
// hundred tickets, creates fifty people, deletes what somebody chose.
//
// Who asks gets a Bulk back at once and watches its progress. A durable job
// takes the items in their order, each in a transaction of its own together
// with its result and with the count of what is done. So an item is done
// exactly once and has exactly one result, whenever the process is killed, and
// another process goes on where the last one stopped. What one item refuses is
// its result and does not hold up the others.
//
// The items are done with the rights that the person has while they are done,
// not with those of the moment when they asked. They may cancel what is not
// done yet. Bulks and their results are kept for some days.
//
// A kind of bulk work is an Args, which names the kind and says how many items
// there are, and a function that does one of them:
//
//	type CloseMany struct{ IDs []TicketID }
//
//	func (CloseMany) Kind() string { return "tickets.close" }
//	func (c CloseMany) Len() int   { return len(c.IDs) }
//
//	bulk.Handle(bulks, store, func(ctx context.Context, tx Tx, by access.Actor, all CloseMany, i int) (bulk.Outcome, error) {
//		return bulk.Updated(all.IDs[i]), closeIn(ctx, tx, by, all.IDs[i])
//	})
//
// and bulks.Start(ctx, by, CloseMany{ids}) begins it. The function works in the
// transaction that it is given and checks what the actor may do; desk/bulk.go
// is an example.
package bulk
