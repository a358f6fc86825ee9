-- The views of the session's database. Result: name, definition (empty without the right to see it), check option, security.
SELECT table_name, view_definition, check_option, security_type
FROM information_schema.views
WHERE table_schema = database()
ORDER BY table_name
