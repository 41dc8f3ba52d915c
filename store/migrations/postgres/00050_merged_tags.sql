-- +goose Up

-- The tags that a merge gave to the one who is left.
ALTER TABLE person_merge ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
