-- +goose Up

-- CSV files that somebody imports, and what became of them.
CREATE TABLE csv_import (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token      TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL, -- users, organizations
    file_name  TEXT    NOT NULL,
    size       BIGINT  NOT NULL,
    blob       TEXT    NOT NULL,
    encoding   TEXT    NOT NULL, -- how it is read; empty before it has begun
    separator  TEXT    NOT NULL,
    job        TEXT    NOT NULL, -- key of the bulk work; empty before it has begun
    user_id    BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE INDEX csv_import_blob ON csv_import (blob);
