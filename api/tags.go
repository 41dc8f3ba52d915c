package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) tagRoutes() {
	const tag = "tags"
	route(s, op{on: "GET /tags", id: "list_tags", says: "List the tags of tickets, the most used first", tag: tag, may: agents}, s.listTags)
	route(s, op{on: "GET /tags/count", id: "count_tags", says: "Count the tags of tickets", tag: tag, may: agents}, s.countTags)
	route(s, op{on: "GET /autocomplete/tags", id: "autocomplete_tags", says: "Find tags by a part of them", tag: tag, may: agents}, s.autocompleteTags)
	route(s, op{on: "GET /tickets/{id}/tags", id: "list_tags_of_ticket", says: "List the tags of a ticket", tag: tag, may: agents}, s.listTagsOfTicket)
	route(s, op{on: "POST /tickets/{id}/tags", id: "set_tags_of_ticket", says: "Replace the tags of a ticket", tag: tag, may: agents, status: http.StatusCreated}, s.setTags)
	route(s, op{on: "PUT /tickets/{id}/tags", id: "add_tags_to_ticket", says: "Add tags to a ticket", tag: tag, may: agents}, s.addTags)
	route(s, op{on: "DELETE /tickets/{id}/tags", id: "remove_tags_from_ticket", says: "Remove tags from a ticket", tag: tag, may: agents, status: http.StatusOK}, s.removeTags)
	route(s, op{on: "GET /users/{id}/tags", id: "list_tags_of_user", says: "List the tags of a person", tag: tag, may: agents}, s.listTagsOfUser)
	route(s, op{on: "POST /users/{id}/tags", id: "set_tags_of_user", says: "Replace the tags of a person; new tickets of theirs take them on", tag: tag, may: agents, status: http.StatusCreated}, s.changeTagsOfUser(tagsSet))
	route(s, op{on: "PUT /users/{id}/tags", id: "add_tags_to_user", says: "Add tags to a person", tag: tag, may: agents}, s.changeTagsOfUser(tagsAdded))
	route(s, op{on: "DELETE /users/{id}/tags", id: "remove_tags_from_user", says: "Remove tags from a person", tag: tag, may: agents, status: http.StatusOK}, s.changeTagsOfUser(tagsRemoved))
	route(s, op{on: "GET /organizations/{id}/tags", id: "list_tags_of_organization", says: "List the tags of an organization", tag: tag, may: agents}, s.listTagsOfOrganization)
	route(s, op{on: "POST /organizations/{id}/tags", id: "set_tags_of_organization", says: "Replace the tags of an organization; new tickets of it take them on", tag: tag, may: admins, status: http.StatusCreated}, s.changeTagsOfOrganization(tagsSet))
	route(s, op{on: "PUT /organizations/{id}/tags", id: "add_tags_to_organization", says: "Add tags to an organization", tag: tag, may: admins}, s.changeTagsOfOrganization(tagsAdded))
	route(s, op{on: "DELETE /organizations/{id}/tags", id: "remove_tags_from_organization", says: "Remove tags from an organization", tag: tag, may: admins, status: http.StatusOK}, s.changeTagsOfOrganization(tagsRemoved))
}

// Tag is a tag with how many tickets have it.
type Tag struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type tagsOut struct {
	Body struct {
		Tags []Tag `json:"tags"`
		OffsetMeta
		CursorMeta
	}
}

type listTagsIn struct {
	CursorPage
}

// listTags pages by cursor; without one it gives the first hundred, as Zendesk does.
func (s *server) listTags(ctx context.Context, by access.Actor, in *listTagsIn) (*tagsOut, error) {
	out := new(tagsOut)
	tags, err := pagedByCursor(requestOf(ctx), in.CursorPage.always(), &out.Body.CursorMeta, pages[desk.TagCount]{
		part: func(p directory.Part) ([]desk.TagCount, error) {
			return s.desk.Tags(ctx, by, desk.TagFilter{After: tagAt(p.After), Before: tagAt(p.Before), Limit: p.Limit})
		},
		place: func(t desk.TagCount) *directory.Place { return &directory.Place{Key: t.Tag, ID: int64(t.Tickets)} },
	})
	if err != nil {
		return nil, err
	}
	out.Body.Tags = each(tags, func(t desk.TagCount) Tag { return Tag{t.Tag, t.Tickets} })
	if in.CursorPage.wanted() {
		return out, nil
	}
	n, err := s.desk.CountTags(ctx, by)
	out.Body.Count = &n
	return out, err
}

// tagAt is the tag at a place. Tags have no numbers, and stand by how many tickets have them.
func tagAt(p *directory.Place) *desk.TagCount {
	if p == nil {
		return nil
	}
	return &desk.TagCount{Tag: p.Key, Tickets: int(p.ID)}
}

func (s *server) countTags(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	n, err := s.desk.CountTags(ctx, by)
	return s.counted(n), err
}

// tagsFound is how many tags are offered while somebody types.
const tagsFound = 20

type autocompleteTagsIn struct {
	Name string `query:"name" required:"true" minLength:"1" maxLength:"100" doc:"Part of the tag"`
}

