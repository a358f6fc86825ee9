-- What a capture needs of the server's settings. Result: log is written, format, image of rows, server id.
SELECT @@global.log_bin, @@global.binlog_format, @@global.binlog_row_image, @@global.server_id
