-- The rows that a COPY of Redshift refused, at most five: of the last COPY that is number $1, or of session
-- $2 and began no longer ago than $3. pg_last_copy_id(), $1, is that of an earlier COPY where a rolled back
-- one has not set it, or -1; whether query_id counts in the same numbers on Serverless is not settled; a
-- session's number is used again by others. SYS_LOAD_ERROR_DETAIL is everywhere, but does not keep the
-- value.
SELECT "file_name", "line_number", "column_name", "column_type", "column_length", "error_code",
       "error_message", ''
FROM sys_load_error_detail
WHERE "query_id" = (SELECT max("query_id")
                    FROM sys_load_error_detail
                    WHERE "query_id" = $1
                       OR ("session_id" = $2 AND "start_time" >= getdate() - INTERVAL $3))
ORDER BY "start_time", "file_name", "line_number"
LIMIT 5
