-- JSON lines of gen --json: six fields as TSV.
COPY (SELECT msec, request_uri, upstream_cache_status, status, request_time, body_bytes_sent
FROM read_json('@IN', format = 'newline_delimited',
    columns = { 'msec': 'VARCHAR', 'request_uri': 'VARCHAR', 'upstream_cache_status': 'VARCHAR',
    'status': 'VARCHAR', 'request_time': 'VARCHAR', 'body_bytes_sent': 'VARCHAR' }))
TO '@OUT' (HEADER false, DELIMITER '\t')
