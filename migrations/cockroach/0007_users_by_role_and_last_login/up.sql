-- The same among those who share a role.
CREATE INDEX IF NOT EXISTS users_by_role_and_last_login ON users (role, last_login_at, id);
