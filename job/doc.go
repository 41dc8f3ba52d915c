// Package job is durable background work: what must happen, may happen later
// and survives a restart.
//
// A job is a row. It is inserted in the transaction of its cause (a comment and
// the job that delivers it commit together or not at all) and goes
//
//	waiting -> running -> completed
//	   ^          |-----> waiting    failed, or snoozed: again at RunAt
//	   |          |-----> cancelled  its handler found it needless, or a person cancelled it
//	   '- retry --'-----> dead       out of attempts, or failed for good
//
// A Runner in each process claims due jobs for the kinds it has handlers for.
// A claim is a lease of a few seconds, which the runner's heartbeat extends as
// long as the handler runs. When a process dies, its leases end and other
// runners take its jobs over; when one is merely cut off from the database, it
// cancels its handlers before that. Even so a job may run twice, so handlers
// are idempotent: they look at the state of their subject first.
//
// What a handler returns decides what becomes of the job. Nil completes it. A
// problem of kind Invalid, Forbidden, NotFound or Conflict is final: trying
// again would not help, so the job is dead and waits for an administrator. A
// problem with RetryAfter runs again at that time and uses up no attempt, since
// it is the other side that asked for patience. Snooze and Cancel say it
// outright. Any other error is tried again after Backoff, until MaxAttempts. A
// panic is such an error, counted and logged with its stack.
//
// Schedules insert jobs at set times: over all nodes, one for each tick.
//
// A runner owns one goroutine that claims, one for the heartbeat and one for
// each running job. It sleeps until the next job is due, until the bus tells of
// a new one, or for a few seconds, whichever is first: the poll only mends what
// a lost event would have delayed.
package job
