-- What is rare is found among what is not.
CREATE INDEX IF NOT EXISTS audit_log_by_action ON audit_log (action, at, id);
