-- Who the server and the user are. Result: current user, version, binary log is written, database's collation, database.
SELECT current_user(), version(), @@global.log_bin, @@collation_database, database()
