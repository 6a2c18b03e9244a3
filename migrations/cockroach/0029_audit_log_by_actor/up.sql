-- What somebody did is one range.
CREATE INDEX IF NOT EXISTS audit_log_by_actor ON audit_log (actor, at, id) WHERE actor IS NOT NULL;
