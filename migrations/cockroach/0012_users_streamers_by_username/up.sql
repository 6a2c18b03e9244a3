-- The same among streamers, who may be few.
CREATE INDEX IF NOT EXISTS users_streamers_by_username ON users (username_norm, id) WHERE is_streamer;
