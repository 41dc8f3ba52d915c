package api

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// mayUse is who may use each route of the API. A route that is missing here
// fails the test: whoever adds one decides, and says so.
var mayUse = map[string]role{
	"show_session": anyone, "sign_in": anyone, "sign_out": anyone, "show_setup": anyone, "complete_setup": anyone,

	"show_me": signedIn,

	"update_me": agents, "change_password": agents,
	"list_users": agents, "export_users_csv": agents, "export_organizations_csv": agents, "export_groups_csv": agents, "count_users": agents, "search_users": agents, "show_many_users": agents, "show_user": agents,
	"create_user": agents, "update_user": agents, // the service lets agents manage requesters only
	"list_brands": agents, "show_brand": agents, "show_brand_logo": agents, "list_groups": agents,
	"list_tickets": agents, "count_tickets": agents, "show_many_tickets": agents, "show_ticket": agents,
	"create_ticket": agents, "update_ticket": agents, "update_many_tickets": agents, "create_many_tickets": agents,
	"export_tickets": admins, "export_tickets_by_time": admins, "export_users": admins,
	"show_account_settings": agents, "list_collaborators": agents, "show_ticket_related": agents,
	"list_followers": agents, "list_email_ccs": agents, "list_followed_tickets": agents, "list_incidents": agents, "list_problems": agents,
	"list_tags": agents, "count_tags": agents, "autocomplete_tags": agents, "list_tags_of_ticket": agents,
	"list_tags_of_user": agents, "set_tags_of_user": agents, "add_tags_to_user": agents, "remove_tags_from_user": agents, // of requesters
	"list_tags_of_organization": agents, "set_tags_of_organization": admins, "add_tags_to_organization": admins, "remove_tags_from_organization": admins,
	"set_tags_of_ticket": agents, "add_tags_to_ticket": agents, "remove_tags_from_ticket": agents,
	"list_locales": signedIn, "list_public_locales": signedIn, "list_agent_locales": signedIn, "show_current_locale": signedIn, "show_locale": signedIn,
	"list_job_statuses": agents, "show_job_status": agents, "show_many_job_statuses": agents, "cancel_job_status": agents, // of one's own
	"list_comments": agents, "count_comments": agents, "make_comment_private": agents, "accept_comment": agents, "retry_delivery": agents,
	"cancel_delivery": agents, "comment_frame": agents,
	"show_draft": agents, "save_draft": agents, "discard_draft": agents,
	"list_triggers": agents, "list_active_triggers": agents, "search_triggers": agents, "trigger_definitions": agents, "show_trigger": agents,
	"list_audits_of_ticket": agents, "count_audits_of_ticket": agents, "show_ticket_audit": agents, "list_ticket_audits": agents,
	"upload_file": agents, "delete_upload": agents, "show_attachment": agents,
	"list_identities": agents, "count_identities": agents, "create_identity": agents, "delete_identity": agents, "make_identity_primary": agents, // of requesters
	"split_identity": agents, "merge_user": agents, "show_user_related": agents,
	"list_addresses": agents, "show_address": agents, "show_destination_policy": agents, "list_siblings": agents,
	"list_mail": agents, "show_mail": agents, "show_mail_source": agents, // the ledger shows agents what belongs to tickets
	"stream_events":          agents, // and each hears what is theirs
	"list_suspended_tickets": agents, "show_suspended_ticket": agents, "recover_suspended_ticket": agents, "recover_many_suspended_tickets": agents,
	"copy_suspended_attachments": agents, "export_suspended_tickets": agents, "download_suspended_tickets": agents,
	"show_mail_settings": agents, "list_senders": agents,
	"remove_sender":    agents, // the service lets agents take back only what they taught
	"revoke_file_link": agents, "renew_file_link": agents, "fetch_attachments": agents,
	"search": agents, "count_search": agents, "export_search": agents,

	"delete_ticket": agents, "delete_many_tickets": agents, "mark_ticket_as_spam": agents, "mark_many_tickets_as_spam": agents,
	"merge_tickets": agents, "list_deleted_tickets": agents, "restore_ticket": agents, "restore_many_tickets": agents,
	"show_ticket_settings": agents, "update_ticket_settings": admins,
	"delete_ticket_for_good": admins, "delete_many_tickets_for_good": admins,
	"list_organizations": agents, "count_organizations": agents, "search_organizations": agents, "autocomplete_organizations": agents,
	"show_many_organizations": agents, "show_organization": agents, "show_organization_related": agents, "list_users_of_organization": agents,
	"list_tickets_of_organization": agents, "list_organizations_of_user": agents,
	"count_users_of_organization": agents, "count_tickets_of_organization": agents, "count_organizations_of_user": agents,
	"update_organization":            agents,                                                   // the service lets agents write its notes only
	"create_organization_membership": agents, "create_organization_membership_of_user": agents, // of requesters
	"delete_organization_membership": agents, "make_organization_membership_default": agents,
	"list_organization_memberships": agents, "show_organization_membership": agents, "list_organization_memberships_of_user": agents,
	"list_memberships_of_organization": agents,
	"list_assignable_groups":           agents, "count_groups": agents, "show_group": agents, "show_group_related": agents,
	"list_users_of_group": agents, "list_groups_of_user": agents, "count_users_of_group": agents, "count_groups_of_user": agents,
	"count_ccd_tickets": agents, "count_assigned_tickets": agents,
	"list_group_memberships": agents, "list_assignable_group_memberships": agents, "show_group_membership": agents,
	"list_group_memberships_of_user": agents, "list_memberships_of_group": agents, "list_assignable_memberships_of_group": agents,
	"autocomplete_users": agents, "create_or_update_user": agents, "list_requested_tickets": agents, "list_ccd_tickets": agents,
	"list_assigned_tickets": agents, "show_identity": agents, "verify_identity": agents, "update_identity": agents,

	"create_many_users": agents, "create_or_update_many_users": agents, "update_many_users": agents, // the service lets agents manage requesters only
	"update_many_organizations": agents, "create_many_organization_memberships": agents, "delete_many_organization_memberships": agents, // likewise, and notes
	"delete_many_users": admins, "create_many_organizations": admins, "delete_many_organizations": admins,
	"create_many_group_memberships": admins, "delete_many_group_memberships": admins,
	"create_organization": admins, "create_or_update_organization": admins, "delete_organization": admins,
	"create_group": admins, "update_group": admins, "delete_group": admins, "create_group_membership": admins,
	"create_group_membership_of_user": admins, "delete_group_membership": admins, "make_group_membership_default": admins,
	"delete_user": admins, "list_deleted_users": admins, "count_deleted_users": admins, "show_deleted_user": admins, "delete_user_permanently": admins,
	"list_views": agents, "list_active_views": agents, "list_compact_views": agents, "count_all_views": agents, "search_views": agents,
	"view_definitions": agents, "count_many_views": agents, "show_view": agents, "count_view": agents, "list_view_tickets": agents,
	"execute_view": agents, "preview_view": agents, "preview_view_count": agents,
	"create_view": agents, "update_many_views": agents, "update_view": agents, "delete_many_views": agents, "delete_view": agents, // the service lets agents keep their own
	"list_macros": agents, "list_active_macros": agents, "search_macros": agents, "list_macro_categories": agents, "macro_actions": agents,
	"macro_definitions": agents, "show_macro": agents, "apply_macro": agents, "apply_macro_to_ticket": agents,
	"create_macro": agents, "update_many_macros": agents, "update_macro": agents, "delete_many_macros": agents, "delete_macro": agents, // likewise
	"list_ticket_fields": agents, "count_ticket_fields": agents, "show_ticket_field": agents, "count_ticket_field_values": agents,
	"list_ticket_field_options": agents, "show_ticket_field_option": agents,
	"list_user_fields": agents, "count_user_fields": agents, "show_user_field": agents, "count_user_field_values": agents,
	"list_user_field_options": agents, "show_user_field_option": agents,
	"list_organization_fields": agents, "count_organization_fields": agents, "show_organization_field": agents, "count_organization_field_values": agents,
	"list_organization_field_options": agents, "show_organization_field_option": agents,
	"create_ticket_field": admins, "update_ticket_field": admins, "delete_ticket_field": admins, "reorder_ticket_fields": admins,
	"save_ticket_field_option": admins, "delete_ticket_field_option": admins,
	"create_user_field": admins, "update_user_field": admins, "delete_user_field": admins, "reorder_user_fields": admins,
	"save_user_field_option": admins, "delete_user_field_option": admins,
	"create_organization_field": admins, "update_organization_field": admins, "delete_organization_field": admins, "reorder_organization_fields": admins,
	"save_organization_field_option": admins, "delete_organization_field_option": admins,
	"list_ticket_metrics": agents, "show_ticket_metric": agents, "show_metrics_of_ticket": agents, "report_tickets": agents, "list_reported_tickets": agents,
	"list_ticket_viewers": agents, "view_ticket": agents, "leave_ticket": agents,

	"create_trigger": admins, "update_trigger": admins, "delete_trigger": admins, "delete_many_triggers": admins,
	"reorder_triggers": admins, "update_many_triggers": admins, "test_triggers": admins,
	"import_users_csv": admins, "import_organizations_csv": admins, "show_csv_import": admins, "start_csv_import": admins, "download_refused_csv": admins,
	"create_setup_link": admins, "create_brand": admins, "update_brand": admins,
	"start_probe": admins, "start_preflight": admins, "show_preflight": admins, "list_probes": admins, "create_address": admins, "update_address": admins, "delete_address": admins,
	"update_destination_policy": admins, "preview_destinations": admins,
	"show_forwarding": admins, "verify_address": admins, "renew_forwarding": admins,
	"begin_change": admins, "finish_change": admins, "cancel_change": admins,
	"start_connection": admins, "list_connections": admins, "show_connection": admins, "disconnect": admins, "reconnect": admins,
	"sync_connection": admins, "reconcile_connection": admins, "start_import": admins, "cancel_import": admins, "show_activity": admins,
	"look_at_mailbox": admins, "list_folders": admins, "update_connection": admins,
	"show_connection_request": admins, "confirm_connection_request": admins,
	"delete_suspended_ticket": admins, "delete_many_suspended_tickets": admins, "update_mail_settings": admins, "add_sender": admins,
	"retry_mail": admins, "make_ticket": admins,
	"show_overview": admins, "list_jobs": admins, "retry_all_jobs": admins, "retry_job": admins, "cancel_job": admins,
	"list_tenants": admins, "create_tenant": admins, "show_tenant": admins, "update_tenant": admins, "delete_tenant": admins,
	"add_credential": admins, "update_credential": admins, "delete_credential": admins, "try_credential": admins, "show_certificate": admins,
	"show_attachment_settings": admins, "update_attachment_settings": admins, "download_dangerous_attachment": admins,
	"list_api_tokens": admins, "create_api_token": admins, "delete_api_token": admins, "list_audit_logs": admins,
}

