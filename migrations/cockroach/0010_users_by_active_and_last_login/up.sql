-- The same among those who share a state.
CREATE INDEX IF NOT EXISTS users_by_active_and_last_login ON users (active, last_login_at, id);
