// Package problem is the one error type that people see.
//
// A problem has two readers. The person reads what happened (Message), whose
// side it is on (Side) and what to do about it (Remedy); a program, and the
// browser's translations, read the stable Code. The operator reads the cause
// (Err), which goes to the log and never to the person.
//
// Rules and services return problems for what a caller or Microsoft can cause.
// Anything else is an ordinary error: it is logged with its chain and shown as
// "something went wrong" with a reference.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of trouble it is; the API maps it to a status code.
type Kind string

// The kinds, from the caller's fault to ours.
const (
	Invalid         Kind = "invalid"
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	Limit           Kind = "limit"
	Unavailable     Kind = "unavailable"
	Internal        Kind = "internal"
)

// Side says who can mend it.
type Side string

// The sides.
const (
	Yours     Side = "yours"     // the person who asked: other input helps
	Admin     Side = "admin"     // this organisation's administrator of Tandem or of Microsoft 365
	Microsoft Side = "microsoft" // Microsoft's service; waiting helps
	Tandem    Side = "tandem"    // this program or the machine that it runs on
)

// Error is a problem. Build one with New and add what is known with the With methods.
type Error struct {
	Kind       Kind
	Code       string            // stable, snake_case, e.g. "address_in_use"
	Message    string            // one or two whole sentences in English: what happened
	Side       Side              // whose side it is on; Yours when empty
	Remedy     string            // what to do; may be empty when nothing can be done
	Field      string            // the input at fault, as the API names it
	Details    []Detail          // further inputs at fault
	Args       map[string]string // facts for translations of Code, e.g. {"address": "support@contoso.example"}
	RetryAfter time.Duration     // for Unavailable and Limit: when trying again makes sense
	Err        error             // the cause, for the log only
}

// Detail is one input at fault among several.
type Detail struct {
	Field   string
	Code    string
	Message string
	Name    string // of what is at fault, for translations of the code; may be empty
}

// New makes a problem of the kind with a stable code and a sentence.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...), Side: Yours}
}

// Error is for the log: code, sentence and cause.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// On says whose side the problem is on, and what to do.
func (e *Error) On(side Side, remedy string) *Error {
	e.Side, e.Remedy = side, remedy
	return e
}

// In names the input at fault.
func (e *Error) In(field string) *Error {
	e.Field = field
	return e
}

// With adds one fact for the translations of the code.
func (e *Error) With(key, value string) *Error {
	if e.Args == nil {
		e.Args = make(map[string]string)
	}
	e.Args[key] = value
	return e
}

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// After says when trying again makes sense.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

// As finds the problem in an error's chain; nil when there is none.
func As(err error) *Error {
	if p, ok := errors.AsType[*Error](err); ok {
		return p
	}
	return nil
}

// KindOf tells the kind of an error: Internal when no problem is in its chain.
func KindOf(err error) Kind {
	if p := As(err); p != nil {
		return p.Kind
	}
	return Internal
}
