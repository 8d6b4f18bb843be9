-- The same as cohort.pl.
COPY (SELECT *, 'bench' AS experiment,
    CASE WHEN sha256('bench' || chr(0) || url) < '8' THEN 'control' ELSE 'treatment' END AS cohort
FROM read_csv('@IN', header = true, delim = '\t', quote = '', escape = '', auto_detect = false,
    columns = { 'time': 'BIGINT', 'url': 'VARCHAR', 'cache_raw': 'VARCHAR', 'status': 'INT',
    'latency_ms': 'INT', 'bytes': 'BIGINT', 'method': 'VARCHAR', 'client': 'VARCHAR' }))
TO '@OUT' (HEADER true, DELIMITER '\t')
