-- $1 text: the sequence, quoted; $2 bigint; $3 boolean: the value has been given out.
SELECT pg_catalog.setval($1::pg_catalog.regclass, $2::bigint, $3::boolean)
