-- The same among sellers, who may be few.
CREATE INDEX IF NOT EXISTS users_sellers_by_created_at ON users (created_at, id) WHERE is_seller;
