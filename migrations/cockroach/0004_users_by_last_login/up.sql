-- A list in this order: a page is one range scan.
CREATE INDEX IF NOT EXISTS users_by_last_login ON users (last_login_at, id);
