package desk

import (
	"context"
	"strings"

	"tandem/access"
)

// TagCount is a tag with how many tickets have it.
type TagCount struct {
	Tag     string
	Tickets int
}

// TagFilter chooses tags, the most used first.
type TagFilter struct {
	Within string    // a text that they contain, and first of all begin with
	After  *TagCount // only those behind it; not with Within
	Before *TagCount // without After, only those right before it; not with Within
	Limit  int
}

// TagTx tells which tags there are. The store counts them as tickets change.
type TagTx interface {
	ListTags(context.Context, TagFilter) ([]TagCount, error)
	CountTags(context.Context) (int, error)
}

// Tags lists the tags of all tickets.
func (s *Service) Tags(ctx context.Context, by access.Actor, f TagFilter) (tags []TagCount, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	f.Within = strings.Join(NormalizeTags([]string{f.Within}), "")
	err = s.store.View(ctx, func(tx Tx) error {
		tags, err = tx.ListTags(ctx, f)
		return err
	})
	return tags, err
}

// CountTags counts them.
func (s *Service) CountTags(ctx context.Context, by access.Actor) (n int, err error) {
	if err := by.MustWork(); err != nil {
		return 0, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		n, err = tx.CountTags(ctx)
		return err
	})
	return n, err
}
