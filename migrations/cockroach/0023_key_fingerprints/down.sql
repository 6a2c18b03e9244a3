DROP TABLE IF EXISTS key_fingerprints;
