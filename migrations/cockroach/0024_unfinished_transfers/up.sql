-- While a row stands here, only a part of what the source has is in this database, and nobody serves from it.
CREATE TABLE IF NOT EXISTS unfinished_transfers (
    source TEXT NOT NULL,
    CONSTRAINT unfinished_transfers_pkey PRIMARY KEY (source)
);
