-- Accounts. Times that are not known are the first moment of 1970: an order with NULL in it could not be walked by keys.
CREATE TABLE IF NOT EXISTS users (
    id                UUID        NOT NULL,
    username          TEXT        NOT NULL,
    username_norm     TEXT        NOT NULL,
    email             TEXT        NOT NULL,
    email_norm        TEXT        NOT NULL,
    password_hash     TEXT        NOT NULL,
    password_scheme   TEXT        NOT NULL,
    role              TEXT        NOT NULL,
    active            BOOL        NOT NULL,
    default_user_type TEXT,
    -- A profile of which no part is known is not the same as none.
    has_profile       BOOL        NOT NULL,
    fullname          TEXT,
    -- In lower case, ASCII only, for lists to search.
    fullname_search   TEXT,
    gender            TEXT,
    city              TEXT,
    accounts          JSONB       NOT NULL,
    user_types        JSONB       NOT NULL,
    played_games      JSONB       NOT NULL,
    favorites         JSONB       NOT NULL,
    version           INT8        NOT NULL,
    last_login_at     TIMESTAMPTZ NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    -- What lists filter by, read out of the documents.
    is_streamer       BOOL        NOT NULL GENERATED ALWAYS AS ((user_types ->> 'streamer') IS NOT NULL) STORED,
    is_seller         BOOL        NOT NULL GENERATED ALWAYS AS ((user_types ->> 'seller') IS NOT NULL) STORED,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_password_scheme CHECK (password_scheme IN ('peppered', 'imported')),
    CONSTRAINT users_role CHECK (role IN ('user', 'admin')),
    CONSTRAINT users_default_user_type CHECK (default_user_type IN ('streamer', 'seller')),
    CONSTRAINT users_profile CHECK (has_profile OR (fullname IS NULL AND gender IS NULL AND city IS NULL))
);
