package m365sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// controls serves /sim: what a test or a person does to the simulated world.
// docs/simulator.md describes it for users.
func (s *Server) controls() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h controlHandler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				writeControlError(w, err)
			}
		})
	}
	handle("GET /sim/status", s.controlStatus)
	handle("POST /sim/reset", s.controlReset)
	handle("GET /sim/clock", s.controlGetClock)
	handle("POST /sim/clock", s.controlSetClock)
	handle("GET /sim/faults", s.controlListFaults)
	handle("POST /sim/faults", s.controlAddFault)
	handle("DELETE /sim/faults", s.controlRemoveFault)
	handle("DELETE /sim/faults/{id}", s.controlRemoveFault)
	handle("GET /sim/requests", s.controlListRequests)
	handle("DELETE /sim/requests", s.controlClearRequests)
	handle("GET /sim/subscriptions", s.controlListSubscriptions)

	handle("GET /sim/applications", s.controlListApplications)
	handle("PATCH /sim/applications/{client}", s.controlChangeApplication)
	handle("POST /sim/applications/{client}/secrets", s.controlAddSecret)
	handle("DELETE /sim/applications/{client}/secrets/{secret}", s.controlRemoveSecret)
	handle("POST /sim/applications/{client}/certificates", s.controlAddCertificate)
	handle("PUT /sim/applications/{client}/access_policy", s.controlSetPolicy)
	handle("DELETE /sim/applications/{client}/access_policy", s.controlRemovePolicy)
	handle("POST /sim/applications/{client}/consent", s.controlConsent)
	handle("GET /sim/users", s.controlListUsers)
	handle("PATCH /sim/users/{user}", s.controlChangeUser)
	handle("GET /sim/users/{user}/presence", s.controlGetPresence)
	handle("PUT /sim/users/{user}/presence", s.controlSetPresence)

	handle("POST /sim/mail", s.controlSendMail)
	handle("GET /sim/mailboxes/{address}/folders", s.controlListFolders)
	handle("POST /sim/mailboxes/{address}/folders", s.controlCreateFolder)
	handle("GET /sim/mailboxes/{address}/messages", s.controlListMessages)
	handle("POST /sim/mailboxes/{address}/messages", s.controlDeliver)
	handle("GET /sim/mailboxes/{address}/messages/{id}", s.controlGetMessage)
	handle("PATCH /sim/mailboxes/{address}/messages/{id}", s.controlChangeMessage)
	handle("DELETE /sim/mailboxes/{address}/messages/{id}", s.controlDeleteMessage)
	handle("GET /sim/mailboxes/{address}/messages/{id}/raw", s.controlRawMessage)
	handle("GET /sim/mailboxes/{address}/messages/{id}/attachments/{attachment}", s.controlAttachment)
	handle("GET /sim/outbox", s.controlListOutbox)
	handle("DELETE /sim/outbox", s.controlClearOutbox)
	handle("GET /sim/outbox/{id}/raw", s.controlRawOutbox)
	return http.NewCrossOriginProtection().Handler(mux)
}

type controlHandler func(http.ResponseWriter, *http.Request) error

// controlError is a refusal of /sim.
type controlError struct {
	status  int
	message string
}

func (e *controlError) Error() string { return e.message }

func invalid(format string, args ...any) error {
	return &controlError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func absent(format string, args ...any) error {
	return &controlError{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

func writeControlError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var refused *controlError
	switch {
	case errors.As(err, &refused):
		status = refused.status
	case errors.Is(err, errNoItem), errors.Is(err, errNoMailbox):
		status = http.StatusNotFound
	case errors.Is(err, errFolderExists):
		status = http.StatusConflict
	case errors.Is(err, errTooLarge):
		status = http.StatusRequestEntityTooLarge
	}
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

// readControl decodes a JSON body; unknown names are mistakes.
func readControl(r *http.Request, v any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return invalid("The body is not the JSON expected here: %s", err)
	}
	return nil
}

func (s *Server) controlStatus(w http.ResponseWriter, r *http.Request) error {
	org := s.dir.organisation()
	var messages, unsent int
	if err := s.db.row("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM outbox)").Scan(&messages, &unsent); err != nil {
		return err
	}
	_, counts := s.record.list(0, nil)
	writeJSON(w, http.StatusOK, map[string]any{
		"tenant_id": org.ID, "organisation": org.Name, "domain": org.Domain, "now": s.clock.now(),
		"messages": messages, "outbox": unsent, "requests": counts, "latency": s.opt.Latency.String(),
	})
	return nil
}

// controlReset puts everything back to an empty data folder with the same
// signing key. Numbers of messages and changes go on, so that no id of before
// names something else afterwards.
func (s *Server) controlReset(w http.ResponseWriter, r *http.Request) error {
	if err := s.reset(); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) reset() error {
	if err := s.clock.set(0); err != nil {
		return err
	}
	err := s.db.update(func(t *tx) error {
		for _, table := range []string{"person", "application", "consent", "refresh_token", "folder", "message", "mime", "attachment",
			"extended_property", "tombstone", "upload", "upload_part", "outbox", "subscription"} {
			if _, err := t.exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		if _, err := t.exec("DELETE FROM setting WHERE name LIKE 'presence:%'"); err != nil {
			return err
		}
		return createOrganisation(t, s.opt.Organisation.complete(s.clock.now()))
	})
	if err != nil {
		return err
	}
	s.faults.remove("")
	s.record.clear()
	s.throttle.reset()
	s.exchange.maxSend.Store(maxSendSize)
	if err := s.tokens.revoke(""); err != nil {
		return err
	}
	return errors.Join(s.dir.load(), s.notifier.load())
}

func (s *Server) controlGetClock(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]any{"now": s.clock.now(), "offset": time.Duration(s.clock.offset.Load()).String()})
	return nil
}

// controlSetClock advances the clock, or sets it back to the machine's.
func (s *Server) controlSetClock(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Advance string `json:"advance"`
		Reset   bool   `json:"reset"`
	}
	if err := readControl(r, &in); err != nil {
		return err
	}
	if in.Reset {
		if err := s.clock.set(0); err != nil {
			return err
		}
	} else {
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return invalid("advance is a duration such as \"48h\" or \"10m\".")
		}
		if err := s.clock.advance(d); err != nil {
			return err
		}
	}
	s.notifier.wake()
	return s.controlGetClock(w, r)
}

