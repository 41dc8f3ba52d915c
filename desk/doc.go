// Package desk is the help desk: tickets, what is said about them, and the
// files that come with it.
//
// A ticket is one request of one requester. It is new until an agent takes it,
// open while it waits for us, pending while it waits for the requester, on hold
// while it waits for somebody else, solved when it is answered and closed for
// good some time after. What the requester or somebody in copy says on a
// pending, held or solved ticket opens it again; a closed ticket never changes,
// and what is said about it then begins a follow-up.
//
// A comment is public (a reply: the requester sees it) or internal (a note).
// The public comment of an agent leaves by mail: its transaction enters the mail in
// the [Outbox] a few seconds ahead, so that it can still be taken back, and the
// mail channel does the rest. The first one takes the ticket for its
// author and stops the clock of the first reply.
//
// What an agent writes is a draft until it is sent: one for each agent and
// ticket, kept on the server, seen by nobody else. Sending takes it out in the
// comment's transaction; taking the comment back puts it in again.
//
// # What is always true
//
//   - Ticket, comment, files, jobs and events of one change are one transaction.
//   - Every change raises the ticket's version; whoever changes it safely says
//     which state they have seen, and is refused when there is a newer one.
//   - What is brought in from before (Imported) keeps its dates and causes
//     nothing: no mail, no reopening, no assignment.
//   - A comment that came from a stranger is internal until an agent accepts it.
//   - HTML in a comment has been sanitised before it is stored. The only
//     pictures of ours that it shows are those its writer uploaded for it.
//   - Every change is written down with what it changed ([TicketAudit]), and the
//     triggers ([Trigger]) act on it, in the change's own transaction. So do the
//     ticket's metrics ([Metrics]), from which the reports are made ([Report]).
//   - What the virus scanner warns of is handed out to nobody, nor sent, unless an
//     administrator has confirmed that they know.
//   - A file has an unguessable address and is stored before the row that names it.
//
// # Two layers
//
// [Service.Open], [Service.AddComment], [Service.FollowUp] and
// [Service.Person] run inside the caller's transaction and judge nobody: the
// mail channel uses them in the transaction that writes its ledger. The other
// methods take an [access.Actor], check what it may do, and run a transaction
// of their own.
package desk
