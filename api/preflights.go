package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/email"
)

func (s *server) preflightRoutes() {
	const tag = "recipient addresses"
	route(s, op{on: "POST /recipient_addresses/{id}/preflight", id: "start_preflight", says: "Look at everything that an address needs at Microsoft, by real calls", tag: tag, may: admins, status: http.StatusCreated}, s.startPreflight)
	route(s, op{on: "GET /recipient_addresses/{id}/preflight", id: "show_preflight", says: "Show the latest look; lines appear as they are judged", tag: tag, may: admins}, s.showPreflight)
}

// Preflight is a look at everything that an address needs at Microsoft.
type Preflight struct {
	AddressID  int64   `json:"address_id"`
	StartedAt  instant `json:"started_at"`
	FinishedAt stamp   `json:"finished_at" doc:"null: lines are still being judged"`
	Checks     []Check `json:"checks" doc:"All of them, in their order"`
}

// Check is one line.
type Check struct {
	Name      string         `json:"name" enum:"sign_in,mailbox,profile,read,draft,send,send_as,file,notifications,other_mailboxes"`
	Verdict   string         `json:"verdict" enum:"waiting,ok,warning,failed,skipped"`
	JudgedAt  stamp          `json:"judged_at"`
	Called    string         `json:"called" doc:"What was asked of Microsoft"`
	Code      string         `json:"code" doc:"Microsoft's own"`
	Said      string         `json:"said" doc:"Microsoft's sentence"`
	RequestID string         `json:"request_id" doc:"For Microsoft's support"`
	Evidence  []Fact         `json:"evidence"`
	Commands  []string       `json:"commands" doc:"Exchange Online PowerShell that mends it"`
	Error     maybe[Trouble] `json:"error" doc:"Why it is not well, or was not judged"`
}

func encodePreflight(p *email.Preflight) Preflight {
	out := Preflight{AddressID: int64(p.AddressID), StartedAt: instant(p.StartedAt), FinishedAt: stamp(p.FinishedAt)}
	for _, c := range p.Checks {
		out.Checks = append(out.Checks, encodeCheck(c))
	}
	for _, name := range email.CheckNames[len(p.Checks):] {
		out.Checks = append(out.Checks, Check{Name: string(name), Verdict: "waiting", Evidence: []Fact{}, Commands: []string{}})
	}
	return out
}

func encodeCheck(c email.Check) Check {
	out := Check{
		Name: string(c.Name), Verdict: string(c.Verdict), JudgedAt: stamp(c.JudgedAt), Called: c.Called, Code: c.Code, Said: c.Said,
		RequestID: c.RequestID, Evidence: each(c.Evidence, encodeFact), Commands: some(c.Commands),
	}
	if t := c.Trouble; t != nil {
		out.Error.value = &Trouble{Code: t.Code, Message: t.Message, Side: side(t.Side), Remedy: t.Remedy, Args: t.Args, At: stamp(c.JudgedAt)}
	}
	return out
}

type preflightOut struct {
	Body struct {
		Preflight maybe[Preflight] `json:"preflight" doc:"null: nobody has looked yet"`
	}
}

func shownPreflight(p *email.Preflight, err error) (*preflightOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(preflightOut)
	if p != nil {
		shown := encodePreflight(p)
		out.Body.Preflight.value = &shown
	}
	return out, nil
}

func (s *server) startPreflight(ctx context.Context, by access.Actor, in *addressIn) (*preflightOut, error) {
	return shownPreflight(s.preflights.Start(ctx, by, email.AddressID(in.ID)))
}

func (s *server) showPreflight(ctx context.Context, by access.Actor, in *addressIn) (*preflightOut, error) {
	return shownPreflight(s.preflights.Latest(ctx, by, email.AddressID(in.ID)))
}
