// Package eml reads mail as it really arrives: an .eml file is a raw mail in
// the format of RFC 5322 and MIME, and most of them bend the rules somewhere.
//
// # From bytes to a mail
//
// [Parse] goes over the bytes once. A scanner hands out lines and stops at the
// boundaries of all multiparts that are open; the parser asks it for a header,
// decides what the part is, and reads its body through a decoder:
//
//	bytes → scanner → header   → fields repaired to UTF-8
//	                → body     → base64, quoted-printable → text  → charset → Mail.Text, Mail.HTML
//	                                                      → file  → sink    → Mail.Parts
//
// Only text is held in memory. The content of an attachment flows to the sink
// while it is read, so a mail of 100 MB costs as little as one of 1 kB, and a
// hundred nested multiparts cost no more than their bytes.
//
// What is text and what is an attachment follows JMAP (RFC 8621 section 4.1.4).
// A forwarded mail (message/rfc822), an invitation and winmail.dat are
// attachments: they are kept, not unpacked.
//
// # Broken mail
//
// A mail is refused only when nothing can be made of it: [ErrNotMail] when not
// even one header field is found, [ErrTooLarge] beyond the size limit, and the
// error of the reader or the sink as it is. Everything else is read as well as
// can be, and Mail.Defects says what was repaired or cut, for the administrator
// who wonders why a mail looks odd. Text is never dropped silently.
//
// # Charsets
//
// A label is a claim. ISO-2022-JP in all its dialects (RFC 1468, Microsoft's
// code pages 50220 to 50222, ISO-2022-JP-MS, half-width kana, NEC's row 13 with
// ① and ㈱), Shift_JIS as code page 932, EUC-JP, UTF-7 and everything browsers
// know are decoded by label; where the label is missing, unknown or clearly
// wrong, the bytes decide. Encoded words and RFC 2231 parameters that cut a
// character or an escape sequence in two are joined before they are decoded.
//
// # Showing a mail
//
// Mail.HTML is as hostile as its sender. [SplitQuotedHTML] parts the new text
// from the mail it answers, by marks that sanitising removes, so split first;
// then [Sanitize] each half and show it in a sandboxed frame. [SplitQuoted],
// [TextFromHTML] and [HTMLFromText] do the same for plain text.
//
// [IsAutoReply] says whether a mail may be answered by a program. [Compose]
// writes mail for rehearsals and tests.
//
// All functions are safe for concurrent use and start no goroutines.
package eml
