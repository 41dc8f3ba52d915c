package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/store"
)

//go:embed directory.toml
var directoryText []byte

// directoryFile is what Contoso knows of itself and its customers.
type directoryFile struct {
	Teams         []teamEntry         `toml:"team"`
	Organizations []organizationEntry `toml:"organization"`
	People        []personEntry       `toml:"person"`
}

type teamEntry struct {
	Name        string
	Description string
	Members     []string // "agent3"; the first team of somebody is their default one
}

type organizationEntry struct {
	Name    string
	Domains []string
	Team    string // which takes its tickets
	Details string
	Notes   string
	Tags    []string
}

type personEntry struct {
	Email       string
	Phone       string
	Details     string
	Notes       string
	Tags        []string
	ContractEnd string `toml:"contract_end"`
}

func readDirectory() (*directoryFile, error) {
	f := new(directoryFile)
	if err := toml.NewDecoder(bytes.NewReader(directoryText)).DisallowUnknownFields().Decode(f); err != nil {
		return nil, fmt.Errorf("read directory.toml: %w", err)
	}
	return f, nil
}

// teams makes the teams that are missing, and brings agents into them.
func (s *seeder) teams(ctx context.Context) error {
	all, err := s.Desk.Teams(ctx, access.System())
	if err != nil {
		return err
	}
	for _, wanted := range s.directory.Teams {
		at := slices.IndexFunc(all, func(t *directory.Team) bool { return t.Name == wanted.Name })
		if at < 0 {
			t, err := s.Desk.SaveTeam(ctx, access.System(), 0, desk.TeamChange{Name: &wanted.Name, Description: &wanted.Description})
			if err != nil {
				return fmt.Errorf("team %s: %w", wanted.Name, err)
			}
			at, all = len(all), append(all, t)
		}
		for _, account := range wanted.Members {
			if err := s.join(ctx, worker{account: account}.email(), all[at].ID); err != nil {
				return fmt.Errorf("%s in the team %s: %w", account, wanted.Name, err)
			}
		}
	}
	return nil
}

// join makes somebody a member of a team, unless they are one.
func (s *seeder) join(ctx context.Context, email string, team directory.TeamID) error {
	wanted := directory.Membership{TeamID: team}
	var before *directory.Membership
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.FindUserByEmail(ctx, email)
		if err != nil {
			return err
		}
		if u == nil {
			return errors.New("nobody has the address")
		}
		wanted.UserID = u.ID
		before, err = tx.FindMembership(ctx, wanted)
		return err
	})
	if err != nil || before != nil {
		return err
	}
	_, err = s.Desk.AddMember(ctx, access.System(), wanted)
	return err
}

// organizations makes those that are missing. People join them when their
// first mail is read.
func (s *seeder) organizations(ctx context.Context) error {
	teams, err := s.Desk.Teams(ctx, access.System())
	if err != nil {
		return err
	}
	for _, o := range s.directory.Organizations {
		before, err := s.Desk.Organizations(ctx, access.System(), directory.OrganizationFilter{Name: o.Name})
		if err != nil {
			return err
		}
		if len(before) > 0 {
			continue
		}
		ch := desk.OrganizationChange{Name: &o.Name, Domains: &o.Domains, Details: &o.Details, Notes: &o.Notes, Tags: directory.TagChange{Set: &o.Tags}}
		for _, t := range teams {
			if t.Name == o.Team {
				ch.TeamID = &t.ID
			}
		}
		if _, err := s.Desk.SaveOrganization(ctx, access.System(), 0, ch); err != nil {
			return fmt.Errorf("organization %s: %w", o.Name, err)
		}
	}
	return nil
}

// acquaint notes what is known of customers who have written: the language and
// the time zone of everybody, and what directory.toml says.
func (s *seeder) acquaint(ctx context.Context) error {
	spoken := map[string]*language{}
	for _, t := range s.stories.history {
		if t.Raw == "" {
			spoken[address(t.From).Address] = t.lang
		}
	}
	for email, lang := range spoken {
		if err := s.note(ctx, email, access.UserChange{Locale: &lang.locale, TimeZone: &lang.timeZone}); err != nil {
			return fmt.Errorf("language of %s: %w", email, err)
		}
	}
	for _, p := range s.directory.People {
		ch := access.UserChange{Phone: &p.Phone, Details: &p.Details, Notes: &p.Notes, Tags: directory.TagChange{Set: &p.Tags}}
		if p.ContractEnd != "" {
			ch.Fields = map[string][]string{contractKey: {p.ContractEnd}}
		}
		if err := s.note(ctx, p.Email, ch); err != nil {
			return fmt.Errorf("%s: %w", p.Email, err)
		}
	}
	return nil
}

// note changes a customer, who is known by the number from then on.
func (s *seeder) note(ctx context.Context, email string, ch access.UserChange) error {
	var u *directory.User
	var number *directory.Identity
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.FindUserByEmail(ctx, email); err != nil || ch.Phone == nil {
			return err
		}
		phone, err := directory.NormalizePhone(*ch.Phone)
		if err != nil {
			return err
		}
		number, err = tx.FindIdentity(ctx, directory.PhoneIdentity, phone)
		return err
	})
	if err != nil {
		return err
	}
	if u == nil {
		return errors.New("nobody has written from there")
	}
	if _, err := s.Access.UpdateUser(ctx, access.System(), u.ID, ch); err != nil || ch.Phone == nil || number != nil {
		return err
	}
	_, err = s.Desk.AddIdentity(ctx, access.System(), u.ID, directory.PhoneIdentity, *ch.Phone)
	return err
}
