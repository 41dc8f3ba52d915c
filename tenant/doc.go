// Package tenant knows the Microsoft tenants that are connected: for each one
// the app registration that Tandem uses there, and the credentials by which
// Tandem proves to be it.
//
// A tenant may have several credentials at once, secrets and certificates, so
// that a new one can take over from an old one without a lost mail.
package tenant
