package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestUserComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		u := &directory.User{
			Name: "佐藤 健二", Email: "kenji@contoso.example", Role: directory.Agent, Locale: "ja", TimeZone: "Asia/Tokyo",
			Signature: "よろしく", CreatedAt: noon, UpdatedAt: noon,
		}
		update(t, db, func(tx *store.Tx) error { return tx.InsertUser(t.Context(), u) })
		u.Role, u.Suspended, u.UpdatedAt = directory.Admin, true, noon.Add(time.Hour)
		update(t, db, func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), u) })

		got := read(t, db, func(tx *store.Tx) (*directory.User, error) { return tx.GetUser(t.Context(), u.ID) })
		if diff := cmp.Diff(u, got); diff != "" {
			t.Errorf("(-stored +read)\n%s", diff)
		}
		got = read(t, db, func(tx *store.Tx) (*directory.User, error) {
			return tx.FindUserByEmail(t.Context(), "Kenji@Contoso.example")
		})
		if got == nil || got.ID != u.ID {
			t.Errorf("found %v by the address in other letters", got)
		}
		got = read(t, db, func(tx *store.Tx) (*directory.User, error) {
			return tx.FindUserByEmail(t.Context(), "nobody@contoso.example")
		})
		if got != nil {
			t.Errorf("found %v by an address that nobody has", got)
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.GetUser(t.Context(), 4711)
			return err
		})
		wantKind(t, err, problem.NotFound)
		err = db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), &directory.User{ID: 4711}) })
		wantKind(t, err, problem.NotFound)
	})
}

func TestAddressAndNamesAreTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			return tx.InsertUser(t.Context(), &directory.User{Name: "Another Ana", Email: h.requester.Email})
		})
		if p := problem.As(err); p == nil || p.Code != "email_taken" || p.Field != "email" {
			t.Errorf("second person with the address: %v", err)
		}
		err = db.Update(t.Context(), func(tx *store.Tx) error {
			return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso"})
		})
		if p := problem.As(err); p == nil || p.Code != "name_taken" {
			t.Errorf("second brand with the name: %v", err)
		}
		err = db.Update(t.Context(), func(tx *store.Tx) error {
			return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Fabrikam", Default: true})
		})
		wantKind(t, err, problem.Conflict)
	})
}

func TestListUsersSearchesAndPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		names := []string{"Élodie 100%", "ana", "Bob", "ＡＬＩＣＥ", "佐藤 健二"}
		ids := make(map[string]directory.UserID)
		update(t, db, func(tx *store.Tx) error {
			for i, name := range names {
				u := &directory.User{Name: name, Email: string(rune('a'+i)) + "@example.com", Role: directory.EndUser}
				if err := tx.InsertUser(t.Context(), u); err != nil {
					return err
				}
				ids[name] = u.ID
			}
			return tx.InsertUser(t.Context(), &directory.User{Name: "Zoe", Email: "zoe@contoso.example", Role: directory.Agent})
		})
		list := func(f directory.UserFilter) []string {
			users := read(t, db, func(tx *store.Tx) ([]*directory.User, error) { return tx.ListUsers(t.Context(), f) })
			var found []string
			for _, u := range users {
				found = append(found, u.Name)
			}
			return found
		}
		for _, c := range []struct {
			why  string
			f    directory.UserFilter
			want []string
		}{
			{"by name, whatever the case and width", directory.UserFilter{}, []string{"ＡＬＩＣＥ", "ana", "Bob", "Zoe", "Élodie 100%", "佐藤 健二"}},
			{"role", directory.UserFilter{Roles: []directory.Role{directory.Agent, directory.Admin}}, []string{"Zoe"}},
			{"two Japanese characters", directory.UserFilter{Search: "佐藤"}, []string{"佐藤 健二"}},
			{"another case", directory.UserFilter{Search: "éLODIE"}, []string{"Élodie 100%"}},
			{"a percent sign is no word", directory.UserFilter{Search: "100%"}, []string{"Élodie 100%"}},
			{"all words", directory.UserFilter{Search: "alice example"}, []string{"ＡＬＩＣＥ"}},
			{"address", directory.UserFilter{Search: "@contoso"}, []string{"Zoe"}},
			{"ids", directory.UserFilter{IDs: []directory.UserID{ids["Bob"], ids["ana"]}}, []string{"ana", "Bob"}},
			{"page after", directory.UserFilter{Part: directory.Part{After: &directory.Place{Key: "ana\nb@example.com", ID: int64(ids["ana"])}, Limit: 2}}, []string{"Bob", "Zoe"}},
			{"page by offset", directory.UserFilter{Part: directory.Part{Offset: 4, Limit: 10}}, []string{"Élodie 100%", "佐藤 健二"}},
		} {
			if diff := cmp.Diff(c.want, list(c.f)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.why, diff)
			}
		}
		n := read(t, db, func(tx *store.Tx) (int, error) {
			return tx.CountUsers(t.Context(), directory.UserFilter{Roles: []directory.Role{directory.EndUser}, Part: directory.Part{Limit: 2}})
		})
		if n != len(names) {
			t.Errorf("counted %d requesters, want %d", n, len(names))
		}
	})
}

func TestDefaultBrand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.DefaultBrand(t.Context())
			return err
		})
		wantKind(t, err, problem.NotFound)
		h := furnish(t, db)
		second := &directory.Brand{Name: "Fabrikam", Signature: "-- Fabrikam", CreatedAt: noon, UpdatedAt: noon}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertBrand(t.Context(), second); err != nil {
				return err
			}
			h.brand.Default, second.Default = false, true
			if err := tx.UpdateBrand(t.Context(), &h.brand); err != nil {
				return err
			}
			return tx.UpdateBrand(t.Context(), second)
		})
		got := read(t, db, func(tx *store.Tx) (*directory.Brand, error) { return tx.DefaultBrand(t.Context()) })
		if diff := cmp.Diff(second, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}
