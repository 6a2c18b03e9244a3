-- What was refused is rare: a page of it is one range.
CREATE INDEX IF NOT EXISTS audit_log_by_refusal ON audit_log (at, id) WHERE outcome = 'refused';
