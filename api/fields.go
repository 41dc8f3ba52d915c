package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) fieldRoutes() {
	for _, owner := range []directory.FieldOwner{directory.TicketFields, directory.UserFields, directory.OrganizationFields} {
		s.fieldRoutesOf(owner)
	}
}

// fieldRoutesOf adds the routes of one owner's custom fields, which Zendesk's
// API has under three names: ticket_fields, user_fields, organization_fields.
func (s *server) fieldRoutesOf(owner directory.FieldOwner) {
	h := fieldHandlers{s, owner}
	word := string(owner) + "_field"
	path, tag, says := "/"+word+"s", strings.ReplaceAll(word, "_", " ")+"s", "of "+string(owner)+"s"
	route(s, op{on: "GET " + path, id: "list_" + word + "s", says: "List the fields " + says + " in their order", tag: tag, may: agents}, h.list)
	route(s, op{on: "GET " + path + "/count", id: "count_" + word + "s", says: "Count the fields " + says, tag: tag, may: agents}, h.count)
	route(s, op{on: "GET " + path + "/{id}", id: "show_" + word, says: "Show a field", tag: tag, may: agents}, h.show)
	route(s, op{on: "GET " + path + "/{id}/usage", id: "count_" + word + "_values", says: "Count how many have a value in a field", tag: tag, may: agents}, h.usage)
	route(s, op{on: "POST " + path, id: "create_" + word, says: "Add a field", tag: tag, may: admins, status: http.StatusCreated}, h.create)
	route(s, op{on: "PUT " + path + "/reorder", id: "reorder_" + word + "s", says: "Put fields into an order", tag: tag, may: admins}, h.reorder)
	route(s, op{on: "PUT " + path + "/{id}", id: "update_" + word, says: "Change a field", tag: tag, may: admins}, h.update)
	route(s, op{on: "DELETE " + path + "/{id}", id: "delete_" + word, says: "Delete a field with its values", tag: tag, may: admins}, h.remove)
	route(s, op{on: "GET " + path + "/{id}/options", id: "list_" + word + "_options", says: "List the options of a field", tag: tag, may: agents}, h.options)
	route(s, op{on: "GET " + path + "/{id}/options/{option_id}", id: "show_" + word + "_option", says: "Show an option", tag: tag, may: agents}, h.option)
	route(s, op{on: "POST " + path + "/{id}/options", id: "save_" + word + "_option", says: "Add an option, or change the one with the id", tag: tag, may: admins}, h.saveOption)
	route(s, op{on: "DELETE " + path + "/{id}/options/{option_id}", id: "delete_" + word + "_option", says: "Remove an option", tag: tag, may: admins}, h.removeOption)
}

// fieldHandlers answer for the custom fields of one owner.
type fieldHandlers struct {
	*server
	owner directory.FieldOwner
}

// CustomField is a field of tickets, people or organizations as the API shows it.
type CustomField struct {
	ID                 int64               `json:"id"`
	URL                string              `json:"url"`
	Type               string              `json:"type" doc:"text, textarea, regexp, integer, decimal, date, checkbox, tagger (of people and organizations: dropdown), multiselect; of system fields subject, description, status, tickettype, priority, group or assignee"`
	Key                *string             `json:"key" doc:"Of people and organizations"`
	Title              string              `json:"title"`
	RawTitle           string              `json:"raw_title"`
	Description        string              `json:"description"`
	RawDescription     string              `json:"raw_description"`
	AgentDescription   *string             `json:"agent_description"`
	Position           int                 `json:"position"`
	Active             bool                `json:"active"`
	System             bool                `json:"system"`
	Removable          bool                `json:"removable"`
	Required           bool                `json:"required" doc:"Of tickets: needed to solve one"`
	Collapsed          bool                `json:"collapsed_for_agents"`
	Pattern            *string             `json:"regexp_for_validation"`
	TitleInPortal      string              `json:"title_in_portal"`
	RawTitleInPortal   string              `json:"raw_title_in_portal"`
	VisibleInPortal    bool                `json:"visible_in_portal"`
	EditableInPortal   bool                `json:"editable_in_portal"`
	RequiredInPortal   bool                `json:"required_in_portal"`
	Tag                *string             `json:"tag" doc:"Of a checkbox"`
	CustomFieldOptions []FieldOption       `json:"custom_field_options,omitempty"`
	SystemFieldOptions []SystemFieldOption `json:"system_field_options,omitempty"`
	CreatedAt          stamp               `json:"created_at"`
	UpdatedAt          stamp               `json:"updated_at"`
}

