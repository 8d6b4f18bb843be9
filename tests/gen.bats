load helper

gen() { "$CMON_UNIT/../gen" "$@"; }

@test "gen: --lines writes so many lines, the last one whole" {
	[ "$(gen --lines 12345 | wc -l)" -eq 12345 ]
	[ "$(gen --lines 12345 | tail -c 1 | od -An -c | tr -d ' ')" = '\n' ]
}

@test "gen: --bytes writes no more than one line too much" {
	n=$(gen --bytes 300k | wc -c)
	[ "$n" -ge $((300 * 1024)) ]
	[ "$(gen --bytes 300k | sed '$d' | wc -c)" -lt $((300 * 1024)) ]
}

@test "gen: the same seed gives the same bytes, another seed others" {
	cmp <(gen --lines 3000) <(gen --lines 3000 --seed 1)
	run ! cmp -s <(gen --lines 3000) <(gen --lines 3000 --seed 2)
}

@test "gen: every text line has the documented format" {
	re='^198\.1[89](\.[0-9]+){2} - - \[[0-9]{2}/Nov/2026(:[0-9]{2}){3} \+0000\]'
	re+=' "[A-Z]+ /[^ "]+ HTTP/1\.1" [0-9]{3} [0-9]+ "[^"]+" "[^"]+"'
	re+=' rt=[0-9]+\.[0-9]{3} uct="(-|0\.000)" cs=[A-Z]+$'
	[ "$(gen --lines 20000 | grep -cE "$re")" -eq 20000 ]
}

@test "gen: JSON lines are the same events" {
	gen --lines 3000 --json | jq -r '
	    [.remote_addr, (.msec | tonumber | floor), .request_method,
	     .request_uri, .status, .body_bytes_sent,
	     (.request_time * 1000 + 0.5 | floor), .upstream_cache_status] | @tsv
	    ' >"$BATS_TEST_TMPDIR/json"
	gen --lines 3000 | awk -F'[][ "]+' -v OFS='\t' '{
		split($4, t, "[/:]"); split($0, q, "\""); split(q[7], r, "[= ]")
		print $1, 1795132800 + (t[1] - 20) * 86400 + t[4] * 3600 + t[5] * 60 + t[6],
		    $6, $7, $9, $10, int(r[3] * 1000 + 0.5), substr(q[9], 5)
	}' | diff - "$BATS_TEST_TMPDIR/json"
}

@test "gen: the log covers the hours asked for, in order" {
	gen --lines 7200 --hours 2 | cut -d' ' -f4 >"$BATS_TEST_TMPDIR/times"
	sort -c "$BATS_TEST_TMPDIR/times"
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/times")" = '[20/Nov/2026:00:00:00' ]
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/times")" = '[20/Nov/2026:01:59:59' ]
}

@test "gen: objects are asked for by Zipf 0.9" {
	# 400,000 draws: five deviations of a rank's count are within 5 % + 12.
	gen --lines 400000 --keys 1000 | cut -d' ' -f7 | sort | uniq -c |
	    sort -rn | awk '
		{ n[NR] = $1 }
		END {
			for (r = 1; r <= 1000; r++)
				h += r ^ -0.9
			for (r = 1; r <= 100; r += 9) {
				want = 400000 * r ^ -0.9 / h
				off = n[r] - want
				if (off < 0)
					off = -off
				if (off > 0.05 * want + 12) {
					print "rank " r ": " n[r] ", not " want
					bad = 1
				}
			}
			exit bad || NR != 1000
		}'
}

@test "gen: one status in a hundred is 5xx" {
	n=$(gen --lines 100000 | awk '{ n += $9 ~ /^5/ } END { print n }')
	[ "$n" -gt 840 ]
	[ "$n" -lt 1160 ]
}

@test "gen: wants a length, and one length" {
	run -2 gen
	run -2 gen --lines 1 --bytes 1k
	run -2 gen --lines 1 --keys 0
	run -2 gen --lines 1 file
}
