-- +goose Up

-- What is due by a time. Few tickets are tasks with one.
CREATE INDEX ticket_due ON ticket (due_at, id) WHERE due_at <> 0;
