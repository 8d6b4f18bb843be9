# The TSV of scripts/bench to one row for each cache status: requests, mean,
# p50, p95, p99 (exact: a count for each millisecond), bytes.
BEGIN { FS = "\t" }
NR == 1 { next }
{
	c = $3
	ms = $5
	n[c]++; bytes[c] += $6; sum[c] += ms; h[c, ms]++
	if (ms + 0 > max) max = ms + 0
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
