-- +goose Up

-- Lists of tickets that people come back to.
CREATE TABLE ticket_view (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    active      BOOLEAN NOT NULL,
    position    INTEGER NOT NULL, -- among the shared ones, or among those of the owner
    shipped     TEXT    NOT NULL, -- name of one that came with Tandem
    owner_id    BIGINT  NOT NULL, -- 0: shared
    teams       TEXT    NOT NULL, -- JSON; shared with these alone
    conditions  TEXT    NOT NULL, -- JSON
    columns     TEXT    NOT NULL, -- JSON
    sort        TEXT    NOT NULL,
    descending  BOOLEAN NOT NULL,
    grouped_by  TEXT    NOT NULL,
    group_down  BOOLEAN NOT NULL,
    saved_by    BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);
CREATE INDEX ticket_view_position ON ticket_view (position, id);

-- What an agent applies to a ticket at once.
CREATE TABLE macro (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    active      BOOLEAN NOT NULL,
    position    INTEGER NOT NULL,
    owner_id    BIGINT  NOT NULL, -- 0: shared
    teams       TEXT    NOT NULL, -- JSON; shared with these alone
    actions     TEXT    NOT NULL, -- JSON
    saved_by    BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL
);
CREATE INDEX macro_position ON macro (position, id);

-- Views that came with Tandem are added once, also where all of them have been deleted since.
CREATE TABLE shipped (
    what TEXT PRIMARY KEY
);

-- Which tickets have a tag; the database keeps it from ticket.tags.
CREATE TABLE ticket_tag (
    ticket_id BIGINT NOT NULL,
    tag       TEXT   NOT NULL,
    PRIMARY KEY (ticket_id, tag)
) WITHOUT ROWID;
CREATE INDEX ticket_tag_tag ON ticket_tag (tag, ticket_id);
INSERT INTO ticket_tag (ticket_id, tag) SELECT DISTINCT t.id, j.value FROM ticket t, json_each(t.tags) j;
-- +goose StatementBegin
CREATE TRIGGER ticket_tag_insert AFTER INSERT ON ticket WHEN NEW.tags <> '[]' BEGIN
    INSERT OR IGNORE INTO ticket_tag (ticket_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_tag_update AFTER UPDATE OF tags ON ticket WHEN OLD.tags <> NEW.tags BEGIN
    DELETE FROM ticket_tag WHERE ticket_id = OLD.id;
    INSERT OR IGNORE INTO ticket_tag (ticket_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_tag_delete AFTER DELETE ON ticket BEGIN
    DELETE FROM ticket_tag WHERE ticket_id = OLD.id;
END;
-- +goose StatementEnd

CREATE INDEX ticket_team ON ticket (team_id, status, updated_at, id);
CREATE INDEX ticket_solved ON ticket (solved_at, id);
