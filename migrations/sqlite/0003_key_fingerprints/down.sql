DROP TABLE unfinished_transfers;
DROP TABLE key_fingerprints;
