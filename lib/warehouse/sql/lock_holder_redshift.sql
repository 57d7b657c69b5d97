-- The same as lock_holder.sql, of Redshift; a user who is no superuser may see itself alone. Our own
-- session is between transactions, and has no lock: pg_backend_pid() may not be asked beside a system view.
-- $1 schema  $2 table  $3 table  $4 unused: LOCK waits for readers too
SELECT x.pid, trim(x.txn_owner), NULL,
       to_char(x.txn_start, 'YYYY-MM-DD HH24:MI:SS')
FROM svv_transactions x
JOIN pg_catalog.pg_class c ON c.oid = x.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE x.granted
  AND n.nspname = $1
  AND c.relname IN ($2, $3)
  AND $4 <> ''
ORDER BY x.txn_start
LIMIT 1
