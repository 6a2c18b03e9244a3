DROP INDEX IF EXISTS users_streamers_by_username;
