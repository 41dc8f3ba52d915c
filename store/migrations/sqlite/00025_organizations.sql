-- +goose Up

-- Companies and other bodies to which requesters belong.
CREATE TABLE organization (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL,
    folded          TEXT    NOT NULL UNIQUE, -- the name as it is searched, sorted and told apart
    external_id     TEXT    NOT NULL DEFAULT '',
    details         TEXT    NOT NULL DEFAULT '',
    notes           TEXT    NOT NULL DEFAULT '',
    tags            TEXT    NOT NULL DEFAULT '[]', -- JSON
    domains         TEXT    NOT NULL DEFAULT '[]', -- JSON, in the order in which they were given
    shared_tickets  BOOLEAN NOT NULL DEFAULT FALSE,
    shared_comments BOOLEAN NOT NULL DEFAULT FALSE,
    team_id         BIGINT  NOT NULL DEFAULT 0,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL
);
CREATE UNIQUE INDEX organization_external ON organization (external_id) WHERE external_id <> '';
CREATE INDEX organization_updated ON organization (updated_at, id);

-- Who writes from a domain belongs to its organization.
CREATE TABLE organization_domain (
    domain          TEXT   PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organization (id)
);
CREATE INDEX organization_domain_organization ON organization_domain (organization_id);

-- Who belongs to which organization or team: one of the two, the other is 0.
CREATE TABLE membership (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id       BIGINT NOT NULL REFERENCES person (id),
    organization_id BIGINT NOT NULL,
    team_id         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    CHECK ((organization_id = 0) <> (team_id = 0)),
    UNIQUE (person_id, organization_id, team_id)
);
CREATE INDEX membership_organization ON membership (organization_id, id) WHERE organization_id <> 0;
CREATE INDEX membership_team ON membership (team_id, id) WHERE team_id <> 0;

-- Of a person's organizations and teams, the ones that count when nobody says which; 0: there are none.
ALTER TABLE person ADD COLUMN organization_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN team_id BIGINT NOT NULL DEFAULT 0;

ALTER TABLE team ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE team ADD COLUMN is_default BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE team ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0; -- closed tickets still name it
CREATE UNIQUE INDEX team_default ON team (is_default) WHERE is_default;

ALTER TABLE ticket ADD COLUMN organization_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX ticket_organization ON ticket (organization_id, updated_at, id) WHERE organization_id <> 0;
CREATE INDEX ticket_of_team ON ticket (team_id, id) WHERE team_id <> 0;

-- The part behind the @ of an address, so that the people of a domain are found.
ALTER TABLE person_identity ADD COLUMN domain TEXT NOT NULL DEFAULT '';
UPDATE person_identity SET domain = substr(value, instr(value, '@') + 1) WHERE kind = 'email';
CREATE INDEX person_identity_domain ON person_identity (domain, person_id) WHERE domain <> '';
