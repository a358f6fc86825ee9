-- What of tables and their partitions acts on changes that are applied to them.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair; $3 boolean: our session has switched triggers off.
-- Result: schema, relation, kind (trigger, rule, foreign key, deferrable key), name, in which sessions it fires (O: those that have not
-- switched triggers off, R: those that have, A: all), of a key what it says.
WITH RECURSIVE tree(relid) AS (
  SELECT c.oid
  FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name AND c.relkind IN ('r', 'p')
  UNION
  SELECT i.inhrelid
  FROM tree
  JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
), hook(relid, kind, name, fires, definition) AS (
  -- Those of keys and foreign keys have a constraint; a constraint trigger of a user is one of its own kind (t).
  SELECT tree.relid, 'trigger', t.tgname, t.tgenabled::text, NULL
  FROM tree
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid AND t.tgenabled <> 'D'
  LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
  WHERE coalesce(k.contype, 't') = 't'
  UNION ALL
  -- 2 to 4: ON UPDATE, INSERT, DELETE.
  SELECT tree.relid, 'rule', r.rulename, r.ev_enabled::text, NULL
  FROM tree
  JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.relid AND r.ev_type IN ('2', '3', '4') AND r.ev_enabled <> 'D'
  UNION ALL
  -- Also those of other tables that refer to these: they delete and refuse, too.
  SELECT k.conrelid, 'foreign key', k.conname, 'O', pg_catalog.pg_get_constraintdef(k.oid)
  FROM pg_catalog.pg_constraint k
  WHERE k.contype = 'f' AND k.conparentid = 0
    AND (k.conrelid IN (SELECT relid FROM tree) OR k.confrelid IN (SELECT relid FROM tree))
  UNION ALL
  -- Lanes apply parts of a transaction, in the middle of which two rows may have one value. Triggers check it, where they fire.
  SELECT k.conrelid, 'deferrable key', k.conname, 'O', pg_catalog.pg_get_constraintdef(k.oid)
  FROM tree
  JOIN pg_catalog.pg_constraint k ON k.conrelid = tree.relid AND k.contype IN ('u', 'x') AND k.condeferrable AND k.conparentid = 0
)
SELECT n.nspname, c.relname, hook.kind, hook.name, hook.fires, hook.definition
FROM hook
JOIN pg_catalog.pg_class c ON c.oid = hook.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE hook.fires = 'A' OR (hook.fires = 'R') = $3::boolean
ORDER BY 3 DESC, 1, 2, 4
