package api

import (
	"context"
	"encoding/json"

	"tandem/access"
)

func (s *server) auditRoutes() {
	route(s, op{on: "GET /audit_logs", id: "list_audit_logs", says: "List administrative changes, newest first", tag: "audit logs", may: admins}, s.listAudit)
}

// AuditLog is one administrative change as the API shows it.
type AuditLog struct {
	ID          int64       `json:"id"`
	CreatedAt   instant     `json:"created_at"`
	ActorID     int64       `json:"actor_id" doc:"0: Tandem itself"`
	ActorName   string      `json:"actor_name"`
	IPAddress   string      `json:"ip_address"`
	Action      string      `json:"action"`
	SourceType  string      `json:"source_type"`
	SourceID    int64       `json:"source_id"`
	SourceLabel string      `json:"source_label"`
	Change      AuditChange `json:"change"`
}

// AuditChange is what was changed, as it was and as it is; null when there was nothing.
type AuditChange struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

func encodeAudit(e access.AuditEntry) AuditLog {
	return AuditLog{
		ID: e.ID, CreatedAt: instant(e.At), ActorID: int64(e.ActorID), ActorName: e.Actor, IPAddress: e.Address, Action: e.Action,
		SourceType: e.Object, SourceID: e.Subject, SourceLabel: e.Label,
		Change: AuditChange{Before: jsonOrNull(e.Before), After: jsonOrNull(e.After)},
	}
}

func jsonOrNull(text string) json.RawMessage {
	if !json.Valid([]byte(text)) {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}

type listAuditIn struct {
	SourceType string `query:"source_type" maxLength:"100"`
	SourceID   int64  `query:"source_id"`
	OffsetPage
}

type listAuditOut struct {
	Body struct {
		AuditLogs []AuditLog `json:"audit_logs"`
		OffsetMeta
	}
}

func (s *server) listAudit(ctx context.Context, by access.Actor, in *listAuditIn) (*listAuditOut, error) {
	entries, count, err := s.access.ListAudit(ctx, by, access.AuditFilter{
		Object: in.SourceType, Subject: in.SourceID, Limit: in.limit(), Offset: in.offset(),
	})
	out := new(listAuditOut)
	out.Body.AuditLogs = each(entries, encodeAudit)
	out.Body.OffsetMeta = pageOf(requestOf(ctx).url, in.OffsetPage, count)
	return out, err
}
