-- +goose Up

-- What people and organizations are tagged with; the database keeps it from their columns.
CREATE TABLE person_tag (
    person_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (person_id, tag)
) WITHOUT ROWID;
CREATE INDEX person_tag_tag ON person_tag (tag, person_id);
INSERT INTO person_tag (person_id, tag) SELECT DISTINCT o.id, j.value FROM person o, json_each(o.tags) j;
-- +goose StatementBegin
CREATE TRIGGER person_tag_insert AFTER INSERT ON person WHEN NEW.tags <> '[]' BEGIN
    INSERT OR IGNORE INTO person_tag (person_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER person_tag_update AFTER UPDATE OF tags ON person WHEN OLD.tags <> NEW.tags BEGIN
    DELETE FROM person_tag WHERE person_id = OLD.id;
    INSERT OR IGNORE INTO person_tag (person_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER person_tag_delete AFTER DELETE ON person BEGIN
    DELETE FROM person_tag WHERE person_id = OLD.id;
END;
-- +goose StatementEnd

CREATE TABLE organization_tag (
    organization_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (organization_id, tag)
) WITHOUT ROWID;
CREATE INDEX organization_tag_tag ON organization_tag (tag, organization_id);
INSERT INTO organization_tag (organization_id, tag) SELECT DISTINCT o.id, j.value FROM organization o, json_each(o.tags) j;
-- +goose StatementBegin
CREATE TRIGGER organization_tag_insert AFTER INSERT ON organization WHEN NEW.tags <> '[]' BEGIN
    INSERT OR IGNORE INTO organization_tag (organization_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_tag_update AFTER UPDATE OF tags ON organization WHEN OLD.tags <> NEW.tags BEGIN
    DELETE FROM organization_tag WHERE organization_id = OLD.id;
    INSERT OR IGNORE INTO organization_tag (organization_id, tag) SELECT NEW.id, value FROM json_each(NEW.tags);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER organization_tag_delete AFTER DELETE ON organization BEGIN
    DELETE FROM organization_tag WHERE organization_id = OLD.id;
END;
-- +goose StatementEnd
