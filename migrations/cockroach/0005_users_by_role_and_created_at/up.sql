-- The same among those who share a role.
CREATE INDEX IF NOT EXISTS users_by_role_and_created_at ON users (role, created_at, id);
