-- +goose Up

-- What a ticket's life comes to in numbers and times. Reports are counted from the
-- indexes alone, which hold all that they choose and group by.
CREATE TABLE ticket_metric (
    id                    BIGINT  NOT NULL PRIMARY KEY REFERENCES ticket (id) ON DELETE CASCADE, -- the ticket
    created_at            BIGINT  NOT NULL,
    updated_at            BIGINT  NOT NULL,
    reopens               INTEGER NOT NULL,
    replies               INTEGER NOT NULL,
    team_stations         INTEGER NOT NULL,
    assignee_stations     INTEGER NOT NULL,
    first_reply_at        BIGINT  NOT NULL, -- 0: not yet, as all of these
    first_solved_at       BIGINT  NOT NULL,
    solved_at             BIGINT  NOT NULL,
    initially_assigned_at BIGINT  NOT NULL,
    assigned_at           BIGINT  NOT NULL,
    assignee_updated_at   BIGINT  NOT NULL,
    requester_updated_at  BIGINT  NOT NULL,
    latest_comment_at     BIGINT  NOT NULL,
    status_updated_at     BIGINT  NOT NULL,
    agent_wait            BIGINT  NOT NULL, -- milliseconds
    requester_wait        BIGINT  NOT NULL,
    on_hold               BIGINT  NOT NULL,
    reply_minutes         INTEGER NOT NULL, -- what reports count and group by; -1: not yet
    resolution_minutes    INTEGER NOT NULL,
    brand_id              BIGINT  NOT NULL,
    team_id               BIGINT  NOT NULL,
    assignee_id           BIGINT  NOT NULL,
    recipient             TEXT    NOT NULL
);
CREATE INDEX ticket_metric_created ON ticket_metric (created_at, reply_minutes, brand_id, team_id, assignee_id, recipient);
CREATE INDEX ticket_metric_solved ON ticket_metric (solved_at, resolution_minutes, brand_id, team_id, assignee_id, recipient) WHERE solved_at > 0;
CREATE INDEX ticket_metric_unsolved ON ticket_metric (created_at, brand_id, team_id, assignee_id, recipient) WHERE solved_at = 0;

-- Tickets that are there already are measured in the background.
INSERT INTO job (kind, args, unique_key, state, run_at, max_attempts, created_at)
    SELECT 'desk.measure_tickets', '{}', 'all', 'waiting', 0, 25, 0 WHERE EXISTS (SELECT 1 FROM ticket);
