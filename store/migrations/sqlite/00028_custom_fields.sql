-- +goose Up

-- What an organisation wants to know of its tickets, people and organizations besides.
CREATE TABLE custom_field (
    id                INTEGER PRIMARY KEY AUTOINCREMENT, -- below 1000 are the system fields of tickets
    owner             TEXT    NOT NULL, -- 'ticket', 'user' or 'organization'
    type              TEXT    NOT NULL,
    title             TEXT    NOT NULL,
    description       TEXT    NOT NULL,
    agent_description TEXT    NOT NULL,
    field_key         TEXT    NOT NULL, -- of people and organizations
    active            BOOLEAN NOT NULL,
    position          INTEGER NOT NULL,
    required          BOOLEAN NOT NULL,
    portal_title      TEXT    NOT NULL,
    portal_visible    BOOLEAN NOT NULL,
    portal_editable   BOOLEAN NOT NULL,
    portal_required   BOOLEAN NOT NULL,
    tag               TEXT    NOT NULL,
    pattern           TEXT    NOT NULL,
    concealed         BOOLEAN NOT NULL DEFAULT FALSE, -- deleted; its values are being removed
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL
);
CREATE INDEX custom_field_position ON custom_field (owner, position, id) WHERE NOT concealed;
CREATE UNIQUE INDEX custom_field_key ON custom_field (owner, field_key) WHERE field_key <> '' AND NOT concealed;

CREATE TABLE custom_field_option (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    field_id   BIGINT  NOT NULL REFERENCES custom_field (id),
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    is_default BOOLEAN NOT NULL
);
CREATE INDEX custom_field_option_field ON custom_field_option (field_id, position);

-- Grows with every change of a field, so that what is kept in memory is known to be old.
CREATE TABLE custom_field_revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    n  BIGINT  NOT NULL
);
INSERT INTO custom_field_revision (id, n) VALUES (1, 1);

-- The values, one row for each; several for a field with several chosen options.
CREATE TABLE field_value (
    owner    TEXT    NOT NULL, -- as in custom_field
    owner_id BIGINT  NOT NULL,
    field_id BIGINT  NOT NULL REFERENCES custom_field (id),
    place    INTEGER NOT NULL, -- among several options
    value    TEXT    NOT NULL,
    folded   TEXT    NOT NULL, -- as it is compared
    number   REAL   ,         -- of numbers and dates: as they are compared; otherwise NULL
    PRIMARY KEY (owner, owner_id, field_id, place)
) WITHOUT ROWID;
CREATE INDEX field_value_text ON field_value (field_id, folded, owner_id);
CREATE INDEX field_value_number ON field_value (field_id, number, owner_id) WHERE number IS NOT NULL;

INSERT INTO sqlite_sequence (name, seq) VALUES ('custom_field', 1000);
