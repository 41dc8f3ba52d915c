-- +goose Up
CREATE TABLE person (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL,
    locale     TEXT    NOT NULL DEFAULT '',
    time_zone  TEXT    NOT NULL DEFAULT '',
    signature  TEXT    NOT NULL DEFAULT '',
    suspended  BOOLEAN NOT NULL DEFAULT FALSE,
    folded     TEXT    NOT NULL, -- name and address as they are searched and sorted
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE INDEX person_folded ON person (folded, id);
CREATE INDEX person_role ON person (role, folded, id);

CREATE TABLE brand (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    is_default BOOLEAN NOT NULL DEFAULT FALSE,
    signature  TEXT    NOT NULL DEFAULT '',
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX brand_default ON brand (is_default) WHERE is_default;

CREATE TABLE team (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- access
CREATE TABLE credential (
    person_id     BIGINT PRIMARY KEY REFERENCES person (id),
    password_hash TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL
);

CREATE TABLE browser_session (
    token      TEXT   PRIMARY KEY, -- hash of what the cookie carries
    data       BLOB   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX browser_session_expiry ON browser_session (expires_at);

CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    hint         TEXT   NOT NULL, -- last characters, so that people recognise it
    created_by   BIGINT NOT NULL REFERENCES person (id),
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE setup_link (
    hash       TEXT   PRIMARY KEY,
    person_id  BIGINT NOT NULL DEFAULT 0, -- whose password it sets; 0: creates the first administrator
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE login_throttle (
    subject      TEXT    PRIMARY KEY, -- "account:..." or "address:..."
    failures     INTEGER NOT NULL,
    window_start BIGINT  NOT NULL,
    locked_until BIGINT  NOT NULL
);

CREATE TABLE audit_entry (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    address  TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    object   TEXT   NOT NULL,
    subject  BIGINT NOT NULL,
    label    TEXT   NOT NULL,
    before   TEXT   NOT NULL,
    after    TEXT   NOT NULL
);
CREATE INDEX audit_entry_object ON audit_entry (object, subject, id);

-- job
CREATE TABLE job (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL,
    args         TEXT    NOT NULL,
    unique_key   TEXT    NOT NULL DEFAULT '',
    state        TEXT    NOT NULL,
    run_at       BIGINT  NOT NULL,
    attempt      INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    worker       TEXT    NOT NULL DEFAULT '',
    lease_until  BIGINT  NOT NULL DEFAULT 0,
    error_code   TEXT    NOT NULL DEFAULT '',
    error        TEXT    NOT NULL DEFAULT '',
    cause        TEXT    NOT NULL DEFAULT '',
    created_at   BIGINT  NOT NULL,
    finished_at  BIGINT  NOT NULL DEFAULT 0
);
CREATE INDEX job_state ON job (state, run_at, id);
-- Of the jobs with one key, one may wait beside one that runs.
CREATE UNIQUE INDEX job_waiting_key ON job (kind, unique_key) WHERE state = 'waiting' AND unique_key <> '';
CREATE UNIQUE INDEX job_running_key ON job (kind, unique_key) WHERE state = 'running' AND unique_key <> '';
CREATE INDEX job_finished ON job (finished_at) WHERE state IN ('completed', 'cancelled');

CREATE TABLE job_schedule (
    name    TEXT   PRIMARY KEY,
    next_at BIGINT NOT NULL
);

-- email: addresses and connections
CREATE TABLE connection (
    id                      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind                    TEXT    NOT NULL,
    state                   TEXT    NOT NULL,
    email                   TEXT    NOT NULL,
    tenant_id               TEXT    NOT NULL,
    user_id                 TEXT    NOT NULL,
    created_at              BIGINT  NOT NULL,
    updated_at              BIGINT  NOT NULL,
    refresh_token           TEXT    NOT NULL, -- sealed
    scopes                  TEXT    NOT NULL, -- JSON
    token_at                BIGINT  NOT NULL,
    authorized_at           BIGINT  NOT NULL,
    since                   BIGINT  NOT NULL,
    delta_cursor            TEXT    NOT NULL,
    kicked_at               BIGINT  NOT NULL DEFAULT 0,
    synced_at               BIGINT  NOT NULL,
    next_sync_at            BIGINT  NOT NULL,
    last_mail_at            BIGINT  NOT NULL,
    reconciled_at           BIGINT  NOT NULL,
    reconcile_found         INTEGER NOT NULL,
    lease_owner             TEXT    NOT NULL DEFAULT '',
    lease_until             BIGINT  NOT NULL DEFAULT 0,
    waiting_until           BIGINT  NOT NULL,
    error_code              TEXT    NOT NULL,
    error                   TEXT    NOT NULL,
    error_side              TEXT    NOT NULL,
    error_remedy            TEXT    NOT NULL,
    error_at                BIGINT  NOT NULL,
    subscription_id         TEXT    NOT NULL,
    subscription_secret     TEXT    NOT NULL, -- sealed
    subscription_expires_at BIGINT  NOT NULL,
    notified_at             BIGINT  NOT NULL,
    push_error              TEXT    NOT NULL
);
CREATE UNIQUE INDEX connection_mailbox ON connection (tenant_id, user_id) WHERE state <> 'authorizing';
CREATE UNIQUE INDEX connection_subscription ON connection (subscription_id) WHERE subscription_id <> '';

CREATE TABLE support_address (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    email           TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    brand_id        BIGINT  NOT NULL REFERENCES brand (id),
    is_default      BOOLEAN NOT NULL,
    connection_id   BIGINT  NOT NULL UNIQUE REFERENCES connection (id),
    plus_addressing BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL
);
CREATE UNIQUE INDEX support_address_default ON support_address (is_default) WHERE is_default;

-- desk
CREATE TABLE ticket (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    subject        TEXT    NOT NULL,
    folded         TEXT    NOT NULL, -- the subject as it is searched and sorted
    status         TEXT    NOT NULL,
    priority       TEXT    NOT NULL,
    requester_id   BIGINT  NOT NULL REFERENCES person (id),
    submitter_id   BIGINT  NOT NULL REFERENCES person (id),
    assignee_id    BIGINT  NOT NULL DEFAULT 0,
    team_id        BIGINT  NOT NULL DEFAULT 0,
    brand_id       BIGINT  NOT NULL REFERENCES brand (id),
    recipient      TEXT    NOT NULL,
    via            TEXT    NOT NULL,
    tags           TEXT    NOT NULL, -- JSON
    follow_up_of   BIGINT  NOT NULL DEFAULT 0,
    external_id    TEXT    NOT NULL DEFAULT '',
    reply_token    TEXT    NOT NULL UNIQUE,
    imported       BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    solved_at      BIGINT  NOT NULL DEFAULT 0,
    first_reply_at BIGINT  NOT NULL DEFAULT 0,
    version        BIGINT  NOT NULL,
    -- The orders of life and of urgency, by which lists are sorted.
    status_rank    INTEGER GENERATED ALWAYS AS (CASE status WHEN 'new' THEN 1 WHEN 'open' THEN 2 WHEN 'pending' THEN 3
        WHEN 'hold' THEN 4 WHEN 'solved' THEN 5 ELSE 6 END) STORED,
    priority_rank  INTEGER GENERATED ALWAYS AS (CASE priority WHEN 'low' THEN 1 WHEN 'normal' THEN 2 WHEN 'high' THEN 3
        WHEN 'urgent' THEN 4 ELSE 0 END) STORED
);
CREATE INDEX ticket_updated ON ticket (updated_at, id);
CREATE INDEX ticket_created ON ticket (created_at, id);
CREATE INDEX ticket_folded ON ticket (folded, id);
CREATE INDEX ticket_status ON ticket (status, updated_at, id);
CREATE INDEX ticket_requester ON ticket (requester_id, updated_at, id);
CREATE INDEX ticket_assignee ON ticket (assignee_id, status, updated_at, id);
CREATE INDEX ticket_follow_up ON ticket (follow_up_of, id) WHERE follow_up_of <> 0;
CREATE INDEX ticket_external ON ticket (external_id) WHERE external_id <> '';
CREATE INDEX ticket_status_rank ON ticket (status_rank, id);
CREATE INDEX ticket_priority_rank ON ticket (priority_rank, id);

-- How many tickets there are, kept by triggers: counting a million rows takes too long for a page.
CREATE TABLE ticket_count (
    brand_id BIGINT  NOT NULL,
    status   TEXT    NOT NULL,
    shard    INTEGER NOT NULL, -- spreads concurrent writers; the sum counts
    n        BIGINT  NOT NULL,
    PRIMARY KEY (brand_id, status, shard)
);
-- +goose StatementBegin
CREATE TRIGGER ticket_count_insert AFTER INSERT ON ticket BEGIN
    INSERT INTO ticket_count (brand_id, status, shard, n) VALUES (NEW.brand_id, NEW.status, 0, 1)
        ON CONFLICT (brand_id, status, shard) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_count_delete AFTER DELETE ON ticket BEGIN
    UPDATE ticket_count SET n = n - 1 WHERE brand_id = OLD.brand_id AND status = OLD.status AND shard = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_count_update AFTER UPDATE OF brand_id, status ON ticket
WHEN OLD.brand_id <> NEW.brand_id OR OLD.status <> NEW.status BEGIN
    UPDATE ticket_count SET n = n - 1 WHERE brand_id = OLD.brand_id AND status = OLD.status AND shard = 0;
    INSERT INTO ticket_count (brand_id, status, shard, n) VALUES (NEW.brand_id, NEW.status, 0, 1)
        ON CONFLICT (brand_id, status, shard) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

CREATE TABLE ticket_cc (
    ticket_id BIGINT NOT NULL REFERENCES ticket (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (ticket_id, person_id)
);
CREATE INDEX ticket_cc_person ON ticket_cc (person_id);

CREATE TABLE ticket_sibling (
    ticket_id  BIGINT NOT NULL REFERENCES ticket (id),
    sibling_id BIGINT NOT NULL REFERENCES ticket (id),
    PRIMARY KEY (ticket_id, sibling_id)
);

CREATE TABLE comment (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id         BIGINT  NOT NULL REFERENCES ticket (id),
    author_id         BIGINT  NOT NULL REFERENCES person (id),
    public            BOOLEAN NOT NULL,
    text              TEXT    NOT NULL,
    html              TEXT    NOT NULL,
    quoted_text       TEXT    NOT NULL,
    quoted_html       TEXT    NOT NULL,
    has_remote_images BOOLEAN NOT NULL,
    via               TEXT    NOT NULL,
    mail_id           BIGINT  NOT NULL DEFAULT 0,
    flag              TEXT    NOT NULL DEFAULT '',
    ccs               TEXT    NOT NULL DEFAULT '[]', -- JSON
    created_at        BIGINT  NOT NULL
);
CREATE INDEX comment_ticket ON comment (ticket_id, created_at, id);
CREATE INDEX comment_flagged ON comment (ticket_id) WHERE flag <> '';

CREATE TABLE attachment (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    comment_id   BIGINT  NOT NULL DEFAULT 0,
    upload_token TEXT    NOT NULL DEFAULT '',
    file_name    TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    size         BIGINT  NOT NULL,
    blob         TEXT    NOT NULL,
    inline       BOOLEAN NOT NULL,
    content_id   TEXT    NOT NULL,
    secret       TEXT    NOT NULL UNIQUE,
    created_at   BIGINT  NOT NULL
);
CREATE INDEX attachment_comment ON attachment (comment_id, id);
CREATE INDEX attachment_upload ON attachment (upload_token, id) WHERE upload_token <> '';

-- email: the ledger
CREATE TABLE mail (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id   BIGINT  NOT NULL,
    direction       TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    microsoft_id    TEXT    NOT NULL,
    message_id      TEXT    NOT NULL,
    dedupe_key      TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    folded          TEXT    NOT NULL, -- subject, sender, recipients and Message-ID as they are searched
    from_name       TEXT    NOT NULL,
    from_email      TEXT    NOT NULL,
    recipients      TEXT    NOT NULL, -- JSON: {"to":[],"cc":[]}
    size            BIGINT  NOT NULL,
    blob            TEXT    NOT NULL,
    noticed_by      TEXT    NOT NULL,
    imported        BOOLEAN NOT NULL,
    received_at     BIGINT  NOT NULL,
    noticed_at      BIGINT  NOT NULL,
    fetched_at      BIGINT  NOT NULL,
    stored_at       BIGINT  NOT NULL,
    decided_at      BIGINT  NOT NULL,
    filed_at        BIGINT  NOT NULL,
    confirmed_at    BIGINT  NOT NULL,
    rule            TEXT    NOT NULL,
    evidence        TEXT    NOT NULL, -- JSON
    ticket_id       BIGINT  NOT NULL,
    comment_id      BIGINT  NOT NULL,
    original        BIGINT  NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT  NOT NULL,
    error_code      TEXT    NOT NULL,
    error           TEXT    NOT NULL,
    error_side      TEXT    NOT NULL,
    error_remedy    TEXT    NOT NULL,
    mark            TEXT    NOT NULL,
    updated_at      BIGINT  NOT NULL
);
-- A mail of a mailbox is in the ledger exactly once, by whatever route it was noticed.
CREATE UNIQUE INDEX mail_microsoft ON mail (connection_id, microsoft_id) WHERE microsoft_id <> '';
-- Of several copies of one mail in a mailbox exactly one counts.
CREATE UNIQUE INDEX mail_original ON mail (connection_id, dedupe_key)
    WHERE direction = 'in' AND dedupe_key <> '' AND state IN ('ticketed', 'commented', 'flagged');
CREATE INDEX mail_dedupe ON mail (dedupe_key) WHERE dedupe_key <> '';
-- A public comment leaves as exactly one mail.
CREATE UNIQUE INDEX mail_outgoing ON mail (comment_id) WHERE direction = 'out';
CREATE INDEX mail_ticket ON mail (ticket_id, id) WHERE ticket_id <> 0;
CREATE INDEX mail_state ON mail (state, id);
CREATE INDEX mail_unfetched ON mail (connection_id, received_at, id) WHERE state = 'noticed';
CREATE INDEX mail_unfiled ON mail (connection_id, id)
    WHERE direction = 'in' AND filed_at = 0 AND state IN ('ticketed', 'commented', 'flagged', 'duplicate', 'ours');
CREATE INDEX mail_noticed ON mail (connection_id, noticed_at);
CREATE INDEX mail_sent ON mail (connection_id, filed_at) WHERE direction = 'out';

CREATE TABLE mail_attempt (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    step    TEXT   NOT NULL,
    outcome TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX mail_attempt_mail ON mail_attempt (mail_id, id);

-- Which ticket a Message-ID belongs to, of mails in and out.
CREATE TABLE thread_reference (
    message_id TEXT   NOT NULL, -- a hash when it is longer than an index holds
    ticket_id  BIGINT NOT NULL,
    PRIMARY KEY (message_id, ticket_id)
);

CREATE TABLE import (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id BIGINT  NOT NULL,
    state         TEXT    NOT NULL,
    total         INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    error         TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    finished_at   BIGINT  NOT NULL
);
CREATE INDEX import_connection ON import (connection_id, id);

-- A sign-in at Microsoft under way; the state is used once.
CREATE TABLE sign_in (
    state      TEXT   PRIMARY KEY, -- hash
    data       TEXT   NOT NULL,    -- sealed JSON
    expires_at BIGINT NOT NULL
);
