// Package demo fills a new Tandem with a believable past: Contoso, which sells
// coffee machines and what they need to offices, and its customers, who write
// in English, Japanese and Brazilian Portuguese.
//
// Nothing is faked that can be had from the real thing. The mails of the last
// month are delivered to the support mailbox at the simulated Microsoft 365,
// Tandem connects that mailbox with an import, and reads, parses, threads and
// files them as it does in production. Only what agents did with the tickets is
// then written afterwards, dated and silent as imported comments are. A few
// mails of this very moment follow by the ordinary way: one reopens a solved
// ticket, one follows up a closed one.
//
// What everybody says lies in mails/, a folder for each language, in TOML that
// can be read and extended without knowing the code; story.go explains the
// keys. Among the mails are those that every help desk meets: a duplicate, a
// stranger who answers into a thread, an absence notice, newsletters, ISO-2022-JP,
// and a mail without a sender that ends in quarantine.
//
// [Seed] runs once. It notes in the audit trail what it has begun and ended, so
// that a start that was interrupted is finished by the next, and a database
// that belongs to somebody else is left alone. [Live] lets new mails come
// afterwards: from a pool, or as a customer's answer to what somebody has
// just replied.
package demo
