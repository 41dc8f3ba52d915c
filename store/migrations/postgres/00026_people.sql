-- +goose Up

-- What is known of a person besides name and address.
ALTER TABLE person ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN alias TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'; -- JSON
ALTER TABLE person ADD COLUMN verified BOOLEAN NOT NULL DEFAULT TRUE; -- the primary address is
ALTER TABLE person ADD COLUMN last_login_at BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX person_external ON person (external_id) WHERE external_id <> '';
CREATE INDEX person_suspended ON person (folded, id) WHERE suspended;

-- A deleted person keeps the row, since tickets name it, and gives all addresses free.
ALTER TABLE person ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0; -- asked to be deleted permanently
ALTER TABLE person ADD COLUMN former TEXT NOT NULL DEFAULT '[]'; -- JSON: the addresses and numbers, the primary address first
CREATE INDEX person_deleted ON person (folded, id) WHERE deleted_at <> 0;

ALTER TABLE brand ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE brand ADD COLUMN logo_blob TEXT NOT NULL DEFAULT '';
ALTER TABLE brand ADD COLUMN logo_type TEXT NOT NULL DEFAULT ''; -- image/png or image/jpeg
