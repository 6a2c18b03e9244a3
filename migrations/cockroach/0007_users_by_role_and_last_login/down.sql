DROP INDEX IF EXISTS users_by_role_and_last_login;
