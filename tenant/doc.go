// Package tenant knows the Microsoft tenants that are connected: for each one
// the app registration that Tandem uses there, and the credentials by which
// Tandem proves to be it.
//
// # Credentials
//
// A credential is a client secret, or a certificate whose private key never
// leaves Tandem. A tenant may have several at once, so that a new one can take
// over from an old one without a lost mail:
//
//  1. the new one is added and tried at once with a real token request;
//  2. from then on the newest one that works comes first (InOrder); they are
//     read anew for each token request, so nothing is restarted;
//  3. when Microsoft refuses one, the next is tried, and what was said is noted
//     at each (Judge);
//  4. the old one is removed.
//
// When Microsoft refuses the last one, or the app registration as a whole, the
// tenant is in trouble: the admin home says so, administrators get one mail for
// each outage, and the mailboxes wait. A credential that works again, or a new
// one, wakes them (CredentialsChanged).
//
// # Expiry
//
// A certificate says itself when it ends. Of a secret an administrator says it,
// or Microsoft, where the app registration may read itself. Once a day
// (CheckExpiry) administrators are warned, once at each of the thresholds.
//
// The package knows neither Microsoft's protocols nor the mail channel: it
// declares what it asks of Microsoft, and queues jobs for what others do.
package tenant
