-- +goose Up

-- Lists of people can be sorted by when they were added.
CREATE INDEX person_created ON person (created_at, id);
