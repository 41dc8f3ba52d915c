// Package graph is a client for the part of Microsoft Graph and Microsoft
// Entra ID that a mail application needs: sign-in and tokens, mailboxes,
// drafts and attachments, batches and change notifications. It is shaped like
// Microsoft's documentation; the comment above each method names the page it
// was written from.
//
// # Tokens
//
// [Entra] talks to the authorization server. For a person's mailbox the steps are:
//
//  1. [Entra.AuthorizeURL] with a [NewVerifier], a state and a nonce; the
//     browser goes there and comes back to the redirect URI.
//  2. [ParseCallback], compare the state, [Entra.Redeem] the code.
//  3. [Entra.VerifyIDToken] says who signed in; [Token.MissingScopes] what was
//     not granted.
//  4. [NewDelegated] keeps an access token fresh from then on. Entra hands out
//     a new refresh token each time; it is saved before it is relied upon.
//
// An application that acts on its own has a client secret and [NewAppOnly].
// What Entra refuses is an [AuthError] whose Kind says what a person can do.
//
// # Requests
//
// A [Client] is one application's view of one tenant. Every request asks for
// immutable ids, so that a message keeps its id when it moves between folders.
// The steps of a request are:
//
//  1. get an access token, refreshed when it is due;
//  2. enter the mailbox's gate: at most three requests in flight, none while
//     Microsoft has asked to wait;
//  3. send, and read the answer; a body that streams holds its place in the
//     gate until it is read to its end or closed;
//  4. on a refusal that passes (throttling, 5xx, a cut connection) wait and
//     repeat, for a bounded time, and only when repeating cannot do the same
//     thing twice; after a 401 repeat once with a new token.
//
// A wait too long for that comes back as [*ThrottledError], so that the caller
// can show until when it waits. A request that may not be repeated, and whose
// outcome nobody knows, comes back as [ErrUnknownOutcome]: look what became of
// it before trying again.
//
// # Reading a mailbox
//
// [Mailbox.Delta] lists what changed in a folder since a link, [Mailbox.List]
// what is there. Links are followed as they came, after a check that they lead
// to Graph: no other host ever sees a token. [ErrResync] means that the link is
// no longer good and the folder must be read from its beginning; what was seen
// already comes again. [Mailbox.MIME] streams one message; a stream that breaks
// off is an error and never a shorter mail.
//
// # Writing a mail
//
// Sending cannot be repeated safely, so a mail is a draft first:
// [Mailbox.CreateDraft] with an extended property of one's own as a mark,
// [Mailbox.AddAttachment] or [Mailbox.UploadAttachment], [Mailbox.Send]. The
// immutable id is the same in Drafts and in Sent Items. A draft whose id was
// lost is found by its mark: [Mailbox.FindByProperty].
//
// The package starts no goroutines besides the refresh of a token, which ends
// by itself. All types are safe for use by several goroutines at once unless
// they say otherwise.
package graph
