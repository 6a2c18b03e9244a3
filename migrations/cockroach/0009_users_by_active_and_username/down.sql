DROP INDEX IF EXISTS users_by_active_and_username;
