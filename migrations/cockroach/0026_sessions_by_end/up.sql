-- The sessions that ended lately are one range: what was revoked is told from them again where it was forgotten.
CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;
