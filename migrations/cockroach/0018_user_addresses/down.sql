DROP TABLE IF EXISTS user_addresses;
