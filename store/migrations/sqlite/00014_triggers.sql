-- +goose Up

-- Rules that act when a ticket is created or changed.
CREATE TABLE ticket_trigger (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    active      BOOLEAN NOT NULL,
    position    INTEGER NOT NULL,
    shipped     BOOLEAN NOT NULL,
    conditions  TEXT    NOT NULL, -- JSON
    actions     TEXT    NOT NULL, -- JSON
    saved_by    BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);
CREATE INDEX ticket_trigger_position ON ticket_trigger (position, id);

-- Grows with every change of a trigger, so that what is kept in memory is known to be old.
CREATE TABLE trigger_revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    n  BIGINT  NOT NULL
);
INSERT INTO trigger_revision (id, n) VALUES (1, 0);

-- Each time that a trigger fired; rows of their own, so that changes of tickets do not wait for each other.
CREATE TABLE trigger_firing (
    trigger_id BIGINT NOT NULL,
    ticket_id  BIGINT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX trigger_firing_at ON trigger_firing (at, trigger_id);

-- Every change of a ticket: who, when, and what happened.
CREATE TABLE ticket_audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id  BIGINT NOT NULL REFERENCES ticket (id),
    author_id  BIGINT NOT NULL, -- 0: Tandem itself
    via        TEXT   NOT NULL,
    comment_id BIGINT NOT NULL, -- 0: nothing was said
    events     TEXT   NOT NULL, -- JSON
    created_at BIGINT NOT NULL
);
CREATE INDEX ticket_audit_ticket ON ticket_audit (ticket_id, id);
