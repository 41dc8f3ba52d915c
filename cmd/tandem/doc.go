// Command tandem is the whole product in one program: the server, the demo with
// its simulated Microsoft 365, and what the person who runs it needs.
//
// Every flag has an environment variable; see package config for the file and
// the keys that have no flag.
//
// The exit status is 0 when all went well, 1 when it did not, 2 when the command
// line or the configuration is wrong, and 130 when a second signal cut a server
// short that was still finishing its work.
package main
