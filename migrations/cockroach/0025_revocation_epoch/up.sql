-- Which server all nodes trust for what is known about tokens beside this database: one row, or none before the first.
CREATE TABLE IF NOT EXISTS revocation_epoch (
    id      INT2 NOT NULL,
    epoch   UUID NOT NULL,
    -- Which server it is, and which of its lives; NULL where nobody is trusted.
    witness TEXT,
    CONSTRAINT revocation_epoch_pkey PRIMARY KEY (id),
    CONSTRAINT revocation_epoch_one CHECK (id = 1)
);
