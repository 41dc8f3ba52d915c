CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- Entra ---------------------------------------------------------------------

CREATE TABLE person (
	mailbox    INTEGER PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	record     TEXT NOT NULL, -- JSON of User
	properties TEXT NOT NULL  -- JSON as Graph shows it, for $filter
);

CREATE TABLE application (
	client_id TEXT PRIMARY KEY,
	record    TEXT NOT NULL   -- JSON of registration
) WITHOUT ROWID;

CREATE TABLE consent (
	client_id TEXT NOT NULL,
	user_id   TEXT NOT NULL,  -- '' is the administrator's consent for everybody
	scopes    TEXT NOT NULL,
	PRIMARY KEY (client_id, user_id)
) WITHOUT ROWID;

CREATE TABLE refresh_token (
	token     TEXT PRIMARY KEY,
	client_id TEXT NOT NULL,
	user_id   TEXT NOT NULL,
	scopes    TEXT NOT NULL,
	issued    INTEGER NOT NULL,
	used      INTEGER NOT NULL,
	revoked   BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;

-- Exchange ------------------------------------------------------------------

CREATE TABLE folder (
	id         INTEGER PRIMARY KEY,
	mailbox    INTEGER NOT NULL,
	parent     INTEGER NOT NULL,          -- 0 above msgfolderroot
	name       TEXT NOT NULL COLLATE NOCASE,
	well_known TEXT NOT NULL DEFAULT '',
	hidden     BOOLEAN NOT NULL DEFAULT FALSE,
	UNIQUE (mailbox, parent, name)
);
CREATE INDEX folder_well_known ON folder (mailbox, well_known);

CREATE TABLE message (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	mailbox      INTEGER NOT NULL,
	folder       INTEGER NOT NULL,
	generation   INTEGER NOT NULL, -- increased by each move
	change       INTEGER NOT NULL, -- when it last changed, in changes of the whole store
	entered      INTEGER NOT NULL, -- when it came into its folder, in the same count
	received     INTEGER NOT NULL, -- milliseconds, as all instants
	sent         INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	modified     INTEGER NOT NULL,
	is_read      BOOLEAN NOT NULL,
	is_draft     BOOLEAN NOT NULL,
	message_id   TEXT NOT NULL,
	conversation TEXT NOT NULL,
	properties   TEXT NOT NULL,    -- JSON as Graph shows it
	body_type    TEXT NOT NULL,
	body         TEXT NOT NULL,
	headers      TEXT NOT NULL     -- JSON array of name and value
);
CREATE INDEX message_change ON message (folder, change);
CREATE INDEX message_received ON message (folder, received, id);
CREATE INDEX message_message_id ON message (mailbox, message_id);
CREATE INDEX message_unread ON message (folder) WHERE is_read = FALSE;

CREATE TABLE mime (
	message INTEGER PRIMARY KEY,
	raw     BLOB NOT NULL
);

CREATE TABLE attachment (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	message      INTEGER NOT NULL,
	kind         TEXT NOT NULL,     -- file, item
	name         TEXT NOT NULL,
	content_type TEXT NOT NULL,
	content_id   TEXT NOT NULL,
	is_inline    BOOLEAN NOT NULL,
	modified     INTEGER NOT NULL,
	size         INTEGER NOT NULL,
	content      BLOB NOT NULL
);
CREATE INDEX attachment_message ON attachment (message);

CREATE TABLE extended_property (
	message INTEGER NOT NULL,
	name    TEXT NOT NULL,
	value   TEXT NOT NULL,
	PRIMARY KEY (message, name)
) WITHOUT ROWID;
CREATE INDEX extended_property_value ON extended_property (name, value);

-- A message that left a folder, by deletion or move; what delta shows as @removed.
CREATE TABLE tombstone (
	change     INTEGER PRIMARY KEY,
	folder     INTEGER NOT NULL,
	message    INTEGER NOT NULL,
	generation INTEGER NOT NULL
);
CREATE INDEX tombstone_folder ON tombstone (folder, change);

CREATE TABLE upload (
	token        TEXT PRIMARY KEY,
	mailbox      INTEGER NOT NULL,
	message      INTEGER NOT NULL,
	client_id    TEXT NOT NULL,
	name         TEXT NOT NULL,
	content_type TEXT NOT NULL,
	content_id   TEXT NOT NULL,
	is_inline    BOOLEAN NOT NULL,
	size         INTEGER NOT NULL,
	received     INTEGER NOT NULL,
	expires      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE upload_part (
	token  TEXT NOT NULL,
	offset INTEGER NOT NULL,
	data   BLOB NOT NULL,
	PRIMARY KEY (token, offset)
);

CREATE TABLE outbox (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	sender     TEXT NOT NULL,
	recipients TEXT NOT NULL,      -- JSON array of addresses outside the organisation
	sent       INTEGER NOT NULL,
	raw        BLOB NOT NULL
);

CREATE TABLE subscription (
	id     TEXT PRIMARY KEY,
	record TEXT NOT NULL
) WITHOUT ROWID;
