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
), family(root, member) AS (
  -- The key of a partitioned table has one of its own for each partition.
  SELECT oid, oid FROM pg_catalog.pg_constraint WHERE contype IN ('f', 'u', 'x') AND conparentid = 0
  UNION ALL
  SELECT family.root, k.oid FROM family JOIN pg_catalog.pg_constraint k ON k.conparentid = family.member
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
  -- Keys act by triggers. Foreign keys of other tables that refer to these have some here: they delete and refuse, too.
  -- Deferrable keys: lanes apply parts of a transaction, in the middle of which two rows may have one value.
  SELECT k.conrelid, CASE k.contype WHEN 'f' THEN 'foreign key' ELSE 'deferrable key' END, k.conname, t.tgenabled::text,
         pg_catalog.pg_get_constraintdef(k.oid)
  FROM tree
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid AND t.tgenabled <> 'D'
  JOIN family ON family.member = t.tgconstraint
  JOIN pg_catalog.pg_constraint k ON k.oid = family.root
)
-- Of a key that has several triggers: A if one of them is that.
SELECT n.nspname, c.relname, hook.kind, hook.name, min(hook.fires), hook.definition
FROM hook
JOIN pg_catalog.pg_class c ON c.oid = hook.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE hook.fires = 'A' OR (hook.fires = 'R') = $3::boolean
GROUP BY 1, 2, 3, 4, 6
ORDER BY 3 DESC, 1, 2, 4
