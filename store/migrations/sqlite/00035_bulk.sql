-- +goose Up

-- Work on many records at once, and what became of each.
CREATE TABLE bulk (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT   NOT NULL UNIQUE,
    kind        TEXT   NOT NULL,
    args        TEXT   NOT NULL, -- JSON
    user_id     BIGINT NOT NULL,
    token_id    BIGINT NOT NULL,
    address     TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    total       BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    refused     BIGINT NOT NULL,
    code        TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE INDEX bulk_user ON bulk (user_id, id);
CREATE INDEX bulk_created ON bulk (created_at);

CREATE TABLE bulk_result (
    bulk_id   BIGINT NOT NULL REFERENCES bulk (id) ON DELETE CASCADE,
    item      BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    action    TEXT   NOT NULL,
    code      TEXT   NOT NULL,
    message   TEXT   NOT NULL,
    field     TEXT   NOT NULL,
    PRIMARY KEY (bulk_id, item)
);
