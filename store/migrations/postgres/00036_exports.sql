-- +goose Up

-- When a row was last written, whatever the change is dated: exports go by it, so that mail that is
-- brought in from before is exported, too.
ALTER TABLE ticket ADD COLUMN generated_at BIGINT NOT NULL DEFAULT 0;
UPDATE ticket SET generated_at = updated_at;
CREATE INDEX ticket_generated ON ticket (generated_at, id);
CREATE INDEX person_updated ON person (updated_at, id);

-- What programs were answered that named their request with an Idempotency-Key.
CREATE TABLE remembered_answer (
    user_id  BIGINT NOT NULL,
    key      TEXT   NOT NULL,
    request  TEXT   NOT NULL, -- hash of what was asked
    status   BIGINT NOT NULL, -- 0: it is being worked on
    location TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX remembered_answer_at ON remembered_answer (at);
