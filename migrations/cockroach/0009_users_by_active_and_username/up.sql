-- The same among those who share a state.
CREATE INDEX IF NOT EXISTS users_by_active_and_username ON users (active, username_norm, id);
