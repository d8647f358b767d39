-- +goose Up

-- Times are microseconds since 1970, UTC; NULL is no time. A column named
-- x_zone keeps the offset, in minutes, that x was given with. Columns named
-- x_fold hold x in lower case, for comparisons where case does not matter.
-- born grows with every row of a node and gives lists their order.

CREATE TABLE token (
    id                  INTEGER PRIMARY KEY,
    born                INTEGER NOT NULL,
    serial              TEXT    NOT NULL UNIQUE,
    type                TEXT    NOT NULL,
    description         TEXT    NOT NULL,
    description_fold    TEXT    NOT NULL,
    owner_id            TEXT    NOT NULL,
    owner_resolver      TEXT    NOT NULL,
    owner_resolver_fold TEXT    NOT NULL,
    owner_realm         TEXT    NOT NULL,
    pin_hash            TEXT    NOT NULL,
    sealed              BLOB    NOT NULL,
    digits              INTEGER NOT NULL,
    window              INTEGER NOT NULL,
    sync_window         INTEGER NOT NULL,
    created             INTEGER,
    assigned            INTEGER
) STRICT;

CREATE INDEX token_owner ON token (owner_id, owner_resolver, owner_realm);
CREATE INDEX token_owner_realm ON token (owner_realm);

-- All that a login writes and that decides whether a token can be used: narrow,
-- since a login rewrites the page it is on.
CREATE TABLE token_state (
    token_id         INTEGER PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
    counter          INTEGER NOT NULL,
    failures         INTEGER NOT NULL,
    max_failures     INTEGER NOT NULL,
    failed_at        INTEGER,
    active           INTEGER NOT NULL,
    revoked          INTEGER NOT NULL,
    locked           INTEGER NOT NULL,
    state            TEXT    NOT NULL,
    valid_from       INTEGER,
    valid_from_zone  INTEGER NOT NULL,
    valid_until      INTEGER,
    valid_until_zone INTEGER NOT NULL,
    uses             INTEGER NOT NULL,
    successes        INTEGER NOT NULL,
    max_uses         INTEGER,
    max_successes    INTEGER,
    last_use         INTEGER,
    last_use_zone    INTEGER NOT NULL,
    version          INTEGER NOT NULL
) STRICT;

CREATE TABLE token_info (
    token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    PRIMARY KEY (token_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX token_info_value ON token_info (key, value);

CREATE TABLE token_realm (
    token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    realm    TEXT    NOT NULL,
    PRIMARY KEY (token_id, realm)
) STRICT, WITHOUT ROWID;

CREATE INDEX token_realm_realm ON token_realm (realm);

CREATE TABLE token_group (
    token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    name     TEXT    NOT NULL,
    PRIMARY KEY (token_id, name)
) STRICT, WITHOUT ROWID;

-- token_id is NULL while it is not known whose the challenge is.
CREATE TABLE challenge (
    id             INTEGER PRIMARY KEY,
    born           INTEGER NOT NULL,
    transaction_id TEXT    NOT NULL,
    token_id       INTEGER REFERENCES token (id) ON DELETE CASCADE,
    serial         TEXT    NOT NULL,
    purpose        TEXT    NOT NULL,
    nonce          TEXT    NOT NULL,
    data           BLOB    NOT NULL,
    status         TEXT    NOT NULL,
    tries          INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    expires        INTEGER NOT NULL
) STRICT;

CREATE INDEX challenge_transaction ON challenge (transaction_id);
CREATE INDEX challenge_token ON challenge (token_id);

CREATE TABLE definition (
    kind TEXT    NOT NULL,
    name TEXT    NOT NULL,
    id   INTEGER NOT NULL,
    body BLOB    NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE definition_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO definition_version (id, version) VALUES (1, 1);

CREATE TABLE attempt (
    login   TEXT    NOT NULL,
    realm   TEXT    NOT NULL,
    success INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

CREATE INDEX attempt_who ON attempt (login, realm, success, at);

-- The trail. (node, number) is the position in the node's chain; previous is
-- the hash of the row before it, empty at the first.
CREATE TABLE audit (
    written        INTEGER PRIMARY KEY,
    node           TEXT    NOT NULL,
    number         INTEGER NOT NULL,
    case_number    TEXT    NOT NULL,
    started        INTEGER,
    ended          INTEGER,
    action         TEXT    NOT NULL,
    success        INTEGER NOT NULL,
    authentication TEXT    NOT NULL,
    serial         TEXT    NOT NULL,
    token_type     TEXT    NOT NULL,
    login          TEXT    NOT NULL,
    realm          TEXT    NOT NULL,
    resolver       TEXT    NOT NULL,
    administrator  TEXT    NOT NULL,
    detail         TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    args           TEXT    NOT NULL,
    text           TEXT    NOT NULL,
    policies       TEXT    NOT NULL,
    client         TEXT    NOT NULL,
    agent          TEXT    NOT NULL,
    agent_version  TEXT    NOT NULL,
    trace          TEXT    NOT NULL,
    conflicts      INTEGER NOT NULL,
    previous       BLOB    NOT NULL,
    hash           BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX audit_number ON audit (node, number);
CREATE INDEX audit_user ON audit (login, realm, started);
CREATE INDEX audit_serial ON audit (serial);
CREATE INDEX audit_action ON audit (action);
CREATE INDEX audit_case ON audit (case_number);

-- Where each node's chain ends, so that rows missing at its end are noticed.
CREATE TABLE audit_head (
    node   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