// FieldOption is one of the values that a field offers.
type FieldOption struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	RawName  string `json:"raw_name"`
	Value    string `json:"value" doc:"In tickets a tag as well"`
	Position int    `json:"position"`
	Default  bool   `json:"default"`
}

// SystemFieldOption is one of the values of a system field.
type SystemFieldOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// systemFields are the fields that every ticket has, under Zendesk's types.
// Their numbers are ours; those of custom fields begin above 1000.
var systemFields = []CustomField{
	{ID: 1, Type: "subject", Title: "Subject", Required: true},
	{ID: 2, Type: "description", Title: "Description", Required: true},
	{ID: 3, Type: "status", Title: "Status", Required: true, SystemFieldOptions: choices("Open", "open", "Pending", "pending", "On-hold", "hold", "Solved", "solved")},
	{ID: 4, Type: "tickettype", Title: "Type", SystemFieldOptions: choices("Question", "question", "Incident", "incident", "Problem", "problem", "Task", "task")},
	{ID: 5, Type: "priority", Title: "Priority", SystemFieldOptions: choices("Low", "low", "Normal", "normal", "High", "high", "Urgent", "urgent")},
	{ID: 6, Type: "group", Title: "Group"},
	{ID: 7, Type: "assignee", Title: "Assignee", Required: true},
}

func choices(pairs ...string) (options []SystemFieldOption) {
	for pair := range slices.Chunk(pairs, 2) {
		options = append(options, SystemFieldOption{Name: pair[0], Value: pair[1]})
	}
	return options
}

// system gives the system fields of the owner, as they are shown.
func (h fieldHandlers) system(q *request) []CustomField {
	if h.owner != directory.TicketFields {
		return nil
	}
	shown := slices.Clone(systemFields)
	for i := range shown {
		f := &shown[i]
		f.URL, f.RawTitle, f.TitleInPortal, f.RawTitleInPortal = q.link("/ticket_fields/%d.json", f.ID), f.Title, f.Title, f.Title
		f.Position, f.Active, f.System = i+1, true, true
		f.VisibleInPortal, f.EditableInPortal = f.ID <= 2, f.ID <= 2
	}
	return shown
}

// offset is how many system fields stand before the first custom one.
func (h fieldHandlers) offset() int {
	if h.owner == directory.TicketFields {
		return len(systemFields)
	}
	return 0
}

// Zendesk calls a dropdown of tickets "tagger".
const peoplesDropdown = "dropdown"

func (h fieldHandlers) encode(q *request, f *directory.Field) CustomField {
	kind, portalTitle := string(f.Type), f.Portal.Title
	if f.Type == directory.DropdownField && h.owner != directory.TicketFields {
		kind = peoplesDropdown
	}
	if portalTitle == "" {
		portalTitle = f.Title
	}
	shown := CustomField{
		ID: int64(f.ID), URL: q.link("/%s_fields/%d.json", h.owner, f.ID), Type: kind, Key: orNull(f.Key), Title: f.Title, RawTitle: f.Title,
		Description: f.Description, RawDescription: f.Description, AgentDescription: orNull(f.AgentDescription),
		Position: f.Position + h.offset(), Active: f.Active, Removable: true, Required: f.Required, Pattern: orNull(f.Pattern),
		TitleInPortal: portalTitle, RawTitleInPortal: portalTitle, VisibleInPortal: f.Portal.Visible, EditableInPortal: f.Portal.Editable,
		RequiredInPortal: f.Portal.Required, Tag: orNull(f.Tag), CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(f.UpdatedAt),
	}
	for i, o := range f.Options {
		shown.CustomFieldOptions = append(shown.CustomFieldOptions, encodeOption(i, o))
	}
	return shown
}

