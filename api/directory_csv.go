package api

import (
	"context"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/directory"
)

func (s *server) csvRoutes() {
	route(s, op{on: "GET /users/export.csv", id: "export_users_csv", says: "People as CSV", tag: "users", may: agents, media: "text/csv"}, s.downloadUsers)
	route(s, op{on: "GET /organizations/export.csv", id: "export_organizations_csv", says: "Organizations as CSV", tag: "organizations", may: agents, media: "text/csv"}, s.downloadOrganizations)
	route(s, op{on: "GET /groups/export.csv", id: "export_groups_csv", says: "Teams as CSV", tag: "groups", may: agents, media: "text/csv"}, s.downloadGroups)
}

// download streams CSV while it is read. What is cut off in the middle shows in
// the log: its status has been sent before.
func (s *server) download(ctx context.Context, name string, export func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(w huma.Context) {
		w.SetHeader("Content-Type", "text/csv; charset=utf-8")
		w.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		w.SetHeader("Cache-Control", "private, no-store")
		if err := export(w.BodyWriter()); err != nil {
			s.log.Warn("a CSV export was cut", "file", name, "err", err, "request", requestID(ctx))
		}
	}}
}

type downloadUsersIn struct{ UserQuery }

func (s *server) downloadUsers(ctx context.Context, by access.Actor, in *downloadUsersIn) (*huma.StreamResponse, error) {
	return s.download(ctx, "users.csv", func(w io.Writer) error { return s.desk.ExportPeople(ctx, by, in.filter(), w) }), nil
}

type downloadOrganizationsIn struct {
	Query string `query:"query" maxLength:"200" doc:"Words of the name and of custom fields"`
}

func (s *server) downloadOrganizations(ctx context.Context, by access.Actor, in *downloadOrganizationsIn) (*huma.StreamResponse, error) {
	return s.download(ctx, "organizations.csv", func(w io.Writer) error {
		return s.desk.ExportOrganizations(ctx, by, directory.OrganizationFilter{Search: in.Query}, w)
	}), nil
}

func (s *server) downloadGroups(ctx context.Context, by access.Actor, _ *none) (*huma.StreamResponse, error) {
	return s.download(ctx, "groups.csv", func(w io.Writer) error { return s.desk.ExportTeams(ctx, by, w) }), nil
}
