-- +goose Up

-- What is searched in tickets and people, cut into words by us (package text; decision 0026).
-- The weights are the parts: A title, B people, C details, D said.
CREATE TABLE ticket_text (
    id    BIGINT   PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX ticket_text_words ON ticket_text USING GIN (words);
CREATE TABLE person_text (
    id    BIGINT   PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX person_text_words ON person_text USING GIN (words);

-- What is to be indexed and was not by the transaction that changed it.
CREATE TABLE text_due (
    kind TEXT   NOT NULL, -- 'ticket' or 'person'
    id   BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
INSERT INTO text_due (kind, id) SELECT 'ticket', id FROM ticket;
INSERT INTO text_due (kind, id) SELECT 'person', id FROM person;
