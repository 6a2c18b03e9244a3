-- The same among streamers, who may be few.
CREATE INDEX IF NOT EXISTS users_streamers_by_created_at ON users (created_at, id) WHERE is_streamer;
