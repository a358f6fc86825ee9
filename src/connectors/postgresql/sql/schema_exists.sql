-- $1 text: schema. Result: true when it exists.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)
