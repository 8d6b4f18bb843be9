-- As tsv.sql, for each minute.
SELECT cache, count(*), avg(latency_ms),
    approx_quantile(latency_ms, [0.5, 0.95, 0.99]), sum(bytes), time - time % 60 AS minute
FROM read_csv('@IN', header = true, delim = '\t', quote = '', escape = '', auto_detect = false,
    columns = { 'time': 'BIGINT', 'url': 'VARCHAR', 'cache': 'VARCHAR', 'status': 'INT',
    'latency_ms': 'INT', 'bytes': 'BIGINT', 'method': 'VARCHAR', 'client': 'VARCHAR' })
GROUP BY ALL ORDER BY minute, cache
