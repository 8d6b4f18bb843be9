# What holds for the programs of a pipeline together, whatever is done to them.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

pipeline() {
	cmon-parse -q -f nginx-cache "$ROOT/examples/edge.log" | head -n 3001 | tee events |
	    cmon-agg -w 1m -g cache -T --tz Europe/Berlin | tee metrics | cmon-table
	cmon-prom -T metrics
}

@test "TZ and the locale change not a byte" {
	pipeline >want
	for zone in Asia/Kathmandu right/UTC ':/etc/passwd' '' XXX-99; do
		for locale in C de_DE.UTF-8 tr_TR no-such; do
			TZ=$zone LC_ALL=$locale LANG=$locale LC_NUMERIC=$locale pipeline | cmp - want
		done
	done
}

@test "a line of 200 MB costs no memory, and the lines around it count" {
	[ -z "$CMON_SANITIZED" ] || skip "sanitizers take all addresses"
	line='10.0.0.1 - - [20/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"'
	{ echo "$line"; head -c 200000000 /dev/zero | tr '\0' x; printf '\n%s\n' "$line"; } |
	    (ulimit -v 20000; cmon-parse -f combined -E 40 2>err) | wc -l >rows
	[ "$(cat rows)" -eq 3 ]
	grep -q '3 lines: 2 records, 1 rejected (over --max-line: 1)' err
	{ tsv time a; head -c 200000000 /dev/zero; } | (ulimit -v 20000; run -2 cmon-agg; [[ $output == *'over 1048576 bytes' ]])
}

@test "many keys within little memory are the same bytes as within much" {
	[ -z "$CMON_SANITIZED" ] || skip "too slow under sanitizers"
	{ tsv time url bytes; seq 200000 | awk '{ printf "%d\t/%d\t%d\n", $1 % 7000, $1 * 7919 % 150001, $1 }'; } >ev
	cmon-agg -w 1h -g url -a bytes:sum ev | cksum >want
	[ "$(cmon-agg -w 1h -g url -a bytes:sum --mem 4M ev | cksum)" = "$(cat want)" ]
}
