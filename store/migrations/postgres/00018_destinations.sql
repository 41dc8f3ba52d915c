-- +goose Up

-- Which of several addresses takes a mail that was written to all of them.
CREATE TABLE destination_policy (
    id     INTEGER PRIMARY KEY,
    policy TEXT NOT NULL
);

-- Several outbound addresses may leave through one connection.
ALTER TABLE support_address DROP CONSTRAINT support_address_connection_id_key;
ALTER TABLE support_address ADD COLUMN outbound BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE support_address ADD COLUMN destination TEXT NOT NULL DEFAULT '';
ALTER TABLE support_address ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX support_address_connection ON support_address (connection_id) WHERE NOT outbound;

CREATE INDEX mail_handed_over ON mail (id) WHERE state = 'handed_over' AND original = 0;
DROP INDEX mail_unfiled;
CREATE INDEX mail_unfiled ON mail (connection_id, id)
    WHERE direction = 'in' AND filed_at = 0
    AND state IN ('ticketed', 'commented', 'flagged', 'duplicate', 'handed_over', 'ours', 'suspended', 'report', 'deleted');
