package email

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// ProbeID identifies a probe.
type ProbeID int64

// ProbeState is where a probe stands.
type ProbeState string

// The states of a probe.
const (
	ProbeRunning ProbeState = "running"
	ProbePassed  ProbeState = "passed"
	ProbeFailed  ProbeState = "failed"
)

// Probe proves that mail really flows at an address. A mail leaves from the
// address to itself by the ordinary way, comes in by the ordinary way, is
// answered, and the answer is found to continue it. Then all of it is removed
// at Microsoft. No ticket is made, and nobody is told but who looks.
type Probe struct {
	ID         ProbeID
	AddressID  AddressID
	Email      string
	State      ProbeState
	Token      string // unguessable, in the subject
	Question   MailID // that leaves first
	Answer     MailID // that answers it; 0: not written yet
	StartedAt  time.Time
	FinishedAt time.Time
	Hops       []Hop
	Trouble    *RequestProblem // why it failed
}

// Hop is one part of the way that a probe has gone.
type Hop struct {
	Name HopName   `json:"name"`
	At   time.Time `json:"at"`
}

// HopName names a part of the way.
type HopName string

// The hops, in their order.
const (
	HopQueued   HopName = "queued"
	HopSent     HopName = "sent"     // Microsoft took it
	HopArrived  HopName = "arrived"  // in the mailbox, as Microsoft says
	HopNoticed  HopName = "noticed"  // by us
	HopStored   HopName = "stored"   // fetched and kept
	HopDecided  HopName = "decided"  // recognised
	HopFiled    HopName = "filed"    // put where the connection puts mail that was taken in
	HopAnswered HopName = "answered" // the answer has left
	HopThreaded HopName = "threaded" // the answer came in and continues the question
	HopRemoved  HopName = "removed"  // nothing is left at Microsoft
)

// Hops are all parts of the way.
var Hops = []HopName{HopQueued, HopSent, HopArrived, HopNoticed, HopStored, HopDecided, HopFiled, HopAnswered, HopThreaded, HopRemoved}

// probeWithin is how long a probe may take. Mail that takes longer does not flow.
const probeWithin = 5 * time.Minute

// probeLook is how often a running probe is looked at.
const probeLook = time.Second

// WorkProbe takes a probe on.
type WorkProbe struct {
	Probe ProbeID `json:"probe"`
}

// Kind names the job.
func (WorkProbe) Kind() string { return "email.work_probe" }

// TendProbes begins the daily probe of each address. A schedule asks for it every hour.
type TendProbes struct{}

// Kind names the job.
func (TendProbes) Kind() string { return "email.tend_probes" }

// Probes begins probes and takes them on.
type Probes struct {
	store     Store
	mailboxes Mailboxes
	sender    *Sender
	newSecret func() string
	now       func() time.Time
	log       *slog.Logger
}

// NewProbes makes the service.
func NewProbes(store Store, mailboxes Mailboxes, sender *Sender, newSecret func() string, now func() time.Time, log *slog.Logger) *Probes {
	return &Probes{store, mailboxes, sender, newSecret, now, log}
}

// Start begins a probe of an address, unless one is running: then that is returned.
func (s *Probes) Start(ctx context.Context, by access.Actor, id AddressID) (*Probe, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	var p *Probe
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		a, err := tx.GetSupportAddress(ctx, id)
		if err != nil {
			return err
		}
		if p, err = s.begin(ctx, tx, a); err != nil {
			return err
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{Action: "address.probed", Object: "support_address", Subject: int64(id), Label: a.Email})
	})
	return p, err
}

