-- +goose Up

-- A merged ticket is closed and points to the one that goes on.
ALTER TABLE ticket ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
CREATE INDEX ticket_merged ON ticket (merged_into, id) WHERE merged_into <> 0;

-- A deleted ticket has the status 'deleted' and keeps the one that it had, so that it can be restored.
ALTER TABLE ticket ADD COLUMN deleted_from TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN deleted_by BIGINT NOT NULL DEFAULT 0;

-- Solved tickets close by themselves, those first that were solved first.
CREATE INDEX ticket_closing ON ticket (status, solved_at, id) WHERE status = 'solved';

-- What administrators chose about the life of tickets: one row, none before they chose.
CREATE TABLE ticket_settings (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    close_after_days INTEGER NOT NULL -- 0: never
);

-- A ticket that is deleted for good takes its Message-IDs along.
CREATE INDEX thread_reference_ticket ON thread_reference (ticket_id);
