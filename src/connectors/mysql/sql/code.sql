-- Triggers, routines (also packages of MariaDB) and events of the session's database. Result: kind, name, table.
SELECT 'TRIGGER', trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema = database()
UNION ALL
SELECT routine_type, routine_name, '' FROM information_schema.routines
WHERE routine_schema = database()
UNION ALL
SELECT 'EVENT', event_name, '' FROM information_schema.events WHERE event_schema = database()
ORDER BY 1, 2
