-- Sequences of the schemas, each with one column that owns it (serial, identity, OWNED BY) or else takes its default from it.
-- $1 text[]: schemas. Result: schema, name, table schema, table name, column (null: nobody uses it),
-- increment.
SELECT n.nspname, s.relname, used.nspname, used.relname, used.attname,
       (SELECT q.seqincrement FROM pg_catalog.pg_sequence q WHERE q.seqrelid = s.oid)
FROM pg_catalog.pg_class s
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
LEFT JOIN LATERAL (
  SELECT tn.nspname, t.relname, a.attname
  FROM (SELECT 1 AS preference, d.refobjid AS relid, d.refobjsubid::int AS attnum
        FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        UNION ALL
        SELECT 2, ad.adrelid, ad.adnum::int
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_attrdef ad ON ad.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = s.oid) AS u
  JOIN pg_catalog.pg_class t ON t.oid = u.relid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = u.relid AND a.attnum = u.attnum
  ORDER BY u.preference, t.relispartition, tn.nspname, t.relname
  LIMIT 1
) AS used ON true
WHERE s.relkind = 'S' AND s.relpersistence <> 't' AND n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid AND d.deptype = 'e')
ORDER BY n.nspname::text COLLATE "C", s.relname::text COLLATE "C"
