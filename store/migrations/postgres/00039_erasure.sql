-- +goose Up

-- Deleted permanently: nothing is left of the person but the id.
ALTER TABLE person ADD COLUMN erased BOOLEAN NOT NULL DEFAULT FALSE;
