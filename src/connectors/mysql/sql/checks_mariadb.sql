-- The checks of the session's database. Result: table, name, condition, enforced.
SELECT table_name, constraint_name, check_clause, 'YES'
FROM information_schema.check_constraints
WHERE constraint_schema = database()
ORDER BY table_name, constraint_name
