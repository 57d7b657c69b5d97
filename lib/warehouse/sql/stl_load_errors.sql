-- The same as sys_load_errors.sql from STL_LOAD_ERRORS, which only the main cluster of a
-- provisioned Redshift has.
SELECT "filename", "line_number", "colname", "type", "col_length", "err_code", "err_reason",
       "raw_field_value"
FROM stl_load_errors
WHERE "query" = (SELECT max("query")
                 FROM stl_load_errors
                 WHERE "query" = $1
                    OR ("session" = $2 AND "starttime" >= getdate() - INTERVAL $3))
ORDER BY "starttime", "filename", "line_number"
LIMIT 5
