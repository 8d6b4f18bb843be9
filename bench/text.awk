# A log of gen --format to one row for each cache status: requests, mean,
# p50, p95, p99 (exact: a count for each millisecond), bytes.
BEGIN { FS = "\"" }
{
	split($3, a, " ")
	split($7, r, "[= ]")
	c = substr($9, 5)
	ms = int(r[3] * 1000 + 0.5)
	n[c]++; bytes[c] += a[2]; sum[c] += ms; h[c, ms]++
	if (ms > max) max = ms
}
END {
	for (c in n) {
		seen = 0; p50 = p95 = p99 = -1
		for (ms = 0; ms <= max; ms++) {
			if (!((c, ms) in h)) continue
			seen += h[c, ms]
			if (p50 < 0 && seen >= .50 * n[c]) p50 = ms
			if (p95 < 0 && seen >= .95 * n[c]) p95 = ms
			if (p99 < 0 && seen >= .99 * n[c]) { p99 = ms; break }
		}
		printf "%s\t%d\t%.6f\t%d\t%d\t%d\t%.0f\n", c, n[c], sum[c] / n[c], p50, p95, p99, bytes[c]
	}
}
