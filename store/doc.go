// Package store keeps everything that must survive a restart, in SQLite or in
// PostgreSQL, by one code. All SQL of Tandem is here; the concepts declare what
// they need as interfaces (desk.Tx, email.Tx, ...), and Tx implements them all,
// so that one transaction writes a mail's ledger row, its ticket, the job that
// follows and the event that tells of it. There is one file for each part of a
// concept: desk_ticket.go, email_ledger.go, job.go.
//
// # Transactions
//
// View runs a function that reads; it sees one state of the database however
// long it takes. Update runs one that writes; it commits when the function
// returns nil. Either may run the function again, so the function changes
// nothing outside and reads for itself what it changes.
//
// SQLite has one writer: Update takes the write lock at once, so transactions
// happen one after the other. On Postgres an Update is READ COMMITTED, and what
// would otherwise be lost is kept by other means:
//
//   - A row that is read to be changed is locked: LockTicket, GetConnection,
//     GetMail, GetJob, GetImport, GetSupportAddress, GetSignIn and CountAdmins
//     lock inside an Update, for FOR NO KEY UPDATE.
//   - A ticket is only written over the version that was read.
//   - What must be unique is a unique index. Where two nodes find nothing and
//     both insert, the second one's function runs once more and finds the
//     first one's row.
//
// SERIALIZABLE would need none of this, but its predicate locks are taken on
// whole index pages: ten mailboxes that take in mail at the same time, all at
// the end of the same indexes, would mostly make each other start over.
//
// # One text for both databases
//
// Statements use $1 parameters and what both databases understand. What differs
// stands in dialect_sqlite.go and dialect_postgres.go behind named methods. bun
// builds queries whose conditions vary; the columns of each table stand once, in
// the tags of its row type, from which reading, inserting and updating one row
// are made (row.go). What runs with every mail is prepared.
//
// Instants are integers, milliseconds UTC, 0 for the zero time; lists that SQL
// does not look into are JSON. Texts are stored without NUL and as valid UTF-8,
// whatever strangers send. Columns named folded hold what is searched and sorted
// by: NFKC and lower case, so that neither width nor case matters, in any
// language, and words of two Japanese characters are found.
//
// # Lists of a million rows
//
// Each order of the ticket list has an index, and the cursor is a place in it,
// the sort key and the number, so that a page costs the same wherever it is. How
// many tickets there are, by brand and status, is kept by triggers; any other
// count is counted.
//
// # Events
//
// What a transaction publishes is heard after its commit, and only then: from
// this process on SQLite, by NOTIFY on Postgres, where each node has one
// connection that listens. An event that is published while that connection is
// lost is not heard; events are hints.
//
// # Secrets
//
// Tokens and passwords of others are sealed with AES-256-GCM (seal.go); the key
// lies outside the database. What Tandem itself issues is stored as a hash. A
// sealed text is bound to its table, column and row, and begins with the id of
// its key, so that keys can be replaced: AddKey, then Reseal.
//
// # Files and versions
//
// An SQLite file belongs to one process, which holds a lock beside it; another
// one may open it for reading, to back it up. Migrations run at Open, one
// transaction each, after a backup (SQLite) or while other nodes wait
// (Postgres). A database that is newer than the program is refused.
package store