func encodeOption(i int, o directory.Option) FieldOption {
	return FieldOption{ID: int64(o.ID), Name: o.Name, RawName: o.Name, Value: o.Value, Position: i, Default: o.Default}
}

// FieldShown is one field, under the name of its owner.
type FieldShown struct {
	TicketField       *CustomField `json:"ticket_field,omitempty"`
	UserField         *CustomField `json:"user_field,omitempty"`
	OrganizationField *CustomField `json:"organization_field,omitempty"`
}

// Fields is a list of fields, under the name of their owner.
type Fields struct {
	TicketFields       *[]CustomField `json:"ticket_fields,omitempty"`
	UserFields         *[]CustomField `json:"user_fields,omitempty"`
	OrganizationFields *[]CustomField `json:"organization_fields,omitempty"`
	OffsetMeta
	CursorMeta
}

type fieldOut struct{ Body FieldShown }

type fieldsOut struct{ Body Fields }

// byOwner puts something under the name of its owner.
func byOwner[T any](owner directory.FieldOwner, v T, ticket, user, organization *T) {
	switch owner {
	case directory.TicketFields:
		*ticket = v
	case directory.UserFields:
		*user = v
	default:
		*organization = v
	}
}

func (h fieldHandlers) shown(f CustomField) *fieldOut {
	out := new(fieldOut)
	byOwner(h.owner, &f, &out.Body.TicketField, &out.Body.UserField, &out.Body.OrganizationField)
	return out
}

