-- What every node must share: the pepper and the keys that sign tokens. Fingerprints only, never the keys.
CREATE TABLE IF NOT EXISTS key_fingerprints (
    name        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    CONSTRAINT key_fingerprints_pkey PRIMARY KEY (name)
);
