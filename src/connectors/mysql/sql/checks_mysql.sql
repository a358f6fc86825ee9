-- As checks_mariadb.sql, of a server of MySQL from 8.0.16 on.
SELECT t.table_name, t.constraint_name, c.check_clause, t.enforced
FROM information_schema.table_constraints t
JOIN information_schema.check_constraints c USING (constraint_schema, constraint_name)
WHERE t.constraint_schema = database() AND t.constraint_type = 'CHECK'
ORDER BY t.table_name, t.constraint_name