// list answers with all of them in their order, which is what matters, unless a page is asked for.
func (h fieldHandlers) list(ctx context.Context, by access.Actor, in *WholeListIn) (*fieldsOut, error) {
	fields, err := h.desk.Fields(ctx, by, h.owner)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(fieldsOut)
	all := append(h.system(q), each(fields, encoder(q, h.encode))...)
	all, err = pageOfWhole(q, *in, all, func(f CustomField) int64 { return f.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	byOwner(h.owner, &all, &out.Body.TicketFields, &out.Body.UserFields, &out.Body.OrganizationFields)
	return out, err
}

func (h fieldHandlers) count(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	fields, err := h.desk.Fields(ctx, by, h.owner)
	return h.counted(h.offset() + len(fields)), err
}

type fieldIn struct {
	ID int64 `path:"id"`
}

func (h fieldHandlers) show(ctx context.Context, by access.Actor, in *fieldIn) (*fieldOut, error) {
	for _, f := range h.system(requestOf(ctx)) {
		if f.ID == in.ID {
			return h.shown(f), nil
		}
	}
	f, err := h.desk.Field(ctx, by, h.owner, directory.FieldID(in.ID))
	if err != nil {
		return nil, err
	}
	return h.shown(h.encode(requestOf(ctx), f)), nil
}

func (h fieldHandlers) usage(ctx context.Context, by access.Actor, in *fieldIn) (*countOut, error) {
	n, err := h.desk.CountFieldValues(ctx, by, h.owner, directory.FieldID(in.ID))
	return h.counted(n), err
}

// CustomFieldBody is what an administrator sets at a field; what is absent stays.
type CustomFieldBody struct {
	Type             *string            `json:"type,omitempty" doc:"Of a new one"`
	Key              *string            `json:"key,omitempty" doc:"Of a new one of people or organizations"`
	Title            *string            `json:"title,omitempty"`
	Description      optional[string]   `json:"description,omitzero"`
	AgentDescription optional[string]   `json:"agent_description,omitzero"`
	Position         *int               `json:"position,omitempty"`
	Active           *bool              `json:"active,omitempty"`
	Required         *bool              `json:"required,omitempty"`
	Pattern          optional[string]   `json:"regexp_for_validation,omitzero"`
	TitleInPortal    optional[string]   `json:"title_in_portal,omitzero"`
	VisibleInPortal  *bool              `json:"visible_in_portal,omitempty"`
	EditableInPortal *bool              `json:"editable_in_portal,omitempty"`
	RequiredInPortal *bool              `json:"required_in_portal,omitempty"`
	Tag              optional[string]   `json:"tag,omitzero"`
	Options          *[]FieldOptionBody `json:"custom_field_options,omitempty" doc:"All of them, in their order"`
}

// FieldOptionBody is an option as a client writes it.
type FieldOptionBody struct {
	ID      int64  `json:"id,omitempty" doc:"Of one that is there"`
	Name    string `json:"name,omitempty"`
	Value   string `json:"value,omitempty" doc:"Made of the name when absent"`
	Default bool   `json:"default,omitempty"`
}

func (b FieldOptionBody) option() directory.Option {
	return directory.Option{ID: directory.OptionID(b.ID), Name: b.Name, Value: b.Value, Default: b.Default}
}

func (h fieldHandlers) change(b CustomFieldBody) desk.FieldChange {
	ch := desk.FieldChange{
		Type: convert[directory.FieldType](b.Type), Key: b.Key, Title: b.Title, Description: b.Description.pointer(), AgentDescription: b.AgentDescription.pointer(),
		Active: b.Active, Required: b.Required, PortalTitle: b.TitleInPortal.pointer(), PortalVisible: b.VisibleInPortal,
		PortalEditable: b.EditableInPortal, PortalRequired: b.RequiredInPortal, Tag: b.Tag.pointer(), Pattern: b.Pattern.pointer(),
	}
	if value(ch.Type) == peoplesDropdown {
		*ch.Type = directory.DropdownField
	}
	if b.Position != nil {
		position := *b.Position - h.offset()
		ch.Position = &position
	}
	if b.Options != nil {
		options := each(*b.Options, FieldOptionBody.option)
		ch.Options = &options
	}
	return ch
}

// FieldBody is a field as a client writes it, under the name of its owner.
type FieldBody struct {
	TicketField       CustomFieldBody `json:"ticket_field,omitzero"`
	UserField         CustomFieldBody `json:"user_field,omitzero"`
	OrganizationField CustomFieldBody `json:"organization_field,omitzero"`
}

func (h fieldHandlers) bodyOf(b FieldBody) CustomFieldBody {
	switch h.owner {
	case directory.TicketFields:
		return b.TicketField
	case directory.UserFields:
		return b.UserField
	}
	return b.OrganizationField
}

type createFieldIn struct{ Body FieldBody }

func (h fieldHandlers) create(ctx context.Context, by access.Actor, in *createFieldIn) (*fieldOut, error) {
	f, err := h.desk.CreateField(ctx, by, h.owner, h.change(h.bodyOf(in.Body)))
	if err != nil {
		return nil, err
	}
	return h.shown(h.encode(requestOf(ctx), f)), nil
}

type updateFieldIn struct {
	ID   int64 `path:"id"`
	Body FieldBody
}

func (h fieldHandlers) update(ctx context.Context, by access.Actor, in *updateFieldIn) (*fieldOut, error) {
	if err := h.mustBeCustom(in.ID); err != nil {
		return nil, err
	}
	f, err := h.desk.ChangeField(ctx, by, h.owner, directory.FieldID(in.ID), h.change(h.bodyOf(in.Body)))
	if err != nil {
		return nil, err
	}
	return h.shown(h.encode(requestOf(ctx), f)), nil
}

func (h fieldHandlers) mustBeCustom(id int64) error {
	if !slices.ContainsFunc(h.system(&request{}), func(f CustomField) bool { return f.ID == id }) {
		return nil
	}
	return problem.New(problem.Invalid, "field_system", "Every ticket has this field. It can be neither changed nor deleted.").
		On(problem.Yours, "Change a custom field instead.")
}

func (h fieldHandlers) remove(ctx context.Context, by access.Actor, in *fieldIn) (*none, error) {
	if err := h.mustBeCustom(in.ID); err != nil {
		return nil, err
	}
	return nil, h.desk.DeleteField(ctx, by, h.owner, directory.FieldID(in.ID))
}

type reorderFieldsIn struct {
	Body struct {
		TicketFieldIDs       []int64 `json:"ticket_field_ids,omitempty" doc:"In the new order; those left out follow in theirs, and system fields stay first"`
		UserFieldIDs         []int64 `json:"user_field_ids,omitempty"`
		OrganizationFieldIDs []int64 `json:"organization_field_ids,omitempty"`
	}
}

func (h fieldHandlers) reorder(ctx context.Context, by access.Actor, in *reorderFieldsIn) (*fieldsOut, error) {
	var ids []directory.FieldID
	for _, id := range slices.Concat(in.Body.TicketFieldIDs, in.Body.UserFieldIDs, in.Body.OrganizationFieldIDs) {
		if h.mustBeCustom(id) == nil {
			ids = append(ids, directory.FieldID(id))
		}
	}
	if err := h.desk.ReorderFields(ctx, by, h.owner, ids); err != nil {
		return nil, err
	}
	return h.list(ctx, by, &WholeListIn{})
}

type fieldOptionsOut struct {
	Body struct {
		Options []FieldOption `json:"custom_field_options"`
		OffsetMeta
		CursorMeta
	}
}

type listFieldOptionsIn struct {
	ID int64 `path:"id"`
	WholeListIn
}

func (h fieldHandlers) options(ctx context.Context, by access.Actor, in *listFieldOptionsIn) (*fieldOptionsOut, error) {
	f, err := h.desk.Field(ctx, by, h.owner, directory.FieldID(in.ID))
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(fieldOptionsOut)
	out.Body.Options, err = pageOfWhole(q, in.WholeListIn, some(h.encode(q, f).CustomFieldOptions), func(o FieldOption) int64 { return o.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type fieldOptionIn struct {
	ID       int64 `path:"id"`
	OptionID int64 `path:"option_id"`
}

type fieldOptionOut struct {
	Status int
	Body   struct {
		Option FieldOption `json:"custom_field_option"`
	}
}

func (h fieldHandlers) option(ctx context.Context, by access.Actor, in *fieldOptionIn) (*fieldOptionOut, error) {
	f, err := h.desk.Field(ctx, by, h.owner, directory.FieldID(in.ID))
	if err != nil {
		return nil, err
	}
	for i, o := range f.Options {
		if int64(o.ID) == in.OptionID {
			out := &fieldOptionOut{Status: http.StatusOK}
			out.Body.Option = encodeOption(i, o)
			return out, nil
		}
	}
	return nil, problem.New(problem.NotFound, "not_found", "%s has no option %d.", f.Title, in.OptionID)
}

type saveFieldOptionIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Option FieldOptionBody `json:"custom_field_option"`
	}
}

// saveOption answers with 201 for a new option and with 200 for a changed one, as Zendesk does.
func (h fieldHandlers) saveOption(ctx context.Context, by access.Actor, in *saveFieldOptionIn) (*fieldOptionOut, error) {
	o, err := h.desk.SaveOption(ctx, by, h.owner, directory.FieldID(in.ID), in.Body.Option.option())
	if err != nil {
		return nil, err
	}
	out, err := h.option(ctx, by, &fieldOptionIn{ID: in.ID, OptionID: int64(o.ID)})
	if err == nil && in.Body.Option.ID == 0 {
		out.Status = http.StatusCreated
	}
	return out, err
}

func (h fieldHandlers) removeOption(ctx context.Context, by access.Actor, in *fieldOptionIn) (*none, error) {
	return nil, h.desk.DeleteOption(ctx, by, h.owner, directory.FieldID(in.ID), directory.OptionID(in.OptionID))
}
