-- +goose Up

-- What is searched in tickets and people, cut into words by us (package text; decision 0026).
CREATE VIRTUAL TABLE ticket_text USING fts5 (
    title, people, details, said, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE person_text USING fts5 (
    title, people, details, said, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- What is to be indexed and was not by the transaction that changed it.
CREATE TABLE text_due (
    kind TEXT   NOT NULL, -- 'ticket' or 'person'
    id   BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
INSERT INTO text_due (kind, id) SELECT 'ticket', id FROM ticket;
INSERT INTO text_due (kind, id) SELECT 'person', id FROM person;
