// Package email is the mail channel: support addresses, the connections by
// which their mail arrives and leaves, the ledger of every mail ever seen,
// threading and sending.
//
// # One mail in
//
// A change notification from Microsoft, or the polling timer, is a hint: the
// connection is kicked. The Reader that holds the mailbox's lease reads the
// Inbox's changes since its cursor and notes each unknown mail in the ledger in
// the same transaction that advances the cursor, so that nothing is forgotten
// once the cursor has moved. Up to three mails at a time are fetched; the raw
// bytes are kept in the blob store and parsed. One mail after the other is then
// decided, oldest first, so that a reply never overtakes its parent, and one
// transaction writes the decision: the ledger row, the ticket or comment, its
// attachments, the jobs that follow and the events.
//
// Only what is decided is filed: marked read and moved to the "Tandem" folder,
// ten mails in one request. A mail that was deleted at Microsoft in the
// meantime counts as filed. The unread flag means nothing to us: people read
// mail in Outlook too.
//
// A reconciliation compares mailbox and ledger at the start, every hour and
// whenever Microsoft says that notifications were missed, and takes in what it
// finds missing.
//
// Mail of an address that another mail system forwards comes by SMTP instead:
// the Forwarder keeps the bytes and the row before it is acknowledged, and the
// reader of that connection decides it like any other. An address can change
// from one such route to the other; while it does, it has both.
//
// A mail larger than we take in becomes a ticket all the same: its text is read
// as it streams by, and its files stay at Microsoft until somebody asks for them.
//
// # Duplicates
//
// A mail has one row for each mailbox whatever the route by which it was
// noticed: connection and immutable id are unique. Further copies of the same
// mail in one mailbox (same Message-ID, sender, date and subject) are kept in
// the ledger as duplicates of the first; so are copies that come by another
// route to the same address. The same mail at two support addresses
// makes two tickets that know of each other.
//
// # Suspended mail
//
// Not every mail is to become a ticket: newsletters, automatic answers, what
// the sender's domain disowns, more mails than a person writes in an hour. Such
// a mail is suspended: kept, filed and explained like any other, with its cause
// and the evidence for it, but without a ticket until a person recovers it
// (screen.go has the causes, recover.go the ways back). Where a mail belongs is
// decided first and what suspends it last, so that recovering is deciding again.
//
// An automatic answer never opens a ticket, nor opens one again: on a ticket it
// is a note, elsewhere it is suspended. Together with the limit per sender and
// hour, and the marks on what Tandem itself writes, that ends every loop.
//
// A report on a mail of ours (RFC 3464) makes no comment. A bounce is shown at
// the comment that bounced, with the reason and what to do.
//
// # One reply out
//
// The comment, its outgoing mail and the job are one transaction. Sending is
// not idempotent at Microsoft, so every mail is first put into Drafts with our
// own mark on it, its immutable id is written down, files are attached, and
// only then it is sent. The id survives sending: after a crash we ask what
// became of the draft, and a draft whose id was not written down is found by
// its mark. Replies on one ticket leave in the order in which they were written;
// one that has failed holds up no other. While its address is disconnected a
// mail waits, visibly; it never leaves from another address.
//
// Files that are too large for a mail have links, which the desk made together
// with the comment; the mail names them.
//
// # Always true
//
//   - A mail that Microsoft accepted for a connected mailbox is in the ledger exactly once.
//   - Nothing at Microsoft is marked or moved before our copy is committed.
//   - A public comment is sent exactly once, or visibly waits, or has visibly failed.
//   - A mail that cannot be handled is kept, with the reason and a way to try again.
//   - A suspended mail is kept as long as the administrator has said, and no rule drops one.
package email
