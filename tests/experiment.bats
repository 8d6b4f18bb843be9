# examples/experiment: a log of the real nginx, and what is made of it.
load helper

EXAMPLE=$ROOT/examples/experiment

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

@test "the worked example: cohorts agree, the better TTL is promoted, the other is not, with the reason" {
	run -0 --separate-stderr "$EXAMPLE/run.sh" kept
	[ -z "$stderr" ] || { echo "$stderr"; false; }
	[[ $output == *$'\n50729 lines, 0 differ\n'* ]]
	[[ $output == *"treatment: promote: better by 11.9 (+8.71 to +15.2), and all else holds"* ]]
	[[ $output == *"treatment: no: no difference is seen: -0.5 (-3.02 to +2.02)"* ]]
	[[ $output == *" never "* ]]
	# What its README says.
	grep -qF '34.9 % → 46.8 %: +11.9 points (8.7 to 15.2)' "$EXAMPLE/README.md"
	[ "$(cut -f2,3,12,13 kept/results.tsv | sed -n 2p)" = "$(tsv ttl-title hit_pct 34.8771 46.8102)" ]
}

@test "the worked example: its numbers are those of the papers' formulas, and the true gain is in the interval" {
	"$EXAMPLE/run.sh" kept >/dev/null
	cmon-abtest -x "$EXAMPLE/experiments.tsv" --decide --exact kept/days.tsv >verdicts.tsv
	run -0 python3 "$ROOT/tests/experiment-truth.py" "$EXAMPLE" verdicts.tsv
	[[ ${lines[0]} == '50729 lines, 0 differ' && ${lines[3]} == 'titles truly gain 12.'* ]]
	# It would see a difference that is off in the seventh digit.
	awk -F'\t' -v OFS='\t' 'NR == 2 { $14 += 1e-6 } 1' OFMT=%.17g CONVFMT=%.17g verdicts.tsv >off.tsv
	run -1 python3 "$ROOT/tests/experiment-truth.py" "$EXAMPLE" off.tsv
}

@test "experiment-log: the real nginx assigns every key as cmon-cohort does, before and after its reload" {
	PATH=$PATH:/usr/sbin
	for need in nginx python3; do command -v $need || skip "no $need"; done
	"$ROOT/scripts/experiment-log" --days .1,.2,.2 made
	gzip -dc made/access.log-*.gz >log
	[ "$(wc -l <log)" -ge 500 ]
	for word in HIT MISS; do grep -q "cs=$word" log; done
	cmon-parse -q -f '$msec "$request" $status $body_bytes_sent rt=$request_time cs=$upstream_cache_status cohort=$cohort' \
	    -c url,cohort log | sed 's/?utm_source=newsletter//' >events
	for e in title list; do
		awk -F'\t' -v e="/$e/" 'NR == 1 || index($2, e) == 1' events >rows
		awk -F'\t' -v e=$e -v OFS='\t' 'NR == 1 { print "time", "key", "endpoint"; next } { print $1, $2, e }' rows |
			cmon-cohort -x made/experiments.tsv -c cohort | cut -f4 >computed
		cut -f3 rows | diff computed -
		for cohort in control treatment '(pinned)'; do grep -qxF -- "$cohort" computed; done
	done
	# On both sides of the start.
	awk -F'\t' 'NR > 1 { n[$1 < 1794182400]++ } END { exit !(n[0] > 100 && n[1] > 100) }' events
}
