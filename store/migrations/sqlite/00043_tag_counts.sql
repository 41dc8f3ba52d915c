-- +goose Up

-- How many tickets have a tag, kept by triggers as ticket_tag changes.
CREATE TABLE tag_count (
    tag   TEXT    NOT NULL,
    shard INTEGER NOT NULL, -- spreads concurrent writers; the sum counts
    n     BIGINT  NOT NULL,
    PRIMARY KEY (tag, shard)
) WITHOUT ROWID;
INSERT INTO tag_count (tag, shard, n) SELECT tag, 0, COUNT(*) FROM ticket_tag GROUP BY tag;
-- +goose StatementBegin
CREATE TRIGGER tag_count_insert AFTER INSERT ON ticket_tag BEGIN
    INSERT INTO tag_count (tag, shard, n) VALUES (NEW.tag, 0, 1) ON CONFLICT (tag, shard) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tag_count_delete AFTER DELETE ON ticket_tag BEGIN
    UPDATE tag_count SET n = n - 1 WHERE tag = OLD.tag AND shard = 0;
    DELETE FROM tag_count WHERE tag = OLD.tag AND shard = 0 AND n = 0;
END;
-- +goose StatementEnd

-- Tags that a ticket keeps are left alone.
DROP TRIGGER ticket_tag_update;
-- +goose StatementBegin
CREATE TRIGGER ticket_tag_update AFTER UPDATE OF tags ON ticket WHEN OLD.tags <> NEW.tags BEGIN
    DELETE FROM ticket_tag WHERE ticket_id = OLD.id AND tag NOT IN (SELECT value FROM json_each(NEW.tags));
    INSERT OR IGNORE INTO ticket_tag (ticket_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
