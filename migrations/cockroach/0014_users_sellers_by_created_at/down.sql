DROP INDEX IF EXISTS users_sellers_by_created_at;
