package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/store"
)

// agentWithViews has a view and a macro of her own.
const agentWithViews = "agent1@contoso.example"

// demoView is a view that Contoso works with besides those that come with Tandem.
type demoView struct {
	title, description string
	team               string // shared with it alone; empty: with everybody
	own                bool   // agentWithViews' own
	all, any           []desk.Condition
	columns            []string
	sort, group        string
	descending         bool
}

// demoMacro is a macro of Contoso, in the language of those whom it answers.
type demoMacro struct {
	title, description string
	own                bool
	actions            []desk.Action
}

// viewsOf are the views; products and orders are the custom fields by the names
// that conditions have for them.
func viewsOf(products, orders string) []demoView {
	unsolved := desk.Condition{Field: "status", Operator: desk.LessThan, Value: string(desk.Solved)}
	return []demoView{
		{
			title: "By product", description: "What is open, for those who know the product",
			all:     []desk.Condition{unsolved, {Field: products, Operator: desk.Present}},
			columns: []string{"subject", products, orders, "requester", "priority", "updated"}, sort: "priority", descending: true, group: products,
		},
		{
			title: "Order number missing", description: "Ask for it before anything else",
			all: []desk.Condition{unsolved, {Field: orders, Operator: desk.NotPresent}},
			any: []desk.Condition{
				{Field: "subject_includes_word", Operator: desk.Includes, Value: "order delivery return refund 注文 配送 返品 pedido entrega devolução"},
				{Field: products, Operator: desk.Present},
			},
			columns: []string{"status", "subject", products, "requester", "created"}, sort: "created",
		},
		{
			title: "Returns", description: "Returns and refunds, oldest first", team: "Orders and invoices",
			all:     []desk.Condition{unsolved, {Field: "subject_includes_word", Operator: desk.Includes, Value: "return refund 返品 返金 devolução reembolso"}},
			columns: []string{"status", "subject", products, orders, "requester", "created"}, sort: "created",
		},
		{
			title: "My urgent ones", own: true,
			all: []desk.Condition{unsolved, {Field: "assignee_id", Operator: desk.Is, Value: "current_user"}, {Field: "priority", Operator: desk.GreaterThan, Value: string(desk.Normal)}},
		},
	}
}

func macrosOf(orders string) []demoMacro {
	set := func(field string, values ...string) desk.Action { return desk.Action{Field: field, Value: values} }
	say := func(text string) desk.Action { return set("comment_value", text) }
	public, internal := set("comment_mode_is_public", "true"), set("comment_mode_is_public", "false")
	return []demoMacro{
		{title: "Orders::Ask for the order number", actions: []desk.Action{
			say("Dear {{ticket.requester.first_name}},\n\nthank you for writing to us. Please send us your order number: it begins with C- and stands in the mail that confirmed your order.\n\n" +
				"Your ticket is {{ticket.id}}.\n{{current_user.name}}"), public, set("status", "pending"),
		}},
		{title: "Orders::ご注文番号の確認", actions: []desk.Action{
			say("{{ticket.requester.name}} 様\n\nお問い合わせありがとうございます。恐れ入りますが、ご注文番号（C- で始まる番号）をお知らせください。ご注文確認メールに記載されております。\n\n" +
				"お問い合わせ番号：{{ticket.id}}\n{{current_user.name}}"), public, set("status", "pending"),
		}},
		{title: "Orders::Pedir o número do pedido", actions: []desk.Action{
			say("Olá, {{ticket.requester.first_name}},\n\nobrigado por escrever. Envie-nos, por favor, o número do pedido: ele começa com C- e está no e-mail de confirmação.\n\n" +
				"Seu protocolo é {{ticket.id}}.\n{{current_user.name}}"), public, set("status", "pending"),
		}},
		{title: "Returns::Return approved", description: "When the product may be sent back", actions: []desk.Action{
			say("Dear {{ticket.requester.first_name}},\n\nwe take your order {{ticket.ticket_field_" + strings.TrimPrefix(orders, "custom_fields_") + "}} back. The label for the parcel comes with the next mail.\n\n{{current_user.name}}"),
			public, set("status", "pending"), set("current_tags", "return_approved"),
		}},
		{title: "Hand over to a specialist", actions: []desk.Action{
			say("Please take over. The last that was said: {{ticket.latest_comment}}"), internal, set("priority", "high"), set("assignee_id", ""), set("current_tags", "specialist"),
		}},
		{title: "Take it", own: true, actions: []desk.Action{set("assignee_id", "current_user"), set("status", "open")}},
	}
}

// views makes the views and macros of Contoso, unless somebody has.
func (s *seeder) views(ctx context.Context) error {
	fields, err := s.Desk.Fields(ctx, access.System(), directory.TicketFields)
	if err != nil {
		return err
	}
	named := func(title string) string {
		i := slices.IndexFunc(fields, func(f *directory.Field) bool { return f.Title == title })
		return fields[max(i, 0)].Name()
	}
	var owner access.Actor
	var teams []*directory.Team
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		agent, err := tx.FindUserByEmail(ctx, agentWithViews)
		if err != nil {
			return err
		}
		owner = access.Actor{UserID: agent.ID, Name: agent.Name, Role: agent.Role}
		teams, err = tx.ListTeams(ctx)
		return err
	})
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, by := range []access.Actor{access.System(), owner} {
		views, err := s.Desk.Views(ctx, by, desk.ViewsFilter{})
		if err != nil {
			return err
		}
		macros, err := s.Desk.Macros(ctx, by, desk.MacroFilter{})
		if err != nil {
			return err
		}
		for _, v := range views {
			known[v.Title] = true
		}
		for _, m := range macros {
			known[m.Title] = true
		}
	}
	whose := func(own bool) (access.Actor, *desk.Audience) {
		if own {
			return owner, &desk.Audience{Owner: owner.UserID}
		}
		return access.System(), new(desk.Audience)
	}
	for _, v := range viewsOf(named(productField), named(orderField)) {
		if known[v.title] {
			continue
		}
		by, audience := whose(v.own)
		for _, t := range teams {
			if t.Name == v.team {
				audience.Teams = append(audience.Teams, t.ID)
			}
		}
		sort, group := desk.SortOf(v.sort), desk.SortOf(v.group)
		_, err := s.Desk.CreateView(ctx, by, desk.ViewChange{
			Title: &v.title, Description: &v.description, Audience: audience, Conditions: &desk.Conditions{All: v.all, Any: v.any},
			Columns: &v.columns, Sort: &sort, Descending: &v.descending, Group: &group,
		})
		if err != nil {
			return fmt.Errorf("view %s: %w", v.title, err)
		}
	}
	for _, m := range macrosOf(named(orderField)) {
		if known[m.title] {
			continue
		}
		by, audience := whose(m.own)
		if _, err := s.Desk.CreateMacro(ctx, by, desk.MacroChange{Title: &m.title, Description: &m.description, Audience: audience, Actions: &m.actions}); err != nil {
			return fmt.Errorf("macro %s: %w", m.title, err)
		}
	}
	return nil
}
