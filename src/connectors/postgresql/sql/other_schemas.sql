-- Parameters: $1 name[], schemas. Result: the names of the database's other ones that are no server's own.
SELECT nspname FROM pg_catalog.pg_namespace
 WHERE nspname <> ALL ($1::name[]) AND nspname !~ '^pg_' AND nspname <> 'information_schema'
 ORDER BY nspname
