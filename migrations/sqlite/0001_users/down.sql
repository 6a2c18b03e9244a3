DROP TABLE user_addresses;
DROP TABLE users;
PRAGMA application_id = 0;
