-- +goose Up

-- What the scanner said of a file.
ALTER TABLE attachment ADD COLUMN scan TEXT NOT NULL DEFAULT 'not_scanned';
ALTER TABLE attachment ADD COLUMN finding TEXT NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN scanned_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX attachment_scan ON attachment (scan, id) WHERE scan IN ('waiting', 'failed', 'malware');
CREATE INDEX attachment_blob ON attachment (blob);
CREATE INDEX mail_blob ON mail (blob) WHERE blob <> '';

-- What administrators chose about files and images: one row, none before they chose.
CREATE TABLE file_settings (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    link_above     BIGINT  NOT NULL, -- bytes
    link_days      INTEGER NOT NULL,
    hold_unscanned BOOLEAN NOT NULL,
    remote_images  BOOLEAN NOT NULL
);

-- Files that left as links instead of attachments.
CREATE TABLE file_link (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    attachment_id BIGINT  NOT NULL REFERENCES attachment (id),
    comment_id    BIGINT  NOT NULL,
    hash          TEXT    NOT NULL UNIQUE, -- of the secret, by which it is found
    secret        TEXT    NOT NULL, -- sealed
    expires_at    BIGINT  NOT NULL,
    revoked_at    BIGINT  NOT NULL,
    downloads     INTEGER NOT NULL,
    downloaded_at BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL
);
CREATE INDEX file_link_comment ON file_link (comment_id, id);

-- Mails that were too large: their files stay at Microsoft until somebody fetches them.
CREATE TABLE set_aside (
    mail_id    BIGINT PRIMARY KEY,
    comment_id BIGINT NOT NULL UNIQUE,
    size       BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    error_code TEXT   NOT NULL,
    error      TEXT   NOT NULL,
    remedy     TEXT   NOT NULL
);

-- Remote images that somebody asked to see.
CREATE TABLE remote_image (
    hash         TEXT   PRIMARY KEY, -- of the address
    content_type TEXT   NOT NULL,
    blob         TEXT   NOT NULL,
    fetched_at   BIGINT NOT NULL
);
CREATE INDEX remote_image_age ON remote_image (fetched_at);
CREATE INDEX remote_image_blob ON remote_image (blob);

-- Blobs of which a reference was removed; perhaps nothing refers to them any more.
CREATE TABLE discarded_blob (
    blob  TEXT   PRIMARY KEY,
    since BIGINT NOT NULL
);
