-- The whole-number columns that are filled from sequences, and the ranges of those.
-- $1 text[]: the sequences, quoted. Result: place in $1 from 0, increment, least, largest value, table schema, table,
-- column; nothing of a sequence that fills none.
SELECT wanted.place - 1, s.seqincrement, s.seqmin, s.seqmax, n.nspname, t.relname, a.attname
FROM (
  SELECT name::pg_catalog.regclass::oid AS oid, place FROM unnest($1::text[]) WITH ORDINALITY AS one(name, place)
) AS wanted
JOIN pg_catalog.pg_sequence s ON s.seqrelid = wanted.oid
JOIN (
  SELECT d.objid AS seqrelid, d.refobjid AS relid, d.refobjsubid::int AS attnum
  FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  UNION
  SELECT d.refobjid, ad.adrelid, ad.adnum::int
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_attrdef ad ON ad.oid = d.objid
  WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
) AS u ON u.seqrelid = s.seqrelid
JOIN pg_catalog.pg_attribute a
  ON a.attrelid = u.relid AND a.attnum = u.attnum AND NOT a.attisdropped
     AND a.atttypid = ANY (ARRAY['int2', 'int4', 'int8', 'numeric']::pg_catalog.regtype[])
JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
