-- The columns of tables with the type that their values have on the wire: domains are looked through.
-- to_jsonb reads attgenerated so that servers before 12, which lack it, answer too.
-- $1 oid[]: the tables. Result: table oid, name, type as printed, base type's name, base type is built in, base type's
-- typtype, not null, generated, identity (empty, a, d), collation when not the type's own, place in the primary key (or null),
-- base type's oid, its modifier, base type as printed with its modifier.
WITH RECURSIVE base(oid, type, modifier) AS (
  SELECT DISTINCT a.atttypid, a.atttypid, NULL::int
  FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT base.oid, t.typbasetype, t.typtypmod
  FROM base
  JOIN pg_catalog.pg_type t ON t.oid = base.type
  WHERE t.typtype = 'd'
)
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname,
       t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND t.oid < 16384, t.typtype, a.attnotnull,
       a.atthasdef AND coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> '', a.attidentity,
       CASE WHEN a.attcollation <> own.typcollation
            THEN (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
                  FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                  WHERE co.oid = a.attcollation) END,
       pg_catalog.array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum),
       t.oid, coalesce(base.modifier, a.atttypmod),
       CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND t.oid < 16384
            THEN pg_catalog.format_type(t.oid, coalesce(base.modifier, a.atttypmod)) ELSE t.typname END
FROM pg_catalog.pg_attribute a
JOIN base ON base.oid = a.atttypid
JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype <> 'd'
JOIN pg_catalog.pg_type own ON own.oid = a.atttypid
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
