CREATE TABLE migrations (version INTEGER NOT NULL);
CREATE TABLE items (name TEXT NOT NULL, count INTEGER NOT NULL);
CREATE TABLE visits (count INTEGER NOT NULL);
INSERT INTO items VALUES ('tea', 3), ('milk', 2), ('salt', 0);
INSERT INTO visits VALUES (0);
INSERT INTO migrations VALUES (1);
