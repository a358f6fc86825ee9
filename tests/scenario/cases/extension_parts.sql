-- Constraints of an extension's domain and indexes of its tables are in the catalogue and in no dump.
CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE TABLE place (id int PRIMARY KEY, at earth);
INSERT INTO place VALUES (1, ll_to_earth(52, 13)), (2, NULL);
