load helper

C=$ROOT/examples/collect

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; mkdir fake; PATH=$PWD/fake:$PATH; }

# fake NAME TEXT - a command that prints TEXT, whatever it is asked.
fake() { { echo '#!/bin/sh'; printf 'cat <<"EOF"\n%s\nEOF\n' "$2"; } >"fake/$1"; chmod +x "fake/$1"; }

# field COLUMN - of the last row.
field() { awk -F'\t' -v c="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } END { print $at[c] }'; }

# good FILE - every program of the suite takes it for metrics.
good() { printf 'id\tseverity\tcondition\nx\tinfo\tx > 1\n' >r; cmon-alert -r r --backfill "$1" >/dev/null; }

@test "du.sh: the bytes below a folder" {
	mkdir d; head -c 1000000 /dev/zero >d/f
	"$C/du.sh" d >o; good o
	[ "$(field cache_bytes <o)" -ge 1000000 ]; [ "$(field cache_bytes <o)" -lt 1100000 ]
	[ "$(field window <o)" = 0 ]
	"$C/du.sh" d kv_bytes | field kv_bytes | grep -q .
	run -1 --separate-stderr "$C/du.sh" none; [ -z "$output" ]
}
@test "bucket.sh: objects and bytes of a listing" {
	fake aws '2026-11-20 12:00:00       1234 a/b.html

Total Objects: 1
   Total Size: 1234'
	"$C/bucket.sh" s3://b >o; good o
	[ "$(field kv_bytes <o) $(field kv_objects <o)" = "1234 1" ]
	fake aws 'An error occurred'; run -2 "$C/bucket.sh" s3://b
}
@test "queue.sh: each list, and their sum as the total" {
	fake redis-cli 700
	"$C/queue.sh" mail images >o; good o
	[ "$(cut -f 1,4 o | paste -sd ' ')" = "queue	queue_depth mail	700 images	700 	1400" ]
	fake redis-cli 'Could not connect'; run -2 "$C/queue.sh" mail
}
@test "varnish.sh: gauges of a real Varnish" {
	command -v varnishd >/dev/null || skip "varnishd is not installed"
	local n=$PWD/v
	varnishd -n "$n" -a 127.0.0.1:0 -b none -s malloc,10M -P "$PWD/pid" >log 2>&1 || { cat log; false; }
	"$C/varnish.sh" -n "$n" -t 10 >o || { kill "$(cat pid)"; false; }
	kill "$(cat pid)"
	good o
	[ "$(field varnish_objects <o)" = 0 ]; [ "$(field varnish_threads <o)" -gt 0 ]
	[ "$(field varnish_used_pct <o)" = 0 ]
}
@test "burn.sh: the same as adding up by hand" {
	T=1795176000
	{ tsv tier time window requests errors
	  for i in $(seq 1 80); do
		tsv edge $((T - 300 * i)) 300 1000 500
		tsv '' $((T - 300 * i)) 300 $((100 + i)) $((i % 7))
	  done; tsv '' $T 300 9 9; } >in
	NOW=$T "$C/burn.sh" 30 60 360 45 <in >o; good o
	for w in 30 60 360 45; do
		awk -F'\t' -v w=$w -v T=$T '$1 == "" && $2 >= T - 60 * w && $2 < T { r += $4; e += $5 }
			END { printf "%d\t%d\t%d\t%d\t%s\n", T - 60 * w, 60 * w, r, e, 100 * e / r }' in
	done >want
	diff want <(tail -n +2 o)
	# -a: at each end of a window what would have been written then, but none after one without a row.
	awk -F'\t' -v gap=$((T - 3000)) '$2 != gap' in >holes
	NOW=$T "$C/burn.sh" -a <holes >a; good a
	[ "$(wc -l <a)" -eq $((1 + 3 * 79)) ]
	for m in 0 5 40 200 390; do
		NOW=$((T - 60 * m)) "$C/burn.sh" 30 60 360 <holes | tail -n 3
	done >want
	awk -F'\t' -v T=$T 'NR > 1 && index(" 0 300 2400 12000 23400 ", " " T - $1 - $2 " ")' a | sort -k 2,2n >o
	diff <(sort -k 2,2n want) o
	tsv time window requests >bad; run -2 "$C/burn.sh" <bad
}
