// Package config is what the person who runs Tandem decides before it starts:
// addresses, folders, the database, the app registration at Microsoft.
//
// There is one optional TOML file. Environment variables override it, and the
// few command line flags override those. Each key has an environment variable
// that is named after it: TANDEM_ and the key in capitals, with the section in
// front (log.level is TANDEM_LOG_LEVEL). Every secret can instead be read from
// a file: the same key with _file behind it.
//
// Default is complete: without any file Tandem starts on SQLite in its data
// folder. Load reports every mistake at once, each with its key, what is wrong
// and what to write instead.
//
// What an administrator changes in daily work (support addresses, brands,
// people) is not configuration; it is data, set in the admin centre and in
// force at once on every node.
package config
