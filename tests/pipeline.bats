# What holds for programs together: no stage dies unseen, nothing is replaced by halves.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	mkfifo log events metrics
	echo precious >out
}

# run_killing VICTIM - parse | agg | prom -o out, with the log half written and
# the victim then killed; leaves the stages' statuses in $parse, $agg, $prom.
run_killing() {
	local pid
	parse=0 agg=0 prom=0
	cmon-parse -q -f nginx-cache log >events 2>parse.err &
	local parse_pid=$!
	cmon-agg -w 1m <events >metrics 2>agg.err &
	local agg_pid=$!
	cmon-prom -o out <metrics 2>prom.err &
	local prom_pid=$!
	exec 7>log
	head -n 5000 "$ROOT/examples/edge.log" >&7
	eval "pid=\$$1_pid"
	kill -9 "$pid"
	# The rest is written by a process of its own: it may find nobody reading.
	(trap '' PIPE; tail -n +5001 "$ROOT/examples/edge.log" >&7) 2>/dev/null || true
	exec 7>&-
	wait "$parse_pid" || parse=$?
	wait "$agg_pid" || agg=$?
	wait "$prom_pid" || prom=$?
}

@test "parse | agg | prom: a parse that is killed stops the others, and the file stays" {
	run_killing parse
	[ "$parse" -eq 137 ] && [ "$agg" -eq 2 ] && [ "$prom" -eq 2 ]
	grep -qE 'cut short|no input' agg.err
	[ "$(cat out)" = precious ]
}

@test "parse | agg | prom: an agg that is killed stops the others, and the file stays" {
	run_killing agg
	[ "$parse" -eq 141 ] && [ "$agg" -eq 137 ] && [ "$prom" -eq 2 ]
	[ "$(cat out)" = precious ]
}

@test "parse | agg | prom: a prom that is killed fails the whole, and the file stays" {
	run_killing prom
	[ "$prom" -eq 137 ]
	[ "$(cat out)" = precious ]
}

@test "parse | agg | prom: a log that cannot be read fails the whole under pipefail, and the file stays" {
	run -2 --separate-stderr bash -o pipefail -c 'cmon-parse -f combined ./none | cmon-agg -w 1m | cmon-prom -o out'
	[ "$(cat out)" = precious ]
}

@test "parse | agg: kill at any moment: what comes out is nothing, or is refused by the next reader" {
	local n
	for n in 1 100 1000 20000; do
		cmon-parse -q -f nginx-cache <(head -n "$n" "$ROOT/examples/edge.log"; sleep 1000 & echo $! >sleeper; wait) >part 2>/dev/null &
		local pid=$!
		# Killed once it has taken what there is.
		while [ ! -s sleeper ]; do :; done
		kill -9 $pid
		wait $pid || true
		kill "$(cat sleeper)" 2>/dev/null || true
		rm -f sleeper
		run -2 cmon-agg part
	done
}

@test "the real nginx, asked: what parse and agg say is what the clients saw" {
	command -v nginx >/dev/null || PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip "nginx is not installed"
	"$ROOT/scripts/capture" --requests 500 real >capture.log 2>&1
	# The same columns on both sides, as sorted rows.
	pick() { awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
		{ print $col["status"] "\t" $col["bytes"] "\t" $col["cache_raw"] }' "$1" | sort; }
	cmon-parse -q -c time,status,bytes,cache_raw real/edge.log >events.tsv
	diff <(pick real/client.tsv) <(pick events.tsv)
	[ "$(cmon-agg -c requests events.tsv | tail -n 1 | cut -f3)" -eq "$(($(wc -l <real/client.tsv) - 1))" ]
	hits=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "cache_raw") c = i; next }
		$c ~ /^(HIT|STALE|UPDATING|REVALIDATED)$/ { n++ } END { print n + 0 }' real/client.tsv)
	[ "$(cmon-parse -q real/edge.log | cmon-agg -c hits | tail -n 1 | cut -f3)" -eq "$hits" ]
}
