// Package e2e tells the product's stories from outside: Tandem and the
// simulator of Microsoft 365 as whole programs, spoken to over HTTP as people,
// browsers and Microsoft do.
//
// A World is one Tandem with one Microsoft 365, on SQLite or PostgreSQL, with an
// administrator who has signed in. Tandem runs inside the test, or as a Process
// of its own where a story kills it; a FrontDoor stands before several of them.
// Faults make Microsoft fail; in chaos all of them do at once, while nodes are killed. The stories in *_story_test.go are few, long and
// readable. The subfolder browser drives the application in Chromium.
//
// What the environment says:
//
//	TANDEM_TEST_POSTGRES  URL of a PostgreSQL server; the stories that need one are skipped without
//	TANDEM_TEST_FULL=1    the stories of crashes and of chaos at their full size
//	TANDEM_TEST_SEED      the random choices of these stories, as an earlier run printed them
//	TANDEM_TEST_LOG=1     Tandem and the simulator log what they do
package e2e
