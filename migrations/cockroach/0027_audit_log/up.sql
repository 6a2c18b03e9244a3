-- Who did what to whom. Accounts are named, not referred to: the entry stays when they go.
CREATE TABLE IF NOT EXISTS audit_log (
    id         UUID        NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    action     TEXT        NOT NULL,
    outcome    TEXT        NOT NULL,
    actor_id   UUID,
    -- Usernames in normal form.
    actor      TEXT,
    target_id  UUID,
    target     TEXT,
    session_id UUID,
    address    TEXT,
    request_id TEXT,
    details    JSONB       NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id),
    CONSTRAINT audit_log_outcome CHECK (outcome IN ('done', 'refused')),
    CONSTRAINT audit_log_actor CHECK ((actor_id IS NULL) = (actor IS NULL)),
    CONSTRAINT audit_log_target CHECK ((target_id IS NULL) = (target IS NULL))
);
