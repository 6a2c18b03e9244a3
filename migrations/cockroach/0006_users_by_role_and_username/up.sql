-- The same among those who share a role.
CREATE INDEX IF NOT EXISTS users_by_role_and_username ON users (role, username_norm, id);
