-- Names with a prefix.
CREATE INDEX IF NOT EXISTS users_by_fullname ON users (fullname_search, id);
