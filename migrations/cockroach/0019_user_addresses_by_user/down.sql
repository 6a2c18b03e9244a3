DROP INDEX IF EXISTS user_addresses_by_user;