// begin queues the question.
func (s *Probes) begin(ctx context.Context, tx Tx, a *SupportAddress) (*Probe, error) {
	last, err := tx.LatestProbes(ctx, a.ID, 1)
	if err != nil {
		return nil, err
	}
	if len(last) > 0 && last[0].State == ProbeRunning {
		return last[0], nil
	}
	c, err := tx.GetConnection(ctx, a.ConnectionID)
	if err != nil {
		return nil, err
	}
	if a.Outbound {
		return nil, problem.New(problem.Conflict, "address_outbound", "%s takes in no mail, so none can be seen to arrive.", a.Email).
			On(problem.Yours, "Test the address through whose mailbox it leaves.").With("address", a.Email)
	}
	if err := c.mustBeConnected(); err != nil {
		return nil, err
	}
	p := &Probe{AddressID: a.ID, Email: a.Email, State: ProbeRunning, Token: s.newSecret(), StartedAt: s.now()}
	p.pass(HopQueued, s.now())
	if p.Question, err = s.sender.Notify(ctx, tx, p.mail("Tandem tests this address. The mail is removed by itself.")); err != nil {
		return nil, err
	}
	if err := tx.InsertProbe(ctx, p); err != nil {
		return nil, fmt.Errorf("note the probe of %s: %w", a.Email, err)
	}
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c.ID)})
	_, err = job.Insert(ctx, tx, WorkProbe{Probe: p.ID}, job.Options{UniqueKey: fmt.Sprint("probe:", p.ID), RunAt: s.now().Add(probeLook)})
	return p, err
}

// mail is one of the two mails of a probe.
func (p *Probe) mail(text string) Notification {
	return Notification{From: p.AddressID, To: []Party{{Email: p.Email}}, Subject: "Tandem probe " + p.Token[:8], Text: text, Reason: ReasonProbe}
}

// pass notes a hop once.
func (p *Probe) pass(name HopName, at time.Time) {
	if at.IsZero() || slices.ContainsFunc(p.Hops, func(h Hop) bool { return h.Name == name }) {
		return
	}
	p.Hops = append(p.Hops, Hop{name, at})
}

// missing is the first hop that has not been passed; empty: all have.
func (p *Probe) missing() HopName {
	for _, name := range Hops {
		if !slices.ContainsFunc(p.Hops, func(h Hop) bool { return h.Name == name }) {
			return name
		}
	}
	return ""
}

// List returns the probes of an address, newest first.
func (s *Probes) List(ctx context.Context, by access.Actor, id AddressID, limit int) ([]*Probe, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) ([]*Probe, error) { return tx.LatestProbes(ctx, id, limit) })
}

// Failing returns the addresses whose latest finished probe failed.
func (s *Probes) Failing(ctx context.Context, by access.Actor) ([]*Probe, error) {
	return view(ctx, s.store, by.MustAdminister(), func(tx Tx) ([]*Probe, error) {
		addresses, err := tx.ListSupportAddresses(ctx)
		if err != nil {
			return nil, err
		}
		var failing []*Probe
		for _, a := range addresses {
			last, err := tx.LatestProbes(ctx, a.ID, 1)
			if err != nil {
				return nil, err
			}
			if len(last) > 0 && last[0].State == ProbeFailed {
				failing = append(failing, last[0])
			}
		}
		return failing, nil
	})
}

// Tend works a TendProbes job: each connected address is probed once a day. The
// first time is a day after it was connected: connecting it begins a probe anyway.
func (s *Probes) Tend(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error {
		addresses, err := tx.ListSupportAddresses(ctx)
		if err != nil {
			return err
		}
		for _, a := range addresses {
			if due, err := s.due(ctx, tx, a); err != nil || !due {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := s.begin(ctx, tx, a); err != nil {
				return fmt.Errorf("probe %s: %w", a.Email, err)
			}
		}
		return nil
	})
}

func (s *Probes) due(ctx context.Context, tx Tx, a *SupportAddress) (bool, error) {
	if a.Outbound {
		return false, nil
	}
	c, err := tx.GetConnection(ctx, a.ConnectionID)
	if err != nil || c.State != Connected {
		return false, err
	}
	last, err := tx.LatestProbes(ctx, a.ID, 1)
	if err != nil {
		return false, err
	}
	since := c.AuthorizedAt
	if len(last) > 0 {
		since = last[0].StartedAt
	}
	return s.now().Sub(since) >= 24*time.Hour, nil
}

