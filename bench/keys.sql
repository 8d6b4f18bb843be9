-- The TSV of scripts/bench to one row for each url, sorted.
COPY (SELECT url, count(*), sum(latency_ms), sum(bytes)
FROM read_csv('@IN', header = true, delim = '\t', quote = '', escape = '', auto_detect = false,
    columns = { 'time': 'BIGINT', 'url': 'VARCHAR', 'cache': 'VARCHAR', 'status': 'INT',
    'latency_ms': 'INT', 'bytes': 'BIGINT', 'method': 'VARCHAR', 'client': 'VARCHAR' })
GROUP BY url ORDER BY url) TO '@OUT' (HEADER false, DELIMITER '\t')
