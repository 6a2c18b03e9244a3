-- The story of one request.
CREATE INDEX IF NOT EXISTS audit_log_by_request ON audit_log (request_id, at, id) WHERE request_id IS NOT NULL;
