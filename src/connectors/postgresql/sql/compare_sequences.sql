-- Sequences as facts for a comparison, without their position. The size of the cache is left out: it changes no value, and
-- YugabyteDB raises it by itself.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'sequence', n.nspname, c.relname, NULL, '',
       concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement, 'minvalue', s.seqmin,
                 'maxvalue', s.seqmax, CASE WHEN s.seqcycle THEN 'cycle' END,
                 (SELECT 'owned by ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname)
                  FROM pg_depend d
                  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
                  LIMIT 1))
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
