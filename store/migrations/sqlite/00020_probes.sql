-- +goose Up

-- Proofs that mail flows at an address.
CREATE TABLE probe (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    address_id  BIGINT NOT NULL,
    email       TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    token       TEXT   NOT NULL,
    question    BIGINT NOT NULL,
    answer      BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    hops        TEXT   NOT NULL, -- JSON
    trouble     TEXT   NOT NULL  -- JSON
);
CREATE INDEX probe_address ON probe (address_id, id);
CREATE INDEX mail_copy ON mail (original) WHERE original <> 0;
ALTER TABLE notification ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';
