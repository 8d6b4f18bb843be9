SELECT cs, count(), avg(ms), quantilesTDigest(0.5, 0.95, 0.99)(ms), sum(b)
FROM (
	SELECT splitByChar('"', line) AS q, substring(q[9], 5) AS cs,
	    toFloat32(splitByChar(' ', substring(q[7], 5))[1]) * 1000 AS ms,
	    toUInt64OrZero(splitByChar(' ', q[3])[3]) AS b
	FROM file('@IN', 'TSV', 'line String'))
GROUP BY cs ORDER BY cs
