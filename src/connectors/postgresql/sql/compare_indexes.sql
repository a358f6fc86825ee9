-- Indexes that stand behind no constraint, as facts for a comparison. One that is attached to an index of the root may
-- have any name, so its definition stands in for it.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'index', n.nspname, CASE WHEN x.relispartition THEN c.relname ELSE x.relname END, NULL,
       CASE WHEN x.relispartition THEN ' ' || d.definition ELSE '' END,
       d.definition || CASE WHEN NOT i.indisvalid THEN ' (invalid)' ELSE '' END
         || CASE WHEN i.indisclustered THEN ' (clustered)' ELSE '' END
         || coalesce((SELECT ' (statistics ' || string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum) || ')'
                      FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0), '')
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = x.relnamespace
CROSS JOIN LATERAL (
  SELECT replace(pg_get_indexdef(i.indexrelid), ' INDEX ' || quote_ident(x.relname) || ' ON ', ' INDEX ON ') AS definition
) AS d
WHERE n.nspname = ANY ($1::text[]) AND x.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_constraint k
                  WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
