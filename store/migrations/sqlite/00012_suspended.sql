-- +goose Up

-- Suspended mail: kept and explained, but no ticket until a person says so.
ALTER TABLE mail ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN excerpt TEXT NOT NULL DEFAULT '';
ALTER TABLE comment ADD COLUMN mail_facts TEXT NOT NULL DEFAULT ''; -- JSON; empty: came by no mail

CREATE TABLE mail_policy (
    id         BIGINT PRIMARY KEY, -- always 1
    policy     TEXT   NOT NULL,    -- JSON
    updated_at BIGINT NOT NULL
);

-- Senders on the lists: trusted, blocked, without a limit per hour.
CREATE TABLE sender_rule (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    list       TEXT    NOT NULL,
    pattern    TEXT    NOT NULL, -- an address, or a domain with all below it
    learned    BOOLEAN NOT NULL,
    created_by BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    UNIQUE (pattern, list)
);

-- Whom an outgoing mail did not reach.
CREATE TABLE bounce (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id    BIGINT NOT NULL,
    report_id  BIGINT NOT NULL,
    recipient  TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    diagnostic TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    UNIQUE (mail_id, recipient)
);

-- What is suspended, reported or deleted is filed at Microsoft too, and a
-- further copy of a suspended mail is a duplicate.
DROP INDEX mail_unfiled;
CREATE INDEX mail_unfiled ON mail (connection_id, id)
    WHERE direction = 'in' AND filed_at = 0
    AND state IN ('ticketed', 'commented', 'flagged', 'duplicate', 'ours', 'suspended', 'report', 'deleted');
DROP INDEX mail_original;
CREATE UNIQUE INDEX mail_original ON mail (connection_id, dedupe_key)
    WHERE direction = 'in' AND dedupe_key <> '' AND state IN ('ticketed', 'commented', 'flagged', 'suspended', 'report');

CREATE INDEX mail_taken ON mail (from_email, received_at) WHERE direction = 'in' AND state IN ('ticketed', 'commented', 'flagged');
CREATE INDEX mail_mark ON mail (mark) WHERE mark <> '';
CREATE INDEX mail_sent_id ON mail (message_id) WHERE direction = 'out' AND message_id <> '';
