-- Indexes that a stronger one on the same table makes needless: whatever r finds (or forbids), e finds as well. The rules
-- are in docs/formats/assessment-metadata.md. Of two that could each replace the other, the one with the larger name
-- goes; an index that backs a constraint never goes.
COPY (
  WITH one AS (
    SELECT i.indexrelid AS id, i.indrelid AS table_id, c.relname AS name, t.relname AS table_name,
           n.nspname AS schema_name, c.relam AS method, i.indisunique AS is_unique, i.indimmediate AS at_once,
           array_length(i.indclass::oid[], 1) AS keys,  -- Included columns have no operator class.
           -- Servers before 15 have no NULLS NOT DISTINCT.
           i.indisunique AND coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal,
           i.indnatts::int AS columns, i.indkey::int2[] AS key_columns, i.indclass::oid[] AS classes,
           i.indcollation::oid[] AS collations, i.indoption::int2[] AS options,
           EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) AS backs_constraint
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
      AND i.indpred IS NULL
      AND i.indislive AND (i.indisvalid OR t.relkind = 'p')  -- An invalid index is not dumped, so it replaces nothing.
  ), pair AS (
    SELECT DISTINCT ON (r.id) r.id AS redundant, e.id AS existing, r.schema_name, r.table_name,
           r.name AS redundant_name, e.name AS existing_name
    FROM one r
    JOIN one e ON e.table_id = r.table_id AND e.id <> r.id AND e.method = r.method
    WHERE NOT r.backs_constraint
      AND r.keys <= e.keys
      AND r.key_columns[0:r.keys - 1] = e.key_columns[0:r.keys - 1]
      AND r.classes[0:r.keys - 1] = e.classes[0:r.keys - 1]
      AND r.collations[0:r.keys - 1] = e.collations[0:r.keys - 1]
      AND r.options[0:r.keys - 1] = e.options[0:r.keys - 1]
      AND r.key_columns[r.keys:r.columns - 1] OPERATOR(pg_catalog.<@) e.key_columns[r.keys:e.columns - 1]
      AND (NOT r.is_unique
           OR e.is_unique AND e.at_once AND r.keys = e.keys AND (e.nulls_equal OR NOT r.nulls_equal))
      -- Each could replace the other.
      AND (r.name > e.name OR e.backs_constraint
           OR NOT (r.keys = e.keys AND r.is_unique = e.is_unique AND r.nulls_equal = e.nulls_equal
                   AND e.key_columns[r.keys:e.columns - 1] OPERATOR(pg_catalog.<@) r.key_columns[r.keys:r.columns - 1]))
      -- Expressions have the column number 0.
      AND (0 <> ALL (r.key_columns[0:r.keys - 1]) OR NOT EXISTS (
                      SELECT FROM generate_series(1, r.keys) k
                      WHERE r.key_columns[k - 1] = 0
                        AND pg_get_indexdef(r.id, k, true) <> pg_get_indexdef(e.id, k, true)))
    ORDER BY r.id, e.name::text COLLATE "C"
  )
  SELECT current_setting('yb_voyager.node') AS source_node, schema_name AS redundant_schema_name,
         table_name AS redundant_table_name, redundant_name AS redundant_index_name,
         schema_name AS existing_schema_name, table_name AS existing_table_name,
         existing_name AS existing_index_name, pg_get_indexdef(redundant) AS redundant_ddl,
         pg_get_indexdef(existing) AS existing_ddl
  FROM pair
  ORDER BY schema_name::text COLLATE "C", table_name::text COLLATE "C", redundant_name::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