func (s *Server) controlListFaults(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]any{"faults": s.faults.all()})
	return nil
}

// controlAddFault puts a fault in force, or does at once what it stands for.
func (s *Server) controlAddFault(w http.ResponseWriter, r *http.Request) error {
	var f fault
	if err := readControl(r, &f); err != nil {
		return err
	}
	if err := f.check(s.clock.now()); err != nil {
		return invalid("%s", err)
	}
	if f.Mailbox != "" && s.dir.user(f.Mailbox) == nil {
		return absent("Nobody here is called %s.", f.Mailbox)
	}
	done, err := s.provoke(&f)
	if err != nil {
		return err
	}
	if !done {
		s.faults.add(&f)
	}
	writeJSON(w, http.StatusCreated, f)
	return nil
}

// provoke does what faults that happen once stand for, and says whether f is
// one of them.
func (s *Server) provoke(f *fault) (done bool, err error) {
	userID, mailbox := "", int64(0)
	if u := s.dir.user(f.Mailbox); u != nil {
		userID, mailbox = u.ID, u.mailbox
	}
	affected := func(sub *subscription) bool { return mailbox == 0 || sub.Mailbox == mailbox }
	switch f.Kind {
	case faultExpireTokens:
		return true, s.tokens.revoke(userID)
	case faultExpireDelta:
		return true, s.exchange.expireDelta(mailbox)
	case faultRevokeGrants:
		err := errors.Join(s.dir.withdraw(userID), s.entra.revokeRefreshTokens(userID), s.tokens.revoke(userID))
		if userID == "" {
			err = errors.Join(err, s.dir.withdrawRoles())
		}
		s.notifier.signal("subscriptionRemoved", affected)
		return true, err
	case faultLifecycle:
		switch f.Event {
		case "missed", "subscriptionRemoved", "reauthorizationRequired":
			s.notifier.signal(f.Event, affected)
			return true, nil
		}
		return false, invalid("event is missed, subscriptionRemoved or reauthorizationRequired.")
	case faultLimits:
		l := outlookLimits()
		if f.Requests > 0 {
			l.Requests = f.Requests
		}
		if f.Concurrent > 0 {
			l.Concurrent = f.Concurrent
		}
		s.throttle.setLimits(l)
		if f.MessageSize > 0 {
			s.exchange.maxSend.Store(f.MessageSize)
		}
	}
	return false, nil
}

// expireDelta makes the delta tokens of a mailbox, or with 0 of all, expire.
func (x *exchange) expireDelta(mailbox int64) error {
	name := "delta_epoch"
	if mailbox != 0 {
		name = deltaEpochOf(mailbox)
	}
	return x.db.update(func(t *tx) error { return t.setSetting(name, randomToken(8)) })
}

func (s *Server) controlRemoveFault(w http.ResponseWriter, r *http.Request) error {
	if !s.faults.remove(r.PathValue("id")) {
		return absent("There is no fault of that id.")
	}
	s.notifier.wake() // what an outage held up
	if !s.faults.inForce(faultLimits) {
		s.throttle.setLimits(outlookLimits())
		s.exchange.maxSend.Store(maxSendSize)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) controlListRequests(w http.ResponseWriter, r *http.Request) error {
	limit, after, status := 1000, int64(-1), 0
	query := r.URL.Query()
	for name, to := range map[string]func(int){
		"limit":  func(n int) { limit = n },
		"after":  func(n int) { after = int64(n) },
		"status": func(n int) { status = n },
	} {
		if text := query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return invalid("%s is a number.", name)
			}
			to(n)
		}
	}
	found, counts := s.record.list(limit, func(e *requestRecord) bool {
		return e.Number > after && (status == 0 || e.Status == status) &&
			(query.Get("method") == "" || strings.EqualFold(e.Method, query.Get("method"))) &&
			(query.Get("mailbox") == "" || strings.EqualFold(e.Mailbox, query.Get("mailbox"))) &&
			strings.Contains(strings.ToLower(e.Path+"?"+e.Query), strings.ToLower(query.Get("path")))
	})
	writeJSON(w, http.StatusOK, map[string]any{"requests": found, "counts": counts})
	return nil
}

func (s *Server) controlClearRequests(w http.ResponseWriter, r *http.Request) error {
	s.record.clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) controlListSubscriptions(w http.ResponseWriter, r *http.Request) error {
	s.notifier.mu.Lock()
	defer s.notifier.mu.Unlock()
	list := []any{}
	for _, sub := range s.notifier.list(func(*subscription) bool { return true }) {
		shown := sub.show()
		shown["mailbox"], shown["paused"] = "", sub.Paused
		if owner := s.dir.ownerOf(sub.Mailbox); owner != nil {
			shown["mailbox"] = owner.UserPrincipalName
		}
		shown["undelivered"] = s.notifier.undelivered(sub.ID)
		list = append(list, shown)
	}
	writeJSON(w, http.StatusOK, map[string]any{"subscriptions": list})
	return nil
}
