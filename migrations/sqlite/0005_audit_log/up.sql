-- Who did what to whom. Accounts are named, not referred to: the entry stays when they go.
CREATE TABLE audit_log (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at         INTEGER NOT NULL,
    action     TEXT    NOT NULL,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('done', 'refused')),
    actor_id   BLOB    CHECK (length(actor_id) = 16),
    -- Usernames in normal form.
    actor      TEXT,
    target_id  BLOB    CHECK (length(target_id) = 16),
    target     TEXT,
    session_id BLOB    CHECK (length(session_id) = 16),
    address    TEXT,
    request_id TEXT,
    details    TEXT    NOT NULL CHECK (json_valid(details)),
    CHECK ((actor_id IS NULL) = (actor IS NULL)),
    CHECK ((target_id IS NULL) = (target IS NULL))
) STRICT;

-- A page is one range, newest first, of everything or of what is looked for most.
CREATE INDEX audit_log_by_time ON audit_log (at, id);
CREATE INDEX audit_log_by_actor ON audit_log (actor, at, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_log_by_target ON audit_log (target, at, id) WHERE target IS NOT NULL;
CREATE INDEX audit_log_by_action ON audit_log (action, at, id);
CREATE INDEX audit_log_by_request ON audit_log (request_id, at, id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_log_by_refusal ON audit_log (at, id) WHERE outcome = 'refused';
