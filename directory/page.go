package directory

import "strconv"

// Place is where a record stands in a list.
type Place struct {
	Key string // what the list is ordered by; empty when that is the number
	ID  int64
}

// NumberPlace is a place in a list that is ordered by numbers; nil for 0.
func NumberPlace[T ~int64](id T) *Place {
	if id == 0 {
		return nil
	}
	return &Place{ID: int64(id)}
}

// Part is what of a list is asked for: what comes behind one place, and before
// another. With Before alone it is what comes right before it.
type Part struct {
	After, Before *Place
	Limit         int // 0: everything
	Offset        int
}

// Backwards tells whether the part is found from its end.
func (p Part) Backwards() bool { return p.Before != nil && p.After == nil }

// UserSort is what people are ordered by.
type UserSort string

// What people can be ordered by.
const (
	UsersByName    UserSort = "name"
	UsersByID      UserSort = "id"
	UsersByCreated UserSort = "created_at"
	UsersByUpdated UserSort = "updated_at"
)

// UserSorts are all of them.
var UserSorts = []UserSort{UsersByName, UsersByID, UsersByCreated, UsersByUpdated}

// Place tells where a person stands in the filter's list.
func (f UserFilter) Place(u *User) *Place {
	p := &Place{ID: int64(u.ID)}
	switch f.Sort {
	case UsersByID:
	case UsersByCreated:
		p.Key = strconv.FormatInt(u.CreatedAt.UnixMilli(), 10)
	case UsersByUpdated:
		p.Key = strconv.FormatInt(u.UpdatedAt.UnixMilli(), 10)
	default:
		p.Key = u.Name + "\n" + u.Email // who share a name come by address
	}
	return p
}

// Place tells where an organization stands in the filter's list.
func (f OrganizationFilter) Place(o *Organization) *Place {
	if f.Recent {
		return &Place{Key: strconv.FormatInt(o.UpdatedAt.UnixMilli(), 10), ID: int64(o.ID)}
	}
	return &Place{Key: o.Name, ID: int64(o.ID)}
}
