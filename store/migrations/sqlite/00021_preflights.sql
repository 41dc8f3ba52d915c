-- +goose Up

-- The latest look at what each address needs at Microsoft.
CREATE TABLE preflight (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    address_id  BIGINT NOT NULL UNIQUE,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    checks      TEXT   NOT NULL -- JSON
);
