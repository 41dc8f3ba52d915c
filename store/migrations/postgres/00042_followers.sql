-- +goose Up

-- Colleagues who are told of every comment on a ticket.
CREATE TABLE ticket_follower (
    ticket_id BIGINT NOT NULL REFERENCES ticket (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (ticket_id, person_id)
);
CREATE INDEX ticket_follower_person ON ticket_follower (person_id);
