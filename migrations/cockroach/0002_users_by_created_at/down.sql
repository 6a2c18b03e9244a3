DROP INDEX IF EXISTS users_by_created_at;
