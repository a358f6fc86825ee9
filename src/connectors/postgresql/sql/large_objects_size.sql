-- Large objects of the database. Result: how many, bytes they take.
SELECT count(*), pg_catalog.pg_relation_size('pg_catalog.pg_largeobject')
FROM pg_catalog.pg_largeobject_metadata
