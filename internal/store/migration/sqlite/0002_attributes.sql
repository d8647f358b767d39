-- +goose Up

-- What is known of a user beside his resolver: attributes, and under keys that
-- begin with a dot what is the server's own. Administrators without a resolver
-- stand with their name.

CREATE TABLE user_attribute (
    id       INTEGER PRIMARY KEY,
    realm    TEXT NOT NULL,
    resolver TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    type     TEXT NOT NULL,
    UNIQUE (realm, resolver, user_id, key)
) STRICT;
