package api

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/access"
	"tandem/desk"
	"tandem/job"
)

func (s *server) jobRoutes() {
	const tag = "jobs"
	route(s, op{on: "GET /jobs", id: "list_jobs", says: "List background jobs, newest first", tag: tag, may: admins}, s.listJobs)
	route(s, op{on: "POST /jobs/retry_all", id: "retry_all_jobs", says: "Try all failed jobs again", tag: tag, may: admins}, s.retryAllJobs)
	route(s, op{on: "POST /jobs/{id}/retry", id: "retry_job", says: "Try a job again now", tag: tag, may: admins}, s.retryJob)
	route(s, op{on: "POST /jobs/{id}/cancel", id: "cancel_job", says: "Give a job up", tag: tag, may: admins}, s.cancelJob)
}

// Job is a background job as the API shows it.
type Job struct {
	ID          int64             `json:"id"`
	Kind        string            `json:"kind"`
	State       string            `json:"state" enum:"waiting,running,completed,cancelled,dead"`
	Attempt     int               `json:"attempt"`
	MaxAttempts int               `json:"max_attempts"`
	RunAt       stamp             `json:"run_at"`
	CreatedAt   instant           `json:"created_at"`
	FinishedAt  stamp             `json:"finished_at"`
	ErrorCode   string            `json:"error_code"`
	Error       string            `json:"error"`
	Args        json.RawMessage   `json:"args"`
	Subject     maybe[JobSubject] `json:"subject" doc:"What it works on"`
}

// JobSubject is what a job works on.
type JobSubject struct {
	Kind  string `json:"kind" enum:"ticket,connection,mail"`
	ID    int64  `json:"id"`
	Label string `json:"label"`
}

func (s *server) encodeJob(ctx context.Context, by access.Actor, j *job.Job) Job {
	out := Job{
		ID: int64(j.ID), Kind: j.Kind, State: string(j.State), Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, RunAt: stamp(j.RunAt),
		CreatedAt: instant(j.CreatedAt), FinishedAt: stamp(j.FinishedAt), ErrorCode: j.ErrorCode, Error: j.Error, Args: j.Args,
	}
	if len(out.Args) == 0 {
		out.Args = json.RawMessage("{}")
	}
	out.Subject.value = s.subjectOf(ctx, by, j)
	return out
}

// subjectOf reads what a job works on from its arguments; nil when they name
// nothing that has a page.
func (s *server) subjectOf(ctx context.Context, by access.Actor, j *job.Job) *JobSubject {
	var args struct{ Ticket, Comment, Mail, Connection int64 }
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return nil
	}
	if args.Comment != 0 && args.Ticket == 0 {
		if id, err := s.desk.TicketOf(ctx, by, desk.CommentID(args.Comment)); err == nil { // else taken back meanwhile
			args.Ticket = int64(id)
		}
	}
	switch {
	case args.Ticket != 0:
		return &JobSubject{Kind: "ticket", ID: args.Ticket, Label: fmt.Sprint("#", args.Ticket)}
	case args.Mail != 0:
		return &JobSubject{Kind: "mail", ID: args.Mail, Label: fmt.Sprint("#", args.Mail)}
	case args.Connection != 0:
		return &JobSubject{Kind: "connection", ID: args.Connection, Label: fmt.Sprint("#", args.Connection)}
	}
	return nil
}

type listJobsIn struct {
	State string `query:"state" enum:"waiting,running,completed,cancelled,dead"`
	Kind  string `query:"kind" maxLength:"100"`
	OffsetPage
}

type listJobsOut struct {
	Body struct {
		Jobs []Job `json:"jobs"`
		OffsetMeta
	}
}

func (s *server) listJobs(ctx context.Context, by access.Actor, in *listJobsIn) (*listJobsOut, error) {
	jobs, err := s.jobs.List(ctx, job.Filter{
		State: job.State(in.State), Kind: in.Kind, Limit: in.limit() + 1, Offset: in.offset(),
	})
	if err != nil {
		return nil, err
	}
	more := len(jobs) > in.limit()
	out := new(listJobsOut)
	out.Body.Jobs = each(jobs[:min(len(jobs), in.limit())], func(j job.Job) Job { return s.encodeJob(ctx, by, &j) })
	// The list lives too briefly to be counted; it tells only whether it goes on.
	known := in.offset() + len(out.Body.Jobs)
	if more {
		known++
	}
	out.Body.OffsetMeta = pageOf(requestOf(ctx).url, in.OffsetPage, known)
	if more {
		out.Body.Count = nil
	}
	return out, nil
}

type jobIn struct {
	ID int64 `path:"id"`
}

type jobOut struct {
	Body struct {
		Job Job `json:"job"`
	}
}

func (s *server) shownJob(ctx context.Context, by access.Actor, j *job.Job, err error) (*jobOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(jobOut)
	out.Body.Job = s.encodeJob(ctx, by, j)
	return out, nil
}

func (s *server) retryJob(ctx context.Context, by access.Actor, in *jobIn) (*jobOut, error) {
	j, err := s.jobs.Retry(ctx, job.ID(in.ID))
	return s.shownJob(ctx, by, j, err)
}

func (s *server) cancelJob(ctx context.Context, by access.Actor, in *jobIn) (*jobOut, error) {
	j, err := s.jobs.Cancel(ctx, job.ID(in.ID))
	return s.shownJob(ctx, by, j, err)
}

type retryAllJobsIn struct {
	State string `query:"state" enum:"dead" default:"dead"`
	Kind  string `query:"kind" maxLength:"100"`
}

type retryAllJobsOut struct {
	Body struct {
		Retried int `json:"retried"`
	}
}

func (s *server) retryAllJobs(ctx context.Context, _ access.Actor, in *retryAllJobsIn) (*retryAllJobsOut, error) {
	n, err := s.jobs.RetryAll(ctx, in.Kind)
	out := new(retryAllJobsOut)
	out.Body.Retried = n
	return out, err
}
