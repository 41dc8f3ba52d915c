// Package m365sim simulates the part of Microsoft 365 that a contact centre
// meets: Entra ID (sign-in, consent, tokens), Exchange Online behind Microsoft
// Graph (folders, messages, delta, drafts, sending, subscriptions) and a mail
// server that takes mail from strangers. It is written from Microsoft's pages
// and shares no type with a client, so a wrong name on either side shows up as
// a failing test rather than as agreement.
//
// # The parts
//
//	entra      authorize, token, discovery, keys, admin consent
//	graphAPI   /v1.0: routing, permissions, throttling, faults, JSON
//	exchange   mailboxes, folders and messages in SQLite; transport of sent mail
//	notifier   subscriptions: handshake, delivery with retries, life cycle
//	controls   /sim: what a test or a person does to this world
//
// # One mail through the house
//
// A mail comes in by SMTP, by POST /sim/mailboxes/{address}/messages or from a
// colleague's Send. It is parsed once; the properties Graph shows are stored
// beside the raw bytes, so that no later request parses MIME again. The insert
// takes the next change number, which is what delta pages count by, and after
// the commit each matching subscription is told. Everything that was answered
// with success is in the database of the data folder by then, so it is there
// after a kill as well.
//
// # Identity
//
// A message is one row whose number never changes. Its immutable id is made of
// that number; its ordinary id is made of the number and a generation that each
// move increases, which is why ordinary ids die on a move and immutable ids do
// not. Ids carry a checksum, so that a damaged one is told from an unknown one.
//
// # Time
//
// All of it runs on one clock, which POST /sim/clock advances: tokens and
// secrets expire, subscriptions lapse and retries fall due without waiting.
//
// # Goroutines
//
// One scheduler in notifier, and one sender for each notification URL that has
// something to deliver. Close ends them and waits. Faults and the record of
// requests live in memory and end with the process.
package m365sim
