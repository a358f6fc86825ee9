-- Whether tables of this database share a tablet unless they say otherwise. The function is YugabyteDB's own. Result: colocated.
SELECT yb_is_database_colocated()
