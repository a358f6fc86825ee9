-- The sequences that columns of tables take their values from (serial, identity, OWNED BY, default).
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair. Result: schema, name.
SELECT DISTINCT n.nspname, s.relname
FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
JOIN pg_catalog.pg_namespace tn ON tn.nspname = wanted.schema_name
JOIN pg_catalog.pg_class t ON t.relnamespace = tn.oid AND t.relname = wanted.table_name
CROSS JOIN LATERAL (
  SELECT d.objid AS oid
  FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid
    AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  UNION ALL
  SELECT d.refobjid
  FROM pg_catalog.pg_attrdef ad
  JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = ad.oid
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  WHERE ad.adrelid = t.oid) AS used
JOIN pg_catalog.pg_class s ON s.oid = used.oid AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
