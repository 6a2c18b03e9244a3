DROP INDEX IF EXISTS users_by_active_and_created_at;
