-- +goose Up

-- How many tickets have a tag, kept by triggers as ticket_tag changes.
CREATE TABLE tag_count (
    tag   TEXT    NOT NULL,
    shard INTEGER NOT NULL, -- spreads concurrent writers; the sum counts
    n     BIGINT  NOT NULL,
    PRIMARY KEY (tag, shard)
);
INSERT INTO tag_count (tag, shard, n) SELECT tag, 0, COUNT(*) FROM ticket_tag GROUP BY tag;
-- +goose StatementBegin
CREATE FUNCTION count_tags() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    -- Always in the same order: fewer deadlocks.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tag_count AS c (tag, shard, n)
            SELECT tag, pg_backend_pid() % 16, COUNT(*) FROM added GROUP BY tag ORDER BY tag
            ON CONFLICT (tag, shard) DO UPDATE SET n = c.n + excluded.n;
    ELSE
        INSERT INTO tag_count AS c (tag, shard, n)
            SELECT tag, pg_backend_pid() % 16, -COUNT(*) FROM removed GROUP BY tag ORDER BY tag
            ON CONFLICT (tag, shard) DO UPDATE SET n = c.n + excluded.n;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER tag_count_insert AFTER INSERT ON ticket_tag
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_tags();
CREATE TRIGGER tag_count_delete AFTER DELETE ON ticket_tag
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_tags();

-- Tags that a ticket keeps are left alone.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_ticket_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM ticket_tag WHERE ticket_id = OLD.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM ticket_tag WHERE ticket_id = OLD.id AND tag NOT IN (SELECT jsonb_array_elements_text(NEW.tags::jsonb));
    END IF;
    INSERT INTO ticket_tag (ticket_id, tag)
        SELECT NEW.id, j.value FROM jsonb_array_elements_text(NEW.tags::jsonb) AS j (value) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
