DROP INDEX IF EXISTS users_streamers_by_last_login;
