// Package smtp takes in mail that other mail systems forward to Tandem.
//
// It is the door, not the post office: it speaks the protocol (RFC 5321), says
// at RCPT whether anybody lives here, writes the trace on top of a mail and
// hands it to a Door, which keeps it. A mail is acknowledged only after the
// Door has said that it is stored for good; what fails in between is answered
// with a temporary error, and the peer delivers it again.
//
// # One mail
//
//	EHLO, STARTTLS, MAIL   refused when the peer sends too much or says that the mail is too large
//	RCPT                   the Door knows the address, or the answer is 550; we relay for nobody
//	DATA                   the bytes go to a spool: small mails in memory, large ones in a file
//	end of data            DKIM signatures are verified, Received and Authentication-Results are written
//	                       on top, and the Door keeps trace and bytes in one piece
//	250                    the Door has committed it
//
// # What a peer can cost
//
// Nobody has to sign in, so every peer is a stranger. Connections and mails are
// counted for each network address, addresses that do not exist are answered
// ever later and end the connection after a few, a connection that is silent or
// lasts too long is closed, and of each one only a buffer is in memory.
//
// A session belongs to the goroutine of its connection, but for a mail that
// comes in chunks (BDAT), which has one of its own.
package smtp
