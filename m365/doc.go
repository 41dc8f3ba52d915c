// Package m365 is Microsoft 365 as the concepts see it: it implements what
// package email asks of a mailbox and of the sign-in, on package graph.
//
// It decides nothing about tickets. It knows which folder is ours, which
// properties to select, which property carries our mark on a draft, and what
// each refusal of Microsoft means for a person: every error that leaves this
// package is a problem with a stable code, the side at fault and a remedy (see
// translate.go).
//
// One graph client lives for each connection, because Microsoft's limits count
// by application and mailbox, and because tokens belong to whoever signed in.
package m365
