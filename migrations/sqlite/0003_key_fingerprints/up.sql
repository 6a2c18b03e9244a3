-- What every node must share: the pepper and the keys that sign tokens. Fingerprints only, never the keys.
CREATE TABLE key_fingerprints (
    name        TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- While a row stands here, only a part of what the source has is in this database, and nobody serves from it.
CREATE TABLE unfinished_transfers (
    source TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
