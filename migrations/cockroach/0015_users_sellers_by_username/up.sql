-- The same among sellers, who may be few.
CREATE INDEX IF NOT EXISTS users_sellers_by_username ON users (username_norm, id) WHERE is_seller;
