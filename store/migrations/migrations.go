// Package migrations holds the statements that make and change the tables: a
// folder for each kind of database, a file for each version.
package migrations

import "embed"

// FS is the folders sqlite and postgres.
//
//go:embed */*.sql
var FS embed.FS
