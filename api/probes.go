package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/email"
)

func (s *server) probeRoutes() {
	const tag = "recipient addresses"
	route(s, op{on: "POST /recipient_addresses/{id}/probes", id: "start_probe", says: "Prove that mail flows: send, receive, answer and remove a mail of our own", tag: tag, may: admins, status: http.StatusCreated}, s.startProbe)
	route(s, op{on: "GET /recipient_addresses/{id}/probes", id: "list_probes", says: "List the latest probes, newest first", tag: tag, may: admins}, s.listProbes)
}

// Probe is a proof that mail flows at an address.
type Probe struct {
	ID         int64          `json:"id"`
	AddressID  int64          `json:"address_id"`
	State      string         `json:"state" enum:"running,passed,failed"`
	StartedAt  instant        `json:"started_at"`
	FinishedAt stamp          `json:"finished_at"`
	Hops       []ProbeHop     `json:"hops" doc:"All of them, in their order"`
	Error      maybe[Trouble] `json:"error"`
}

// ProbeHop is one part of the way.
type ProbeHop struct {
	Name string `json:"name" enum:"queued,sent,arrived,noticed,stored,decided,filed,answered,threaded,removed"`
	At   stamp  `json:"at" doc:"null: not passed"`
}

func encodeProbe(p *email.Probe) Probe {
	out := Probe{ID: int64(p.ID), AddressID: int64(p.AddressID), State: string(p.State), StartedAt: instant(p.StartedAt), FinishedAt: stamp(p.FinishedAt)}
	for _, name := range email.Hops {
		hop := ProbeHop{Name: string(name)}
		for _, passed := range p.Hops {
			if passed.Name == name {
				hop.At = stamp(passed.At)
			}
		}
		out.Hops = append(out.Hops, hop)
	}
	if t := p.Trouble; t != nil {
		out.Error.value = &Trouble{Code: t.Code, Message: t.Message, Side: side(t.Side), Remedy: t.Remedy, Args: t.Args, At: stamp(p.FinishedAt)}
	}
	return out
}

type probeOut struct {
	Body struct {
		Probe Probe `json:"probe"`
	}
}

func (s *server) startProbe(ctx context.Context, by access.Actor, in *addressIn) (*probeOut, error) {
	p, err := s.probes.Start(ctx, by, email.AddressID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(probeOut)
	out.Body.Probe = encodeProbe(p)
	return out, nil
}

type probesOut struct {
	Body struct {
		Probes []Probe `json:"probes"`
	}
}

// shownProbes is how many of an address's probes are shown.
const shownProbes = 30

func (s *server) listProbes(ctx context.Context, by access.Actor, in *addressIn) (*probesOut, error) {
	probes, err := s.probes.List(ctx, by, email.AddressID(in.ID), shownProbes)
	out := new(probesOut)
	out.Body.Probes = each(probes, encodeProbe)
	return out, err
}
