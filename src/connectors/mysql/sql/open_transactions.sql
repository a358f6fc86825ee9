-- Transactions of InnoDB that have written and are open for more than five seconds. Result: connection, seconds, user.
SELECT t.trx_mysql_thread_id, timestampdiff(SECOND, t.trx_started, sysdate()), coalesce(p.user, '')
FROM information_schema.innodb_trx t
LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
WHERE t.trx_rows_modified > 0 AND timestampdiff(SECOND, t.trx_started, sysdate()) > 5
ORDER BY t.trx_started
