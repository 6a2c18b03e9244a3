-- A list in this order: a page is one range scan.
CREATE INDEX IF NOT EXISTS users_by_username ON users (username_norm, id);
