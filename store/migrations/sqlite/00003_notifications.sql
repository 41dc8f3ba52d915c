-- +goose Up

-- What mails say that belong to no comment.
CREATE TABLE notification (
    mail_id          BIGINT  PRIMARY KEY,
    notification_key TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    ticket_id        BIGINT  NOT NULL,
    recipient        TEXT    NOT NULL, -- the first one
    auto             BOOLEAN NOT NULL, -- answers a mail automatically
    subject          TEXT    NOT NULL,
    text             TEXT    NOT NULL,
    html             TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL
);
CREATE UNIQUE INDEX notification_once ON notification (notification_key) WHERE notification_key <> '';
CREATE INDEX notification_auto ON notification (recipient, created_at) WHERE auto;

DROP INDEX mail_outgoing;
CREATE UNIQUE INDEX mail_outgoing ON mail (comment_id) WHERE direction = 'out' AND comment_id <> 0;
