// Package e2e tells the product's stories from outside: Tandem and the
// simulator of Microsoft 365 as whole programs, spoken to over HTTP as people,
// browsers and Microsoft do.
//
// A World is one Tandem with one Microsoft 365, on SQLite or PostgreSQL, with an
// administrator who has signed in. The stories in *_test.go are few, long and
// readable. The subfolder browser drives the application in Chromium.
package e2e
