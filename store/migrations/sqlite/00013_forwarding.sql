-- +goose Up

-- Mail that is forwarded to us by SMTP, one row for each connection of that kind.
CREATE TABLE forwarding (
    connection_id BIGINT PRIMARY KEY REFERENCES connection (id),
    secret        TEXT   NOT NULL UNIQUE,
    former        TEXT   NOT NULL, -- the secret before it was renewed
    former_until  BIGINT NOT NULL,
    state         TEXT   NOT NULL,
    token         TEXT   NOT NULL,
    asked_at      BIGINT NOT NULL,
    verified_at   BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    closes_at     BIGINT NOT NULL
);
CREATE INDEX forwarding_former ON forwarding (former) WHERE former <> '';

-- What SMTP told of a forwarded mail. A connection gets the same content once.
CREATE TABLE envelope (
    connection_id BIGINT  NOT NULL,
    content       TEXT    NOT NULL, -- hash of the bytes as the peer sent them
    mail_id       BIGINT  NOT NULL,
    sender        TEXT    NOT NULL,
    peer          TEXT    NOT NULL,
    hello         TEXT    NOT NULL,
    tls           BOOLEAN NOT NULL,
    received_at   BIGINT  NOT NULL,
    PRIMARY KEY (connection_id, content)
);

-- The support address whose mail a connection brings: routes of one address know each other's mail.
ALTER TABLE connection ADD COLUMN serves TEXT NOT NULL DEFAULT '';
UPDATE connection SET serves = COALESCE((SELECT email FROM support_address WHERE connection_id = connection.id), email);
CREATE INDEX connection_serves ON connection (serves);

-- The connection that an address is changing to, while it does.
CREATE TABLE route_change (
    address_id    BIGINT PRIMARY KEY,
    connection_id BIGINT NOT NULL UNIQUE
);
