-- A list in this order: a page is one range scan.
CREATE INDEX IF NOT EXISTS users_by_created_at ON users (created_at, id);
