-- +goose Up

-- The addresses and numbers by which a person is known; the one that person.email holds is the primary one.
CREATE TABLE person_identity (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id  BIGINT  NOT NULL REFERENCES person (id),
    kind       TEXT    NOT NULL, -- 'email' or 'phone_number'
    value      TEXT    NOT NULL, -- lower case, or E.164
    verified   BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX person_identity_value ON person_identity (kind, value);
CREATE INDEX person_identity_person ON person_identity (person_id, id);
INSERT INTO person_identity (person_id, kind, value, verified, created_at)
    SELECT id, 'email', email, TRUE, created_at FROM person;

-- A person who was merged into another one keeps the row, so that old ids resolve and the merge can be undone.
ALTER TABLE person ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into <> 0;

-- What each merge moved.
CREATE TABLE person_merge (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id   BIGINT NOT NULL, -- who was merged into another one
    email       TEXT   NOT NULL, -- and what the primary address was
    into_id     BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    undone_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX person_merge_person ON person_merge (person_id) WHERE undone_at = 0;
CREATE TABLE person_merge_item (
    merge_id BIGINT NOT NULL REFERENCES person_merge (id),
    kind     TEXT   NOT NULL, -- 'requested', 'submitted', 'authored', 'copied', 'copied_both', 'identity', 'followed'
    item_id  BIGINT NOT NULL,
    PRIMARY KEY (merge_id, kind, item_id)
);
CREATE INDEX comment_author ON comment (author_id);
CREATE INDEX ticket_submitter ON ticket (submitter_id);
