-- The database of Doorward on PostgreSQL 15 or newer and its two roles: doorward_migrator owns the tables, doorward
-- reads and writes rows. Run with psql as a superuser; to run it again does no harm. scripts/postgres.sh runs it by
-- itself.
--
--   psql -v ON_ERROR_STOP=1 -d postgres -f docs/deploy/postgresql-users.sql
--
-- Then give each role a password: \password doorward_migrator, \password doorward

SELECT 'CREATE ROLE doorward_migrator LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'doorward_migrator') \gexec
SELECT 'CREATE ROLE doorward LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'doorward') \gexec
-- Bytes decide the order of text, as they do in CockroachDB and in the embedded store.
SELECT 'CREATE DATABASE doorward TEMPLATE template0 ENCODING ''UTF8'' LOCALE_PROVIDER libc LOCALE ''C'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'doorward') \gexec

REVOKE ALL ON DATABASE doorward FROM PUBLIC;
GRANT CONNECT ON DATABASE doorward TO doorward_migrator, doorward;
ALTER DATABASE doorward SET default_transaction_isolation = 'serializable';

\connect doorward
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO doorward_migrator;
GRANT USAGE ON SCHEMA public TO doorward;
ALTER DEFAULT PRIVILEGES FOR ROLE doorward_migrator IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO doorward;
