-- What was done to an account is one range.
CREATE INDEX IF NOT EXISTS audit_log_by_target ON audit_log (target, at, id) WHERE target IS NOT NULL;
