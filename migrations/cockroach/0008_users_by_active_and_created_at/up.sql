-- The same among those who share a state.
CREATE INDEX IF NOT EXISTS users_by_active_and_created_at ON users (active, created_at, id);
