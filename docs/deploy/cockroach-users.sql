-- The database of Doorward on CockroachDB and its two users: doorward_migrator owns the tables, doorward reads and
-- writes rows. Run as root; to run it again does no harm. scripts/cockroach.sh runs it by itself.
--
--   cockroach sql --certs-dir=certs --host=localhost:26257 < docs/deploy/cockroach-users.sql

CREATE DATABASE IF NOT EXISTS doorward;
-- Without a password: they log in with a certificate, or get one by ALTER USER doorward WITH PASSWORD '…'.
CREATE USER IF NOT EXISTS doorward_migrator;
CREATE USER IF NOT EXISTS doorward;
GRANT CONNECT, CREATE ON DATABASE doorward TO doorward_migrator;
GRANT CONNECT ON DATABASE doorward TO doorward;

USE doorward;
GRANT USAGE, CREATE ON SCHEMA public TO doorward_migrator;
GRANT USAGE ON SCHEMA public TO doorward;
-- Only a member of a role may set what the role's new tables grant to others.
GRANT doorward_migrator TO root;
ALTER DEFAULT PRIVILEGES FOR ROLE doorward_migrator IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO doorward;
-- Otherwise every user of the cluster could make tables here.
REVOKE CREATE ON SCHEMA public FROM public;
