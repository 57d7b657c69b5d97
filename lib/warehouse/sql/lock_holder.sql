-- Of the transactions that have a lock on one of two tables, the oldest but our own: its process,
-- user, application and begin.
-- $1 schema  $2 table  $3 table  $4 't': readers' locks count
SELECT l.pid, a.usename, a.application_name,
       pg_catalog.to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
  AND n.nspname = $1
  AND c.relname IN ($2, $3)
  AND ($4 = 't' OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))
ORDER BY a.xact_start
LIMIT 1
