-- +goose Up

-- Microsoft tenants: app registrations and their credentials.
CREATE TABLE microsoft_tenant (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT   NOT NULL,
    directory  TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (directory, client_id)
);

CREATE TABLE tenant_credential (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id   BIGINT NOT NULL REFERENCES microsoft_tenant (id),
    kind        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    hint        TEXT   NOT NULL,
    secret      TEXT   NOT NULL, -- sealed
    certificate TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL,
    tried_at    BIGINT NOT NULL,
    error_code  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX tenant_credential_tenant ON tenant_credential (tenant_id, id);

-- Which registration opens a mailbox, which folder is read, and what becomes of what was read.
ALTER TABLE connection ADD COLUMN microsoft_tenant_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN folder TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN folder_name TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN subfolders BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE connection ADD COLUMN afterwards TEXT NOT NULL DEFAULT 'move';
