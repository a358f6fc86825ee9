-- The session settings that only YugabyteDB has: what a server lists it understands. Result: name.
SELECT name FROM pg_settings WHERE name LIKE 'yb\_%' ORDER BY 1
