DROP TABLE IF EXISTS revocation_epoch;