// Work works a WorkProbe job: it notes how far the probe has come and does what
// is next, until it has passed or time is up.
func (s *Probes) Work(ctx context.Context, id ProbeID) error {
	p, remove, err := s.advance(ctx, id)
	if err != nil {
		return err
	}
	if p.State == ProbeFailed && len(remove) > 0 {
		if err := s.remove(ctx, p, remove); err != nil {
			s.log.Info("remove what a failed probe left at Microsoft", "probe", id, "err", err)
		}
	}
	if p.State != ProbeRunning {
		return nil
	}
	if remove == nil {
		return job.Snooze(probeLook)
	}
	if err := s.remove(ctx, p, remove); err != nil && s.now().Sub(p.StartedAt) < probeWithin {
		s.log.Info("remove a probe at Microsoft", "probe", id, "err", err)
		return job.Snooze(probeLook)
	}
	return s.finish(ctx, id)
}

// advance returns the Microsoft ids to remove once both mails have gone the
// way, or the probe has failed.
func (s *Probes) advance(ctx context.Context, id ProbeID) (p *Probe, remove []string, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		remove = nil
		if p, err = tx.GetProbe(ctx, id); err != nil || p.State != ProbeRunning {
			return err
		}
		w, err := s.look(ctx, tx, p)
		if err != nil {
			return err
		}
		w.note(p)
		trouble := w.trouble()
		switch {
		case trouble != nil:
			p.fail(trouble, s.now())
			remove = w.ids()
		case p.missing() == HopRemoved:
			remove = w.ids()
		case s.now().Sub(p.StartedAt) >= probeWithin:
			p.fail(w.late(p), s.now())
			remove = w.ids()
		case p.missing() == HopAnswered && p.Answer == 0:
			n := p.mail("And this answers it.")
			n.Subject, n.InReplyTo = "Re: "+n.Subject, w.questionIn.MessageID
			if p.Answer, err = s.sender.Notify(ctx, tx, n); err != nil {
				return err
			}
		}
		return s.save(ctx, tx, p, w.conn.ID)
	})
	return p, remove, err
}

func (s *Probes) save(ctx context.Context, tx Tx, p *Probe, c ConnectionID) error {
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(c)})
	return tx.UpdateProbe(ctx, p)
}

func (p *Probe) fail(why *problem.Error, at time.Time) {
	p.State, p.FinishedAt = ProbeFailed, at
	p.Trouble = &RequestProblem{why.Code, why.Message, string(why.Side), why.Remedy, why.Args}
}

// way is what the ledger knows of a probe's mails.
type way struct {
	conn                 *Connection
	question, answer     *Mail // as they left
	questionIn, answerIn *Mail // as they came in; nil: not yet
}

