-- "Door" in ASCII: what tells this file from any other SQLite file.
PRAGMA application_id = 1148153714;

CREATE TABLE users (
    id                BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username          TEXT    NOT NULL,
    username_norm     TEXT    NOT NULL,
    email             TEXT    NOT NULL,
    email_norm        TEXT    NOT NULL,
    password_hash     TEXT    NOT NULL,
    password_scheme   TEXT    NOT NULL CHECK (password_scheme IN ('peppered', 'imported')),
    role              TEXT    NOT NULL CHECK (role IN ('user', 'admin')),
    active            INTEGER NOT NULL CHECK (active IN (0, 1)),
    default_user_type TEXT    CHECK (default_user_type IN ('streamer', 'seller')),
    -- A profile of which no part is known is not the same as none.
    has_profile       INTEGER NOT NULL CHECK (has_profile IN (0, 1)),
    fullname          TEXT,
    -- In lower case, ASCII only, for lists to search. A generated column would do, but no index answers for it alone.
    fullname_search   TEXT    CHECK (fullname_search IS lower(fullname)),
    gender            TEXT,
    city              TEXT,
    accounts          TEXT    NOT NULL CHECK (json_valid(accounts)),
    user_types        TEXT    NOT NULL CHECK (json_valid(user_types)),
    played_games      TEXT    NOT NULL CHECK (json_valid(played_games)),
    favorites         TEXT    NOT NULL CHECK (json_valid(favorites)),
    version           INTEGER NOT NULL,
    -- Times are milliseconds since 1970, UTC. 0 is never: an order with NULL in it could not be walked by keys.
    last_login_at     INTEGER NOT NULL DEFAULT 0,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    -- What lists filter by, read out of the documents.
    is_streamer       INTEGER GENERATED ALWAYS AS (user_types ->> '$.streamer' IS NOT NULL) VIRTUAL,
    is_seller         INTEGER GENERATED ALWAYS AS (user_types ->> '$.seller' IS NOT NULL) VIRTUAL,
    CHECK (has_profile OR coalesce(fullname, gender, city) IS NULL)
) STRICT;

-- One index for each order a list can have, alone and behind each of the two filters that can be rare among many:
-- a page is one range scan.
CREATE INDEX users_by_created_at ON users (created_at, id);
CREATE INDEX users_by_username ON users (username_norm, id);
CREATE INDEX users_by_last_login ON users (last_login_at, id);
CREATE INDEX users_by_role_and_created_at ON users (role, created_at, id);
CREATE INDEX users_by_role_and_username ON users (role, username_norm, id);
CREATE INDEX users_by_role_and_last_login ON users (role, last_login_at, id);
CREATE INDEX users_by_active_and_created_at ON users (active, created_at, id);
CREATE INDEX users_by_active_and_username ON users (active, username_norm, id);
CREATE INDEX users_by_active_and_last_login ON users (active, last_login_at, id);
CREATE INDEX users_by_fullname ON users (fullname_search, id) WHERE fullname_search IS NOT NULL;

-- The addresses of an account, one row or two. The primary key is what keeps an address with one account, whether it
-- is there as username or as e-mail.
CREATE TABLE user_addresses (
    address_norm TEXT NOT NULL PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX user_addresses_by_user ON user_addresses (user_id);
