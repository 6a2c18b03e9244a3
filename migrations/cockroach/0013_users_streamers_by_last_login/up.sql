-- The same among streamers, who may be few.
CREATE INDEX IF NOT EXISTS users_streamers_by_last_login ON users (last_login_at, id) WHERE is_streamer;
