-- What CockroachDB offers beyond PostgreSQL, for an operator to switch on. Doorward needs none of it, and none of it is
-- part of the schema: run the statements that you want, as root, after `doorward migrate apply`. Each may run again.
--
--   cockroach sql --certs-dir=certs --host=localhost:26257 --database=doorward < docs/deploy/cockroach.sql

-- Row-level TTL: CockroachDB itself removes sessions 30 days after their expiry, a few at a time, at low priority.
-- Doorward does the same beside its logins; this is for a table that grew large, or for when no node runs for long.
-- Nothing depends on it: a session that has expired is refused whether its row is there or not. The zone is named, so
-- that no setting of a session changes what the expression means.
ALTER TABLE sessions SET (
    ttl_expiration_expression = $$((expires_at AT TIME ZONE 'UTC') + INTERVAL '30 days') AT TIME ZONE 'UTC'$$,
    ttl_job_cron = '@daily'
);
-- To see it: SHOW CREATE TABLE sessions; and SHOW SCHEDULES;. To end it: ALTER TABLE sessions RESET (ttl);

-- Zones. The vendor advises against settings by hand, so these are commented out.

-- Five copies instead of three, for five nodes or more: two may fail at a time, and every write waits for three.
-- ALTER DATABASE doorward CONFIGURE ZONE USING num_replicas = 5;

-- Each refresh leaves an old version of its session's row, which is kept for 4 hours. One hour keeps reads of the table
-- short where there are very many refreshes. Backups that build on one another must then follow within that time, unless
-- a schedule (CREATE SCHEDULE … FOR BACKUP) makes them.
-- ALTER TABLE sessions CONFIGURE ZONE USING gc.ttlseconds = 3600;

-- Every request asks for its session: with several regions, its lease should be where the nodes of Doorward are.
-- ALTER DATABASE doorward CONFIGURE ZONE USING lease_preferences = '[[+region=eu-central-1]]';

-- Follower reads: the nearest copy answers, some seconds late. For reports by hand, never for a login, a session, a
-- right or anything that was written just now: a session that was ended would still be seen as live. Doorward uses none.
-- SELECT role, active, count(*) FROM users AS OF SYSTEM TIME follower_read_timestamp() GROUP BY role, active;
