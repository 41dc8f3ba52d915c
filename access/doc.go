// Package access decides who may do what in Tandem, and keeps a record of it.
//
// People sign in with their mail address and a password, and get a browser
// session; programs use an API token. Both become an Actor, which every service
// takes as an argument and judges by. A request is judged by the person as the
// directory knows them at that moment: who is suspended, or loses the role, can
// do nothing more with the next request, and who gets a new password has ended
// all earlier sessions.
//
// There is no default password. As long as nobody is an administrator, each
// start of Tandem prints a link that makes one, once. Later administrators add
// people, and hand each a link of the same sort with which they choose their
// own password. The last administrator cannot be removed.
//
// Passwords are kept as argon2id hashes, secrets of tokens and links as SHA-256:
// those are long and random, so that guessing is no threat. Guessing passwords
// is made slow by counting failures (throttle.go), the same for accounts that
// exist and those that do not.
//
// What an administrator changes leaves an entry in the audit trail, written in
// the transaction of the change. Entries are never changed or removed.
package access
