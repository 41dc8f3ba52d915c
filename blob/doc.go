// Package blob keeps raw mails and attachments: bytes that are written once,
// read now and then, and never changed.
//
// A blob's key is the SHA-256 of its content, in hexadecimal. The same
// attachment sent to a hundred tickets is therefore stored once, a Put that is
// repeated after a crash does no harm, and what was read can be checked against
// its key. Keys of tickets and mails point here; whoever removes a blob first
// makes sure that none is left, and uses Retire, which spares what somebody is
// storing at the same moment.
//
// Blobs lie in a folder, or in an object store when several nodes work
// together without a shared file system. In the folder, FOLDER/ab/abcd... is
// the blob with key abcd...: 256 folders hold 4,000 files each for a million
// mails. FOLDER/tmp has those that are being written.
//
// A blob that Put returned is on the disk: the file and its folder are synced.
// That costs about half a millisecond on an SSD and means that a row of the
// database never points at bytes which a power cut took away; a mail is marked
// as read at Microsoft only after that. Content is streamed: memory does not
// grow with the size of a mail.
package blob
