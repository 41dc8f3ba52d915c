-- +goose Up

-- What people and organizations are tagged with; the database keeps it from their columns.
CREATE TABLE person_tag (
    person_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (person_id, tag)
);
CREATE INDEX person_tag_tag ON person_tag (tag, person_id);
INSERT INTO person_tag (person_id, tag) SELECT DISTINCT o.id, j.value FROM person o, jsonb_array_elements_text(o.tags::jsonb) AS j (value);
-- +goose StatementBegin
CREATE FUNCTION keep_person_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM person_tag WHERE person_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO person_tag (person_id, tag)
            SELECT NEW.id, j.value FROM jsonb_array_elements_text(NEW.tags::jsonb) AS j (value) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER person_tag_insert AFTER INSERT ON person FOR EACH ROW WHEN (NEW.tags <> '[]') EXECUTE FUNCTION keep_person_tags();
CREATE TRIGGER person_tag_update AFTER UPDATE OF tags ON person FOR EACH ROW WHEN (OLD.tags <> NEW.tags) EXECUTE FUNCTION keep_person_tags();
CREATE TRIGGER person_tag_delete AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION keep_person_tags();

CREATE TABLE organization_tag (
    organization_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (organization_id, tag)
);
CREATE INDEX organization_tag_tag ON organization_tag (tag, organization_id);
INSERT INTO organization_tag (organization_id, tag) SELECT DISTINCT o.id, j.value FROM organization o, jsonb_array_elements_text(o.tags::jsonb) AS j (value);
-- +goose StatementBegin
CREATE FUNCTION keep_organization_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM organization_tag WHERE organization_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO organization_tag (organization_id, tag)
            SELECT NEW.id, j.value FROM jsonb_array_elements_text(NEW.tags::jsonb) AS j (value) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER organization_tag_insert AFTER INSERT ON organization FOR EACH ROW WHEN (NEW.tags <> '[]') EXECUTE FUNCTION keep_organization_tags();
CREATE TRIGGER organization_tag_update AFTER UPDATE OF tags ON organization FOR EACH ROW WHEN (OLD.tags <> NEW.tags) EXECUTE FUNCTION keep_organization_tags();
CREATE TRIGGER organization_tag_delete AFTER DELETE ON organization FOR EACH ROW EXECUTE FUNCTION keep_organization_tags();
