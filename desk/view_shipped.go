package desk

import (
	"context"
	"fmt"
)

// shippedViews come with Tandem. They answer what an agent asks first: what is
// mine, what has nobody taken, what waits, and what went wrong. Their titles are
// translated by whoever shows them, until somebody gives them others.
func shippedViews() []View {
	unsolved := Condition{"status", LessThan, string(Solved)}
	newest := func(name, title string, conditions ...Condition) View {
		return View{Shipped: name, Title: title, Conditions: Conditions{All: conditions}, Sort: SortUpdated, Descending: true}
	}
	return []View{
		newest("mine", "Your unsolved tickets", unsolved, Condition{"assignee_id", Is, currentUser}),
		newest("unassigned", "Unassigned tickets", unsolved, Condition{"assignee_id", Is, ""}),
		newest("open", "All unsolved tickets", unsolved),
		newest("new", "New tickets", Condition{"status", Is, string(New)}),
		newest("teams", "Unsolved tickets in your teams", unsolved, Condition{"group_id", Is, currentTeams}),
		newest("pending", "Pending and on hold", Condition{"status", GreaterThan, string(Open)}, unsolved),
		newest("solved", "Recently solved tickets", Condition{"status", GreaterThan, string(Hold)}, Condition{"solved_at", LessThan, "720"}),
		newest("all", "All tickets but closed ones", Condition{"status", IsNot, string(Closed)}),
		newest("flagged", "Waiting for an eye", Condition{"flagged", Is, "true"}),
		newest("failed", "Failed deliveries", Condition{"delivery_failed", Is, "true"}),
	}
}

// ShipViews adds the views that come with Tandem, once.
func (s *Service) ShipViews(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error {
		first, err := tx.ShipOnce(ctx, "views")
		if err != nil || !first {
			return err
		}
		all, err := tx.ListViews(ctx)
		if err != nil {
			return err
		}
		for i, v := range shippedViews() {
			v.Active, v.Position, v.CreatedAt, v.UpdatedAt = true, len(all)+i+1, s.now(), s.now()
			v.tidy(nil)
			if err := tx.InsertView(ctx, &v); err != nil {
				return fmt.Errorf("insert the view %q: %w", v.Title, err)
			}
		}
		return nil
	})
}
