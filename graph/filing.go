package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// FileResult is what became of one message in FileAll.
type FileResult struct {
	ID   string
	Gone bool  // it was not there any more, which is as good as filed
	Err  error // nil when it is read and in the folder, or gone
}

// FileAll marks messages as read and moves them to a folder, ten to a request;
// with folder "" it leaves them where they are and takes twenty to a request.
// The results stand in the order of ids. Filing again what is filed does no
// harm, so all that failed with a Retryable error can simply come again.
//
// Each batch is a chain in which every item depends on the one before: it then
// counts as one request at a time against the mailbox's limit of four, where
// independent items would take all four.
//
// "Combine multiple HTTP requests using JSON batching", "Update message", "message: move"
func (m *Mailbox) FileAll(ctx context.Context, ids []string, folder string) []FileResult {
	results := make([]FileResult, len(ids))
	for i, id := range ids {
		results[i].ID = id
	}
	steps := 2 // for each message
	if folder == "" {
		steps = 1
	}
	open := results
	for try := 1; len(open) > 0; {
		head := open[:min(MaxBatch/steps, len(open))]
		responses, err := m.c.batch(ctx, m.user, m.filing(head, folder), true)
		if err != nil {
			fail(open, fmt.Errorf("file messages: %w", err))
			break
		}
		settled := settle(head, responses, steps)
		open = open[settled:]
		if settled > 0 {
			try = 1
			if err := head[settled-1].Err; concernsAll(err) {
				fail(open, err)
				break
			}
			continue
		}
		// A failure breaks the chain, and what comes after it goes into the
		// next batch. Here the first one failed: it has some more tries.
		if try++; try > maxTries || pause(ctx, try, headError(responses, steps)) != nil {
			fail(open, headError(responses, steps))
			break
		}
	}
	return results
}

// pause waits before a repetition. After throttling the gate does so.
func pause(ctx context.Context, try int, err error) error {
	if errors.As(err, new(*ThrottledError)) {
		return nil
	}
	return sleep(ctx, backOff(try-2))
}

func fail(open []FileResult, err error) {
	for i := range open {
		open[i].Err = err
	}
}

// filing returns the chain of requests that marks each message and, with a folder, moves it.
func (m *Mailbox) filing(open []FileResult, folder string) []BatchRequest {
	root := m.root[len(m.c.base):]
	chain := make([]BatchRequest, 0, 2*len(open))
	add := func(method, path string, body any) {
		q := BatchRequest{
			ID: strconv.Itoa(len(chain) + 1), Method: method, URL: root + path, Body: body,
			Headers: map[string]string{"Prefer": minimal},
		}
		if len(chain) > 0 {
			q.DependsOn = []string{chain[len(chain)-1].ID}
		}
		chain = append(chain, q)
	}
	for _, f := range open {
		path := "/messages/" + url.PathEscape(f.ID)
		add(http.MethodPatch, path, readPatch{IsRead: true})
		if folder != "" {
			add(http.MethodPost, path+"/move", moveBody{DestinationID: folder})
		}
	}
	return chain
}

// settle gives results to the messages at the head of the chain and returns to
// how many. It stops where a repetition may help.
func settle(open []FileResult, responses []BatchResponse, steps int) int {
	for i := range open {
		f, mark, move := &open[i], responses[steps*i].Err, error(nil)
		if steps == 2 {
			move = responses[2*i+1].Err
		}
		switch {
		case mark == nil && move == nil:
		case errors.Is(mark, ErrNotFound):
			f.Gone = true
		case mark == nil && errors.Is(move, ErrNotFound):
			// The message was there a moment ago: what is missing is the folder.
			f.Err = &missingFolderError{move}
		case passes(mark) || mark == nil && passes(move):
			return i
		case mark != nil:
			f.Err = mark
		default:
			f.Err = move
		}
	}
	return len(open)
}

func passes(err error) bool {
	return errors.Is(err, ErrFailedDependency) || err != nil && Retryable(err)
}

// concernsAll reports whether an error is not about one message.
func concernsAll(err error) bool {
	return errors.As(err, new(*missingFolderError)) || errors.Is(err, ErrAccessDenied) ||
		errors.Is(err, ErrMailboxUnavailable) || errors.Is(err, ErrUnauthorized)
}

// headError returns why the first message of a chain was not filed.
func headError(responses []BatchResponse, steps int) error {
	if err := responses[0].Err; err != nil || steps == 1 {
		return err
	}
	return responses[1].Err
}

// missingFolderError says that the folder to file in does not exist. It is an ErrNotFound.
type missingFolderError struct{ err error }

func (e *missingFolderError) Error() string { return "folder to file in: " + e.err.Error() }
func (e *missingFolderError) Unwrap() error { return e.err }
