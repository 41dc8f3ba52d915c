-- +goose Up

-- Which of several addresses takes a mail that was written to all of them.
CREATE TABLE destination_policy (
    id     INTEGER PRIMARY KEY,
    policy TEXT NOT NULL
);

-- Several outbound addresses may leave through one connection.
CREATE TABLE new_support_address (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    email           TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    brand_id        BIGINT  NOT NULL REFERENCES brand (id),
    is_default      BOOLEAN NOT NULL,
    connection_id   BIGINT  NOT NULL REFERENCES connection (id),
    plus_addressing BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    aliases         TEXT    NOT NULL DEFAULT '',
    outbound        BOOLEAN NOT NULL DEFAULT FALSE,
    destination     TEXT    NOT NULL DEFAULT '',
    priority        INTEGER NOT NULL DEFAULT 0
);
INSERT INTO new_support_address (id, email, name, brand_id, is_default, connection_id, plus_addressing, created_at, updated_at, aliases)
    SELECT id, email, name, brand_id, is_default, connection_id, plus_addressing, created_at, updated_at, aliases FROM support_address;
DROP TABLE support_address;
ALTER TABLE new_support_address RENAME TO support_address;
CREATE UNIQUE INDEX support_address_default ON support_address (is_default) WHERE is_default;
CREATE UNIQUE INDEX support_address_connection ON support_address (connection_id) WHERE NOT outbound;

CREATE INDEX mail_handed_over ON mail (id) WHERE state = 'handed_over' AND original = 0;
DROP INDEX mail_unfiled;
CREATE INDEX mail_unfiled ON mail (connection_id, id)
    WHERE direction = 'in' AND filed_at = 0
    AND state IN ('ticketed', 'commented', 'flagged', 'duplicate', 'handed_over', 'ours', 'suspended', 'report', 'deleted');
