-- The live sessions of an account are one range; all of them too, for when the account goes.
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user_id, ended_at, expires_at);
