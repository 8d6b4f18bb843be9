# pitfalls: each of tests/pitfalls.tsv has its test; those that belong nowhere else are here.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

start=1795737600	# of aa's treatment, after a week

@test "pitfalls: each names a test that is there" {
	local n=0 pitfall file name
	while IFS=$'\t' read -r pitfall file name; do
		grep -qF -- "@test \"$name\"" "$ROOT/tests/$file" || { echo "$file: no test \"$name\", of: $pitfall"; false; }
		n=$((n + 1))
	done < <(grep -v '^#' "$ROOT/tests/pitfalls.tsv" | sed 1d)
	[ "$n" -ge 40 ]
}

@test "cohorts of 90 and 10: equal ones differ in 3 to 7 % of experiments" {
	"$CMON_UNIT/../aa" --experiments 300 --keys 500 --share 10 --pinned 5 |
		cmon-abtest --start $start --rounds 499 --min-keys 0 >got
	run -0 awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "p") c = i; next }
		{ n++; k += $c <= 0.05 } END { print 100 * k / n; exit !(k >= 0.03 * n && k <= 0.07 * n) }' got
}

@test "the sample ratio is of keys: of equal cohorts it alarms in 1 % at most, where requests would in most" {
	"$CMON_UNIT/../aa" --experiments 300 --keys 500 >rows
	cmon-abtest --start $start --method delta rows >got
	run -0 awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "srm_p") c = i; next }
		{ n++; k += $c < 0.001 } END { exit !(n == 300 && k <= 0.01 * n) }' got
	# Chi-square of one degree of freedom, p < 0.001, of the requests of the same rows.
	run -0 awk -F'\t' 'NR > 1 { r[$1, $2] += $6 } END { for (e = 1; e <= 300; e++) {
		c = r[e, "control"]; t = r[e, "treatment"]; k += (c - t) ^ 2 / (c + t) > 10.83 } exit !(k > 0.9 * 300) }' rows
}
