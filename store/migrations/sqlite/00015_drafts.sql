-- +goose Up

-- What agents are writing and have not sent.
CREATE TABLE draft (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id   BIGINT NOT NULL,
    ticket_id BIGINT NOT NULL, -- 0: a ticket that is yet to be opened
    content   TEXT   NOT NULL, -- JSON
    saved_at  BIGINT NOT NULL,
    UNIQUE (user_id, ticket_id)
);

-- Who uploaded a file, and the draft that keeps it until a comment takes it; 0: nobody, none.
ALTER TABLE attachment ADD COLUMN uploaded_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attachment ADD COLUMN draft_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX attachment_draft ON attachment (draft_id) WHERE draft_id <> 0;
