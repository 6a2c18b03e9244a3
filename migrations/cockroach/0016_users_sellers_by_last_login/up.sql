-- The same among sellers, who may be few.
CREATE INDEX IF NOT EXISTS users_sellers_by_last_login ON users (last_login_at, id) WHERE is_seller;
