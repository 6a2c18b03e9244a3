DROP INDEX sessions_by_end;
DROP TABLE revocation_epoch;
