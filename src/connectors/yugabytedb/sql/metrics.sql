-- How busy the nodes are. Result: node, state, processor time of users and of the system (0 to 1), memory in bytes: used by the
-- tablet server, its soft limit, available and in all on the machine.
SELECT uuid, status, metrics ->> 'cpu_usage_user', metrics ->> 'cpu_usage_system',
       metrics ->> 'tserver_root_memory_consumption', metrics ->> 'tserver_root_memory_soft_limit',
       metrics ->> 'memory_available', metrics ->> 'memory_total'
FROM yb_servers_metrics()
ORDER BY 1
