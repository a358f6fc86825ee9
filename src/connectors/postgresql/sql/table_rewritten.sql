-- Whether a table's storage was replaced (TRUNCATE, VACUUM FULL, ALTER TABLE) after the transaction's snapshot was taken:
-- the catalog's row is seen as of the snapshot, the function tells the present. Ask with the table locked.
-- $1 text, $2 text: schema and name. Result: true when it was.
SELECT c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'
