DROP TABLE IF EXISTS unfinished_transfers;
