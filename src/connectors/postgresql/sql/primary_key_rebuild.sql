-- The primary key of a table when dropping it and adding it again leaves everything as it was: an ordinary table of ours, no
-- partition, nothing depends on the key or its index (foreign keys, views), the index carries nothing that the
-- constraint's definition does not say (storage options, CLUSTER, replica identity, comments).
-- $1 text, $2 text: schema and name. Result: constraint, its definition.
SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND i.indisvalid AND i.indisready
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE n.nspname = $1 AND c.relname = $2
  AND c.relkind = 'r' AND NOT c.relispartition
  AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
  AND x.reloptions IS NULL AND NOT i.indisclustered AND NOT i.indisreplident
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.refobjid = k.oid
                    AND d.deptype <> 'i')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_description d
                  WHERE (d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid)
                     OR (d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objoid = i.indexrelid))
