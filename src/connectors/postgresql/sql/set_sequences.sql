-- $1 text[]: sequences, quoted; $2 bigint[]; $3 boolean[]: the value has been given out.
SELECT pg_catalog.setval(one.name::pg_catalog.regclass, one.value, one.is_called)
FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS one(name, value, is_called)