func TestWhoMayUseWhichRoute(t *testing.T) {
	w := one(t)
	for path, item := range w.server.api.OpenAPI().Paths {
		for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete} {
			if o == nil {
				continue
			}
			may, known := mayUse[o.OperationID]
			if !known {
				t.Errorf("%s %s (%s): who may use it?", method, path, o.OperationID)
				continue
			}
			for _, who := range []struct {
				name    string
				by      *caller
				refusal int // 0: allowed
			}{
				{"nobody", w.anonymous(), refusalIf(may != anyone, http.StatusUnauthorized)},
				{"a requester's token", w.as(w.requester), http.StatusUnauthorized},
				{"an agent", w.as(w.agent), refusalIf(may == admins, http.StatusForbidden)},
				{"an administrator", w.as(w.admin), 0},
			} {
				got := who.by.try(method, path)
				if got != who.refusal {
					t.Errorf("%s %s by %s: refused with %d, want %d", method, path, who.name, got, who.refusal)
				}
			}
		}
	}
}

func refusalIf(refused bool, status int) int {
	if refused {
		return status
	}
	return 0
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// try sends a request that names nothing that exists, and tells whether it was
// refused for who sent it. It names a ticket since agents read only the part of
// the ledger that belongs to one.
func (c *caller) try(method, path string) int {
	c.w.t.Helper()
	address := c.w.http.URL + prefix + parameter.ReplaceAllString(path, "999999") + "?ticket_id=999999"
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, address, strings.NewReader("{}"))
	c.w.must(err)
	if method == http.MethodGet || method == http.MethodDelete {
		r.Body, r.ContentLength = nil, 0
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	c.prepare(r)
	response, err := c.client.Do(r)
	c.w.must(err)
	response.Body.Close() // unread: one of them streams without end
	if response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden {
		return response.StatusCode
	}
	return 0
}
