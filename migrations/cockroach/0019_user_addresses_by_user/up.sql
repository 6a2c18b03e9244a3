-- For when the account changes or goes.
CREATE INDEX IF NOT EXISTS user_addresses_by_user ON user_addresses (user_id);
