// Package app builds Tandem from its configuration, and starts and stops it.
//
// It is the one place that knows all parts. They are made with plain
// constructor calls in the order of what needs what: store, blobs, concepts,
// the adapter to Microsoft 365, background work, the HTTP edge. Start ends with
// the listener, so that nobody is answered before everything stands; Stop goes
// backwards and closes the store last. Tests start the same App with port 0, a
// temporary folder and a simulator's address.
//
// # Goroutines and their owners
//
//	http.Server     one for each request; ended by Stop
//	job.Runner      claims and runs background work; drained by Stop
//	email.Reader    watches each connected mailbox; one reads while it holds the lease
//	store (Postgres) listens for events of other nodes; ended by closing the store
package app
