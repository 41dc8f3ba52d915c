-- +goose Up

-- Folders below the one that a connection reads. Microsoft tells of changes
-- folder by folder, so each has a cursor of its own; that of the chosen folder
-- stays with the connection.
CREATE TABLE connection_folder (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id BIGINT NOT NULL REFERENCES connection (id),
    folder        TEXT   NOT NULL, -- its id at Microsoft
    path          TEXT   NOT NULL,
    delta_cursor  TEXT   NOT NULL,
    UNIQUE (connection_id, folder)
);
ALTER TABLE connection ADD COLUMN subfolders_since BIGINT NOT NULL DEFAULT 0;

-- When a reading last found mail that a notification should have told of.
ALTER TABLE connection ADD COLUMN push_late_at BIGINT NOT NULL DEFAULT 0;

-- Further addresses of the mailbox, and when Microsoft was last asked for them.
ALTER TABLE support_address ADD COLUMN aliases TEXT NOT NULL DEFAULT ''; -- separated by blanks
ALTER TABLE connection ADD COLUMN aliases_at BIGINT NOT NULL DEFAULT 0;

-- What was done with a mail at Microsoft; empty: marked read and moved.
ALTER TABLE mail ADD COLUMN filed_as TEXT NOT NULL DEFAULT '';
