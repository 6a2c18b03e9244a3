CREATE TABLE sessions (
    id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id             BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation          INTEGER NOT NULL,
    refresh_id          BLOB    NOT NULL CHECK (length(refresh_id) = 16),
    previous_refresh_id BLOB    CHECK (length(previous_refresh_id) = 16),
    access_id           BLOB    NOT NULL CHECK (length(access_id) = 16),
    rotated_at          INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    last_seen_at        INTEGER NOT NULL,
    expires_at          INTEGER NOT NULL,
    ended_at            INTEGER,
    end_reason          TEXT    CHECK (end_reason IN ('logout', 'reuse', 'password_change', 'disabled', 'too_many')),
    user_agent          TEXT,
    address             TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;

-- The live sessions of an account are one range; all of them too, for when the account goes.
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at, expires_at);
-- For clearing out what expired long ago.
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
