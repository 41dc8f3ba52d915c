package api

import (
	"context"
	"strings"

	"tandem/access"
	"tandem/bulk"
	"tandem/directory"
)

func (s *server) jobStatusRoutes() {
	const tag = "job_statuses"
	route(s, op{on: "GET /job_statuses", id: "list_job_statuses", says: "List the bulk work of the last days, newest first", tag: tag, may: agents}, s.listJobStatuses)
	route(s, op{on: "GET /job_statuses/show_many", id: "show_many_job_statuses", says: "Show several jobs", tag: tag, may: agents}, s.showManyJobStatuses)
	route(s, op{on: "GET /job_statuses/{id}", id: "show_job_status", says: "How far bulk work is, and what became of each record", tag: tag, may: agents}, s.showJobStatus)
	route(s, op{on: "POST /job_statuses/{id}/cancel", id: "cancel_job_status", says: "Leave undone what bulk work has not done yet", tag: tag, may: agents}, s.cancelJobStatus)
}

// JobStatus is bulk work as the API shows it.
type JobStatus struct {
	ID          string      `json:"id"`
	URL         string      `json:"url"`
	JobType     string      `json:"job_type" example:"tickets.update"`
	Total       int         `json:"total"`
	Progress    int         `json:"progress" doc:"Records that have a result"`
	Refused     int         `json:"refused" doc:"Those among them that were refused"`
	Status      string      `json:"status" enum:"queued,working,completed,failed,killed"`
	Message     *string     `json:"message"`
	Code        *string     `json:"code" doc:"Why it failed"`
	Results     []JobResult `json:"results" nullable:"true" doc:"What became of each record; null until the work has ended, and in lists"`
	CreatedAt   instant     `json:"created_at"`
	CompletedAt stamp       `json:"completed_at"`
}

// JobResult is what became of one record.
type JobResult struct {
	ID      *int64 `json:"id,omitempty"`
	Index   int    `json:"index" doc:"Its place in the request"`
	Action  string `json:"action,omitempty" enum:"create,update,delete,unchanged"`
	Status  string `json:"status" example:"Updated"`
	Success bool   `json:"success"`
	Error   string `json:"error,omitempty" doc:"Kind of error, as Zendesk names it"`
	Details string `json:"details,omitempty" doc:"What is wrong"`
	Code    string `json:"code,omitempty" doc:"Stable code of the problem"`
}

// statusOfAction is what Zendesk says of a record that is done.
var statusOfAction = map[string]string{"create": "Created", "update": "Updated", "delete": "Deleted", "unchanged": "Unchanged"}

// errorOfAction is what Zendesk calls the refusal of a record.
var errorOfAction = map[string]string{"create": "RecordInvalid", "update": "UpdateError", "delete": "DeleteError", "": "RecordInvalid"}

func encodeJobStatus(q *request, b *bulk.Bulk) JobStatus {
	out := JobStatus{
		ID: b.Key, URL: q.link("/job_statuses/%s.json", b.Key), JobType: b.Kind, Total: b.Total, Progress: b.Done, Refused: b.Refused,
		Status: string(b.State), Message: orNull(b.Message), Code: orNull(b.Code), CreatedAt: instant(b.CreatedAt), CompletedAt: stamp(b.FinishedAt),
	}
	if b.State == bulk.Completed {
		message := "Completed at " + b.FinishedAt.UTC().Format("2006-01-02 15:04:05 -0700")
		out.Message = &message
	}
	return out
}

func encodeJobResult(r bulk.Result) JobResult {
	out := JobResult{ID: orNull(r.ID), Index: r.Index, Action: r.Action, Success: r.OK(), Status: statusOfAction[r.Action]}
	if !r.OK() {
		out.Status, out.Error, out.Details, out.Code = "Failed", errorOfAction[r.Action], r.Message, r.Code
		if r.Code == "not_found" {
			out.Error = "NotFound"
		}
	}
	return out
}

type jobStatusOut struct {
	Body struct {
		JobStatus JobStatus `json:"job_status"`
	}
}

// begun answers to a request that bulk work fulfils.
func (s *server) begun(ctx context.Context, by access.Actor, args bulk.Args) (*jobStatusOut, error) {
	b, err := s.bulk.Start(ctx, by, args)
	if err != nil {
		return nil, err
	}
	out := new(jobStatusOut)
	out.Body.JobStatus = encodeJobStatus(requestOf(ctx), b)
	return out, nil
}

// withResults shows bulk work with its results once it has ended.
func (s *server) withResults(ctx context.Context, b *bulk.Bulk, refusedOnly bool) (JobStatus, error) {
	out := encodeJobStatus(requestOf(ctx), b)
	if !b.Ended() {
		return out, nil
	}
	results, err := s.bulk.Results(ctx, b, refusedOnly)
	out.Results = each(results, encodeJobResult)
	return out, err
}

type showJobStatusIn struct {
	ID      string `path:"id"`
	Results string `query:"results" enum:"all,refused" default:"all" doc:"refused: only the records that were refused"`
}

func (s *server) showJobStatus(ctx context.Context, by access.Actor, in *showJobStatusIn) (*jobStatusOut, error) {
	b, err := s.bulk.Get(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	out := new(jobStatusOut)
	out.Body.JobStatus, err = s.withResults(ctx, b, in.Results == "refused")
	return out, err
}

type cancelJobStatusIn struct {
	ID string `path:"id"`
}

func (s *server) cancelJobStatus(ctx context.Context, by access.Actor, in *cancelJobStatusIn) (*jobStatusOut, error) {
	b, err := s.bulk.Cancel(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	out := new(jobStatusOut)
	out.Body.JobStatus, err = s.withResults(ctx, b, false)
	return out, err
}

type listJobStatusesIn struct{ CursorPage }

type jobStatusesOut struct {
	Body struct {
		JobStatuses []JobStatus `json:"job_statuses"`
		CursorMeta
	}
}

func (s *server) listJobStatuses(ctx context.Context, by access.Actor, in *listJobStatusesIn) (*jobStatusesOut, error) {
	q, out := requestOf(ctx), new(jobStatusesOut)
	list, err := pagedByCursor(q, in.CursorPage.always(), &out.Body.CursorMeta, pages[*bulk.Bulk]{
		part:  func(p directory.Part) ([]*bulk.Bulk, error) { return s.bulk.List(ctx, by, bulk.Filter{Part: p}) },
		place: func(b *bulk.Bulk) *directory.Place { return directory.NumberPlace(b.ID) },
	})
	out.Body.JobStatuses = each(list, encoder(q, encodeJobStatus))
	return out, err
}

type showManyJobStatusesIn struct {
	IDs string `query:"ids" required:"true" doc:"At most 100, separated by commas"`
}

func (s *server) showManyJobStatuses(ctx context.Context, by access.Actor, in *showManyJobStatusesIn) (*jobStatusesOut, error) {
	keys := strings.Split(in.IDs, ",")
	bulks, err := s.bulk.List(ctx, by, bulk.Filter{Keys: keys[:min(len(keys), perPageMax)]})
	if err != nil {
		return nil, err
	}
	out := new(jobStatusesOut)
	out.Body.JobStatuses = []JobStatus{}
	for _, b := range bulks {
		shown, err := s.withResults(ctx, b, false)
		if err != nil {
			return nil, err
		}
		out.Body.JobStatuses = append(out.Body.JobStatuses, shown)
	}
	return out, nil
}
