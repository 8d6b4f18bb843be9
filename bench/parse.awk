# A log of gen --format to the TSV of scripts/bench; a second's number is kept.
BEGIN {
	FS = "\""; OFS = "\t"
	split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", name, " ")
	for (i in name) month[name[i]] = i + 0
	print "time", "url", "cache_raw", "status", "latency_ms", "bytes", "method", "client"
}
function epoch(s, y, m, d) {
	d = substr(s, 1, 2) + 0; m = month[substr(s, 4, 3)]; y = substr(s, 8, 4) + 0
	if (m <= 2) { y--; m += 12 }
	d += 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) - 719469
	return d * 86400 + substr(s, 13, 2) * 3600 + substr(s, 16, 2) * 60 + substr(s, 19, 2)
}
{
	split($1, p, " ")
	if (p[4] != last) { last = p[4]; time = epoch(substr(last, 2)) }
	split($2, q, " ")
	split($3, a, " ")
	split($7, r, "[= ]")
	print time, q[2], substr($9, 5), a[1], int(r[3] * 1000 + 0.5), a[2], q[1], p[1]
}
