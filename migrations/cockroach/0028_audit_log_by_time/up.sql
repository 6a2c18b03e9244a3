-- A page of everything is one range, and so is what is old enough to be forgotten.
CREATE INDEX IF NOT EXISTS audit_log_by_time ON audit_log (at, id);
