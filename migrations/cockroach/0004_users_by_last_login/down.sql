DROP INDEX IF EXISTS users_by_last_login;
