-- What tells this cluster from every other. Result: the identifier.
SELECT system_identifier FROM pg_catalog.pg_control_system()
