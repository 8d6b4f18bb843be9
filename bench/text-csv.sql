-- A log of gen --format as CSV with blanks: what the log's brackets and
-- prefixes leave of it.
WITH p AS (
	SELECT cs[4:] AS cache, CAST(rt[4:] AS DOUBLE) * 1000 AS ms, b
	FROM read_csv('@IN', header = false, delim = ' ', quote = '"', escape = '"',
	    strict_mode = false, auto_detect = false, null_padding = true,
	    columns = { 'ip': 'VARCHAR', 'd': 'VARCHAR', 'u': 'VARCHAR', 't': 'VARCHAR',
	    'z': 'VARCHAR', 'req': 'VARCHAR', 'st': 'INT', 'b': 'BIGINT', 'ref': 'VARCHAR',
	    'ua': 'VARCHAR', 'rt': 'VARCHAR', 'uct': 'VARCHAR', 'cs': 'VARCHAR' }))
SELECT cache, count(*), avg(ms), approx_quantile(ms, [0.5, 0.95, 0.99]), sum(b)
FROM p GROUP BY cache ORDER BY cache
