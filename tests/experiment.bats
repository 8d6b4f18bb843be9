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

@test "the worked example: what its README says of promoting runs as pasted" {
	ln -s "$ROOT/examples" examples
	awk '/^## / { on = /Promote it/ } on && sub(/^    /, "")' examples/experiment/README.md |
		sed "s|/tmp/|$PWD/|g" >pasted
	grep -q cmon-promote pasted
	run -0 bash -ec '. ./pasted'
	[[ $output == *$'\ntitle\t20h\t'* && $output == *'proxy_cache_valid 200 301 302 72000s;' ]]
	grep -q $'^ttl-title\t.*\tcompleted\t' promote/experiments.tsv
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

# --- every night ---

# folder - as daily-experiment.sh wants it.
folder() {
	mkdir trial
	cp "$EXAMPLE"/*.tsv "$EXAMPLE/log.format" trial/
	printf '#!/bin/sh\nexec cmon-mail --dry-run --from a@example.org --to b@example.org "$@" >>%s/mails\n' "$PWD" >tell
	chmod +x tell
	: >mails
}

# logs DAY - as they lie there in that night: the day's, and that of the day before.
logs() {
	local d f
	for d in $(($1 - 1)) "$1"; do
		f=$(printf '%s/access.log-202611%02d.gz' "$EXAMPLE" "$d")
		[ ! -f "$f" ] || gzip -dc "$f"
	done >trial/access.log
}

# night DAY - of November, ten minutes past midnight, when it is over.
night() {
	logs "$1"
	NOW=$((1793491200 + $1 * 86400 + 600)) TELL=${TELL-$PWD/tell} \
	    "$ROOT/examples/daily-experiment.sh" trial trial/access.log 2>err
}

# verdict DAY COLUMN - on titles, of the results' rows of that night.
verdict() {
	awk -F'\t' -v t=$((1793491200 + $1 * 86400)) -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i }
		$1 == t && $2 == "ttl-title" && $3 == "hit_pct" { print $col[name]; exit }' trial/results.tsv
}

@test "daily-experiment: nothing before the duration, promoted once at the end, one mail, and the undo works" {
	local d
	folder
	cp trial/ttl.tsv before.tsv
	for d in {2..21}; do night "$d"; done
	diff before.tsv trial/ttl.tsv
	[ ! -s mails ]
	[ "$(verdict 8 status)" = invalid ]
	[[ $(verdict 8 reason) == "no rows since the start, "* ]]
	[ "$(verdict 21 status) $(verdict 21 decision)" = "treatment no" ]
	[ "$(verdict 21 reason)" = "it runs until 2026-11-23T00:00:00Z, and now is 2026-11-22T00:00:00Z" ]
	night 22
	[ "$(verdict 22 decision)" = promote ]
	[ "$(diff before.tsv trial/ttl.tsv | grep '^>')" = "> $(tsv title 20h 'in the experiment ttl-title')" ]
	grep -q $'^ttl-title\t.*\tcompleted\t' trial/experiments.tsv
	grep -q $'^ttl-list\t.*\trunning\t' trial/experiments.tsv
	[ "$(grep -c '^Subject: A TTL was promoted' mails)" -eq 1 ]
	[ "$(cut -f2,5 trial/ended.tsv | tail -n 1)" = "$(tsv ttl-list inconclusive)" ]
	# Neither that night again nor the next ones change or tell anything.
	cp trial/ttl.tsv after.tsv
	night 22 && night 23 && night 24
	diff after.tsv trial/ttl.tsv
	[ "$(grep -c '^Subject: ' mails)" -eq 2 ]
	[ "$(ls trial/promoted*)" = trial/promoted-2026-11-22.tsv ]
	# The command of the mail, from any folder.
	undo=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next } { print $col["undo"] }' trial/promoted-2026-11-22.tsv)
	(cd / && sh -c "$undo" >/dev/null)
	diff before.tsv trial/ttl.tsv
	night 25
	diff before.tsv trial/ttl.tsv
}

@test "daily-experiment: totals of each day are those of all days at once, however often a night is run" {
	local d
	folder
	for d in 21 3 2 3; do night "$d"; done
	# The whole log at once, for one of them.
	gzip -dc "$EXAMPLE"/access.log-*.gz >trial/access.log
	logs() { :; }
	night 3
	[ "$(ls trial/totals)" = $'2026-11-02.tsv\n2026-11-03.tsv\n2026-11-21.tsv' ]
	"$EXAMPLE/run.sh" kept >/dev/null
	cut -f1-9 kept/days.tsv | awk -F'\t' 'NR > 1 && ($4 < 1793491200 + 3 * 86400 || $4 == 1793491200 + 20 * 86400)' | sort >want
	cut -f1-8 trial/totals/*.tsv | grep -v '^experiment' | sort >got
	cut -f1-8 want | diff - got
	[ "$(wc -l <got)" -gt 1000 ]
}

@test "daily-experiment: a promotion is told in the end, though the mail fails; a log that is not there changes nothing" {
	folder
	for d in {2..21}; do night "$d"; done
	TELL=false run ! night 22
	grep -q $'^title\t20h' trial/ttl.tsv
	[ ! -s mails ]
	night 23
	[ "$(grep -c '^Subject: A TTL was promoted' mails)" -eq 1 ]
	tr '\n' ' ' <mails | sed 's/= //g' | grep -q 'undo ttl-title'
	cp trial/totals/2026-11-22.tsv kept.tsv
	NOW=$((1793491200 + 22 * 86400 + 600)) run ! "$ROOT/examples/daily-experiment.sh" trial ./no-such-log
	[[ $output == *'./no-such-log: No such file'* ]]
	diff kept.tsv trial/totals/2026-11-22.tsv
}

@test "daily-experiment: as the crontab has it, under cmon-job" {
	load cron
	PATH=$PATH:/usr/sbin
	folder
	sed -e 's/^#\(20 0 .*experiments\)/\1/' -e "s#/usr/local/bin#$CMON_BIN#" -e "s#/usr/local/share/doc/cmon/examples#$ROOT/examples#" \
	    -e "s#/var/log/nginx#$PWD/trial#; s#/var/lib#$PWD/var/lib#g" -e "s#^TELL=.*#TELL=$PWD/tell#" "$ROOT/examples/crontab" >tab
	cron_read tab
	for d in {2..21}; do night "$d"; done
	mkdir -p var/lib/cmon && cp -r trial var/lib/cmon/experiments
	logs 22
	NOW=$((1793491200 + 22 * 86400 + 20 * 60))
	cron_is_due "$(sed -n 's/^#\(20 0 .*\)\t\$JOB experiments.*/\1/p' "$ROOT/examples/crontab")" $NOW
	run -0 cron_run 'experiments --'
	[ -z "$output" ]
	grep -q $'^title\t20h' var/lib/cmon/experiments/ttl.tsv
	[ "$(grep -c '^Subject: A TTL was promoted' mails)" -eq 1 ]
	[ "$(awk -F'\t' '$1 == "experiments" { print $4 }' var/lib/cmon/jobs.tsv)" = 0 ]
}

# --- the shipped set ---

# shipped - the day-one folder as the examples have it, and a log of titles of which those in treatment gain.
shipped() {
	mkdir trial
	cp "$ROOT"/examples/{experiments,keys,ttl}.tsv trial/
	echo '$msec "$request" $status $body_bytes_sent rt=$request_time cs=$upstream_cache_status' >trial/log.format
	printf '#!/bin/sh\nexec cmon-mail --dry-run --from a@example.org --to b@example.org "$@" >>%s/mails\n' "$PWD" >tell
	chmod +x tell
	: >mails
	{ tsv time endpoint key; for i in {1..400}; do tsv 1795132800 title "search:title:q=$i"; done; } |
		cmon-cohort -x trial/experiments.tsv | cut -f3,5 >cohorts
	python3 - "${1:-0.6}" <<-'END'
		import random, sys
		random.seed(4)
		start, log = 1795132800, {}
		cohort = dict(line.rstrip('\n').split('\t') for line in open('cohorts'))
		for day in range(-3, 14):
		    with open(f'log.{start // 86400 + day}', 'w') as out:
		        for i in range(4000):
		            n = random.randrange(1, 401)
		            treated = day >= 0 and cohort[f'search:title:q={n}'] == 'treatment'
		            hit = random.random() < (float(sys.argv[1]) if treated else 0.4)
		            t = start + day * 86400 + i * 21.5
		            out.write(f'{t:.3f} "GET /search/title?q={n}&utm_source=x HTTP/1.1" 200 512 rt=0.0{10 if hit else 40} cs={"HIT" if hit else "MISS"}\n')
	END
}

# shipped_night DAY - of December; 0 is the last of November.
shipped_night() {
	local d day=$((1796083200 / 86400 + $1 - 1))
	for d in $((day - 1)) $day; do [ ! -f log.$d ] || cat log.$d; done >trial/access.log
	NOW=$((day * 86400 + 86400 + 600)) TELL=$PWD/tell "$ROOT/examples/daily-experiment.sh" trial trial/access.log 2>err
}

@test "the shipped set: a treatment that gains is promoted by the shipped daily line, at the end and once" {
	local d
	shipped
	for d in {-13..2}; do shipped_night $d; run ! grep -v 'nothing to promote' err; done
	[ ! -s mails ]
	shipped_night 3
	[ "$(grep -c '^Subject: A TTL was promoted' mails)" -eq 1 ]
	grep -q $'^title\t10m' trial/ttl.tsv
	shipped_night 3
	[ "$(grep -c '^Subject: ' mails)" -eq 1 ]
	[ ! -s trial/ended.tsv ]
}

@test "the shipped set: an experiment that ends with no is told once, with the reason; so is one that is invalid" {
	local d
	shipped 0.4
	# The second one gets no rows at all.
	sed -i 's/^\(ttl-search\t.*\)2026-11-23\t28d\tdraft/\12026-11-20\t10d\trunning/' trial/experiments.tsv
	for d in {-13..-1}; do shipped_night $d; done
	[ "$(grep -c '^Subject: An experiment ended without a promotion' mails)" -eq 1 ]
	cut -f2,5 trial/ended.tsv | diff - <(tsv experiment status; tsv ttl-search invalid)
	for d in {0..3} 3; do shipped_night $d; done
	[ "$(grep -c '^Subject: An experiment ended without a promotion' mails)" -eq 2 ]
	grep -q 'no difference is seen' trial/ended.tsv
	[ "$(grep -c '^Subject: ' mails)" -eq 2 ]
}

@test "the shipped set: a start at noon, and cohorts that change places twice a day, break nothing" {
	local d
	shipped
	sed -i 's/2026-11-20\t14d/2026-11-20T12:00:00Z\t13d/; s/^\(ttl-search\t.*\)2026-11-23\t28d\tdraft\t20\t1d/\12026-11-20T06:00:00Z\t28d\trunning\t20\t12h/' trial/experiments.tsv
	cmon-cohort -x trial/experiments.tsv --check
	for d in {-13..3}; do shipped_night $d; done
	[ "$(grep -c '^Subject: A TTL was promoted' mails)" -eq 1 ]
	cut -f5 trial/totals/2026-11-20.tsv | grep -qx 21600
}

@test "the shipped set: each endpoint of the experiments and of the TTLs is one that the key rules yield" {
	local e=
	awk -F'\t' '/^#/ { next } $1 == "name" || $1 == "endpoint" { for (i = 1; i <= NF; i++) if ($i == "endpoint") c = i; next }
		$c != "" { print $c }' "$ROOT/examples/experiments.tsv" <(cat "$ROOT/examples/ttl.tsv") | sort -u >endpoints
	while read -r e; do
		awk -F'\t' -v e="$e" '$2 == e { print $1 "x"; exit }' "$ROOT/examples/keys.tsv" >url
		[ -s url ] || { echo "no rule yields $e"; false; }
		{ tsv time url; tsv 1 "$(cat url)"; } | cmon-key -r "$ROOT/examples/keys.tsv" -c endpoint | grep -qxF "$(tsv 1 "$(cat url)" "$e")"
	done <endpoints
	[ "$(wc -l <endpoints)" -ge 2 ]
}
