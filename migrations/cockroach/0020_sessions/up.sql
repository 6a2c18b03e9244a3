-- A session is one login on one device.
CREATE TABLE IF NOT EXISTS sessions (
    id                  UUID        NOT NULL,
    user_id             UUID        NOT NULL,
    generation          INT8        NOT NULL,
    refresh_id          UUID        NOT NULL,
    previous_refresh_id UUID,
    access_id           UUID        NOT NULL,
    rotated_at          TIMESTAMPTZ NOT NULL,
    created_at          TIMESTAMPTZ NOT NULL,
    last_seen_at        TIMESTAMPTZ NOT NULL,
    expires_at          TIMESTAMPTZ NOT NULL,
    ended_at            TIMESTAMPTZ,
    end_reason          TEXT,
    user_agent          TEXT,
    address             TEXT,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_end_reason CHECK (end_reason IN ('logout', 'reuse', 'password_change', 'disabled', 'too_many')),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
