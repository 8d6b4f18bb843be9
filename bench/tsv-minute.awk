# As tsv.awk, for each minute.
BEGIN { FS = "\t" }
NR == 1 { next }
{
	ms = $5
	c = $3 "\t" $1 - $1 % 60
	n[c]++; bytes[c] += $6; sum[c] += ms
	if (!((c, ms) in h)) had[c] = had[c] " " ms
	h[c, ms]++
}
END {
	for (c in n) {
		m = split(had[c], v, " ")
		for (i = 2; i <= m; i++) {
			x = v[i] + 0
			for (j = i - 1; j > 0 && v[j] + 0 > x; j--) v[j + 1] = v[j]
			v[j + 1] = x
		}
		seen = 0; p50 = p95 = p99 = -1
		for (i = 1; i <= m; i++) {
			ms = v[i] + 0
			seen += h[c, ms]
			if (p50 < 0 && seen >= .50 * n[c]) p50 = ms
			if (p95 < 0 && seen >= .95 * n[c]) p95 = ms
			if (p99 < 0 && seen >= .99 * n[c]) { p99 = ms; break }
		}
		split(c, k, "\t")
		printf "%s\t%d\t%.6f\t%d\t%d\t%d\t%.0f\t%s\n", k[1], n[c], sum[c] / n[c], p50, p95, p99, bytes[c], k[2]
	}
}