func (s *Probes) look(ctx context.Context, tx Tx, p *Probe) (*way, error) {
	w := new(way)
	a, err := tx.GetSupportAddress(ctx, p.AddressID)
	if err != nil {
		return nil, err
	}
	if w.conn, err = tx.GetConnection(ctx, a.ConnectionID); err != nil {
		return nil, err
	}
	for _, m := range []struct {
		id      MailID
		out, in **Mail
	}{{p.Question, &w.question, &w.questionIn}, {p.Answer, &w.answer, &w.answerIn}} {
		if m.id == 0 {
			continue
		}
		if *m.out, err = tx.GetMail(ctx, m.id); err != nil {
			return nil, err
		}
		if *m.in, err = tx.FindProbeCopy(ctx, m.id); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// note passes the hops that the mails have passed.
func (w *way) note(p *Probe) {
	if w.question.State == Sent {
		p.pass(HopSent, w.question.FiledAt)
	}
	if in := w.questionIn; in != nil {
		p.pass(HopArrived, in.ReceivedAt)
		p.pass(HopNoticed, in.NoticedAt)
		p.pass(HopStored, in.StoredAt)
		p.pass(HopDecided, in.DecidedAt)
		p.pass(HopFiled, in.FiledAt)
	}
	if w.answer != nil && w.answer.State == Sent {
		p.pass(HopAnswered, w.answer.FiledAt)
	}
	if w.threaded() {
		p.pass(HopThreaded, w.answerIn.DecidedAt)
	}
}

// threaded tells whether the answer that came in refers to the question.
func (w *way) threaded() bool {
	return w.answerIn != nil && slices.Contains(w.answerIn.Evidence, fact("references", w.questionIn.MessageID))
}

// ids are the mails at Microsoft, in and out.
func (w *way) ids() []string {
	var ids []string
	for _, m := range []*Mail{w.question, w.questionIn, w.answer, w.answerIn} {
		if m != nil && m.MicrosoftID != "" {
			ids = append(ids, m.MicrosoftID)
		}
	}
	return ids
}

// trouble is what ends the probe at once.
func (w *way) trouble() *problem.Error {
	for _, m := range []*Mail{w.question, w.answer} {
		if m != nil && m.State == Failed {
			return problem.New(problem.Conflict, m.ErrorCode, "%s", m.Error).On(problem.Side(m.ErrorSide), m.ErrorRemedy)
		}
	}
	if w.answerIn != nil && !w.answerIn.DecidedAt.IsZero() && !w.threaded() {
		return problem.New(problem.Conflict, "probe_not_threaded", "The answer came in, but no longer says what it answers.").
			On(problem.Admin, "Something on the way changes mails, for example a transport rule or a gateway. Compare the raw source in the ledger with what was sent.")
	}
	return nil
}

// late says what has not happened in time.
func (w *way) late(p *Probe) *problem.Error {
	m := cmp.Or(w.answer, w.question)
	if m.State != Sent && m.ErrorCode != "" {
		return problem.New(problem.Unavailable, m.ErrorCode, "%s", m.Error).On(problem.Side(m.ErrorSide), m.ErrorRemedy)
	}
	if w.conn.ErrorCode != "" {
		return problem.New(problem.Unavailable, w.conn.ErrorCode, "%s", w.conn.Error).On(problem.Side(w.conn.ErrorSide), w.conn.ErrorRemedy)
	}
	missing := p.missing()
	said := map[HopName]struct {
		message, remedy string
		side            problem.Side
	}{
		HopSent:     {"The mail has not left within five minutes.", "Look at it in the mail ledger.", problem.Tandem},
		HopArrived:  {"The mail has left, but has not arrived in the mailbox.", "Trace it in the Exchange admin center (Mail flow, Message trace). A transport rule, a rule in Outlook or quarantine may hold it.", problem.Admin},
		HopFiled:    {"The mail is in Tandem, but could not be put away in the mailbox.", "Look at the failed jobs, and at the rights on the mailbox's folders.", problem.Admin},
		HopAnswered: {"The answer has not left.", "Look at it in the mail ledger.", problem.Tandem},
		HopThreaded: {"The answer has left, but has not arrived in the mailbox.", "Trace it in the Exchange admin center (Mail flow, Message trace).", problem.Admin},
	}
	what, known := said[missing]
	if !known {
		what = said[HopArrived]
	}
	return problem.New(problem.Unavailable, "probe_"+string(missing)+"_late", "%s", what.message).On(what.side, what.remedy)
}

// remove takes the probe's mails out of the mailbox.
func (s *Probes) remove(ctx context.Context, p *Probe, ids []string) error {
	var c *Connection
	err := s.store.View(ctx, func(tx Tx) error {
		a, err := tx.GetSupportAddress(ctx, p.AddressID)
		if err == nil {
			c, err = tx.GetConnection(ctx, a.ConnectionID)
		}
		return err
	})
	if err != nil {
		return err
	}
	box, err := s.mailboxes.Open(c)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		failed = append(failed, box.Remove(ctx, id))
	}
	return errors.Join(failed...)
}

// finish ends a probe that has gone all the way.
func (s *Probes) finish(ctx context.Context, id ProbeID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		p, err := tx.GetProbe(ctx, id)
		if err != nil || p.State != ProbeRunning {
			return err
		}
		p.pass(HopRemoved, s.now())
		p.State, p.FinishedAt = ProbePassed, s.now()
		a, err := tx.GetSupportAddress(ctx, p.AddressID)
		if err != nil {
			return err
		}
		return s.save(ctx, tx, p, a.ConnectionID)
	})
}
