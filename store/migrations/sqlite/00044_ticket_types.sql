-- +goose Up

-- What kind of matter a ticket is, the problem behind an incident, and when a task is due.
ALTER TABLE ticket ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN problem_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX ticket_problem ON ticket (problem_id, status) WHERE problem_id <> 0;
CREATE INDEX ticket_type ON ticket (type, updated_at, id) WHERE type <> '';