type tagNamesOut struct {
	Body struct {
		Tags []string `json:"tags"`
	}
}

func (s *server) autocompleteTags(ctx context.Context, by access.Actor, in *autocompleteTagsIn) (*tagNamesOut, error) {
	tags, err := s.desk.Tags(ctx, by, desk.TagFilter{Within: in.Name, Limit: tagsFound})
	out := new(tagNamesOut)
	out.Body.Tags = each(tags, func(t desk.TagCount) string { return t.Tag })
	return out, err
}

func (s *server) listTagsOfTicket(ctx context.Context, by access.Actor, in *ofTicketIn) (*tagNamesOut, error) {
	t, _, err := s.desk.Get(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	return tagsOf(t.Tags), nil
}

func tagsOf(tags []string) *tagNamesOut {
	out := new(tagNamesOut)
	out.Body.Tags = some(tags)
	return out
}

// yesOrNo is true or false, which some clients of Zendesk write as a text.
type yesOrNo bool

// UnmarshalJSON reads both.
func (f *yesOrNo) UnmarshalJSON(data []byte) error {
	if text := string(data); text == `"true"` || text == `"false"` {
		*f = text == `"true"`
		return nil
	}
	return json.Unmarshal(data, (*bool)(f))
}

// Schema documents both.
func (yesOrNo) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeBoolean}, {Type: huma.TypeString, Enum: []any{"true", "false"}}}}
}

// TagsBody names tags of a ticket.
type TagsBody struct {
	Tags         []string            `json:"tags"`
	SafeUpdate   yesOrNo             `json:"safe_update,omitempty" doc:"Refuse when the ticket has changed since updated_stamp"`
	UpdatedStamp optional[time.Time] `json:"updated_stamp,omitzero"`
}

type changeTagsIn struct {
	ID   int64 `path:"id"`
	Body TagsBody
}

func (s *server) changeTags(ctx context.Context, by access.Actor, in *changeTagsIn, ch desk.Change) (*tagNamesOut, error) {
	if in.Body.SafeUpdate {
		ch.SeenAt = in.Body.UpdatedStamp.Value
	}
	t, _, err := s.desk.Update(ctx, by, desk.TicketID(in.ID), ch)
	if err != nil {
		return nil, err
	}
	return tagsOf(t.Tags), nil
}

func (s *server) setTags(ctx context.Context, by access.Actor, in *changeTagsIn) (*tagNamesOut, error) {
	return s.changeTags(ctx, by, in, desk.Change{Tags: &in.Body.Tags})
}

func (s *server) addTags(ctx context.Context, by access.Actor, in *changeTagsIn) (*tagNamesOut, error) {
	return s.changeTags(ctx, by, in, desk.Change{AddTags: in.Body.Tags})
}

func (s *server) removeTags(ctx context.Context, by access.Actor, in *changeTagsIn) (*tagNamesOut, error) {
	return s.changeTags(ctx, by, in, desk.Change{RemoveTags: in.Body.Tags})
}

// What a list of tags does to those that something has.
func tagsSet(tags []string) directory.TagChange     { return directory.TagChange{Set: &tags} }
func tagsAdded(tags []string) directory.TagChange   { return directory.TagChange{Add: tags} }
func tagsRemoved(tags []string) directory.TagChange { return directory.TagChange{Remove: tags} }

type namedTagsIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Tags []string `json:"tags" maxItems:"200"`
	}
}

func (s *server) listTagsOfUser(ctx context.Context, by access.Actor, in *userIn) (*tagNamesOut, error) {
	u, err := s.access.GetUser(ctx, by, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return tagsOf(u.Tags), nil
}

func (s *server) changeTagsOfUser(change func([]string) directory.TagChange) func(context.Context, access.Actor, *namedTagsIn) (*tagNamesOut, error) {
	return func(ctx context.Context, by access.Actor, in *namedTagsIn) (*tagNamesOut, error) {
		u, err := s.access.UpdateUser(ctx, by, directory.UserID(in.ID), access.UserChange{Tags: change(in.Body.Tags)})
		if err != nil {
			return nil, err
		}
		return tagsOf(u.Tags), nil
	}
}

func (s *server) listTagsOfOrganization(ctx context.Context, by access.Actor, in *organizationIn) (*tagNamesOut, error) {
	o, err := s.desk.Organization(ctx, by, directory.OrganizationID(in.ID))
	if err != nil {
		return nil, err
	}
	return tagsOf(o.Tags), nil
}

func (s *server) changeTagsOfOrganization(change func([]string) directory.TagChange) func(context.Context, access.Actor, *namedTagsIn) (*tagNamesOut, error) {
	return func(ctx context.Context, by access.Actor, in *namedTagsIn) (*tagNamesOut, error) {
		o, err := s.desk.SaveOrganization(ctx, by, directory.OrganizationID(in.ID), desk.OrganizationChange{Tags: change(in.Body.Tags)})
		if err != nil {
			return nil, err
		}
		return tagsOf(o.Tags), nil
	}
}
