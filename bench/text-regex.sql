-- A log of gen --format, by one regular expression.
WITH l AS (
	SELECT * FROM read_csv('@IN', header = false, delim = '\x01', quote = '', escape = '',
	    columns = { 'line': 'VARCHAR' }, auto_detect = false)),
p AS (
	SELECT regexp_extract(line, '^(\S+) - (\S+) \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "[^"]*" "[^"]*" rt=([\d.]+) uct="[^"]*" cs=(\S+)',
	    ['ip', 'u', 't', 'method', 'url', 'st', 'b', 'rt', 'cs']) r FROM l)
SELECT r.cs, count(*), avg(r.rt::DOUBLE * 1000),
    approx_quantile(r.rt::DOUBLE * 1000, [0.5, 0.95, 0.99]), sum(r.b::BIGINT)
FROM p GROUP BY r.cs ORDER BY 1
