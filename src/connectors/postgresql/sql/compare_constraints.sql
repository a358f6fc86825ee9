-- Constraints of tables as facts for a comparison. A key of a partition that comes from its root may have any name, so
-- its definition stands in for it; foreign keys that come from the root are part of that one. not null is a column's matter.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
                      WHEN 'f' THEN 'foreign key' WHEN 'x' THEN 'exclusion' END,
       n.nspname, c.relname, CASE WHEN k.conparentid = 0 THEN k.conname END,
       CASE WHEN k.conparentid <> 0 THEN ' ' || pg_get_constraintdef(k.oid) ELSE '' END,
       pg_get_constraintdef(k.oid) || CASE WHEN NOT i.indisvalid THEN ' (invalid index)' ELSE '' END
         || CASE WHEN i.indisclustered THEN ' (clustered by it)' ELSE '' END
         || CASE WHEN k.contype = 'c' AND k.connoinherit AND pg_get_constraintdef(k.oid) !~ 'NO INHERIT'
                 THEN ' NO INHERIT' ELSE '' END
         || CASE WHEN k.contype = 'f' AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O')
                 THEN ' (its triggers are switched: ' || (SELECT string_agg(DISTINCT t.tgenabled::text, ', ') FROM pg_trigger t
                                                          WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O') || ')' ELSE '' END
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
WHERE n.nspname = ANY ($1::text[]) AND c.relpersistence <> 't'
  AND (k.contype IN ('p', 'u', 'c', 'x') OR (k.contype = 'f' AND k.conparentid = 0))
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
