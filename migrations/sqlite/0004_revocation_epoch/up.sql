-- Which server all nodes trust for what is known about tokens beside this database: one row, or none before the first.
CREATE TABLE revocation_epoch (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch   BLOB    NOT NULL CHECK (length(epoch) = 16),
    -- Which server it is, and which of its lives; NULL where nobody is trusted.
    witness TEXT
) STRICT;

-- The sessions that ended lately are one range: what was revoked is told from them again where it was forgotten.
CREATE INDEX sessions_by_end ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;
