# examples/crontab, run line by line as cron would run it.
load helper
load servers
load cron

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; LOG=var/log/nginx/access.log; }
teardown() { stop_servers; }

# install [CLOCK] - the crontab, in a root of its own, with a mail server.
install_all() {
	need_aiosmtpd
	mkdir box
	start_server smtp_sink.py "$PWD/box" notls
	cron_install tab "$port" "$@"
}

lines() { nginx_lines "$@" | cut -f 2-; }

# figure COLUMN [TIME] - of the total row of a window; of the newest if no time is given.
figure() {
	awk -F'\t' -v c="$1" -v t="${2-}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == "" && (t == "" || $at["time"] == t) { v = $at[c] } END { print v }' var/lib/cmon/figures.tsv
}

mails() { to ops | wc -l; }
subjects() { to "${1:-ops}" | xargs -r grep -h -m 1 '^Subject: ' | tr -d '\r'; }

T=1795176000	# 2026-11-20 12:00:00

@test "each line is one that cron reads, and as cron reads it" {
	cron_read "$ROOT/examples/crontab"
	[ "${#CRON_COMMAND[@]}" -eq 3 ]
	# What is commented out is such a line, too.
	sed 's/^#\(PING\|4-59\)/\1/' "$ROOT/examples/crontab" >all
	cron_read all
	[ "${#CRON_COMMAND[@]}" -eq 4 ]
	# No % but \%, and each command under cmon-job, whose shell has pipefail.
	for c in "${CRON_COMMAND[@]}"; do
		[[ ! ${c//\\%/} = *%* ]]
		[[ $c = *'$JOB '* ]]
	done
	[[ " ${CRON_ENV[*]} " = *" SHELL=/bin/bash "* && " ${CRON_ENV[*]} " = *" MAILTO="* ]]
	run ! cron_read <(echo '*/5 * * * cmon-job')
	run ! cron_read <(echo "* * * * * $(head -c 1000 /dev/zero | tr '\0' x)")
}

@test "every line runs twice: not a word, exit 0, and the files are there" {
	install_all clock
	sed -i 's/^#\(PING\|4-59\)/\1/' tab && cron_read tab
	start_server http_sink.py "$PWD/hits"
	(umask 077; echo "http://127.0.0.1:$port/ping/s3cret" >etc/cmon/ping)
	mkdir -p var/cache/nginx
	lines $((T - 25200)) $((T - 600)) >$LOG.1
	lines $((T - 600)) $T >$LOG
	NOW=$((T + 2))
	for n in 1 2; do
		for job in gauges figures textfile report; do
			run -0 --separate-stderr cron_run "$job --"
			[ "$output$stderr" = "" ] || { echo "$job: $output$stderr"; false; }
		done
	done
	ls var/lib/cmon >o
	for f in figures.tsv jobs.tsv alerts alerts.tsv mail.tsv pager.tsv phone.tsv cache.gauges; do grep -qx "$f" o; done
	run -0 --separate-stderr cmon-prom --check var/lib/prometheus/node-exporter/*.prom
	[ "$stderr" = "" ]
	grep -q '^cmon_hit_ratio{tier="edge",window="5m"} 1$' var/lib/prometheus/node-exporter/cmon.prom
	grep -q '^cmon_last_success_timestamp_seconds{job_name="report"} ' var/lib/prometheus/node-exporter/cmon-jobs.prom
	# Nothing was wrong: one mail, the report, though it ran twice.
	[ "$(mails)" -eq 1 ]
	[ "$(subjects)" = "Subject: Cache, the day to 2026-11-20" ]
	[ "$(find box -name '*.eml' | wc -l)" -eq 1 ]
	# The ping came after each run of the alerts.
	[ "$(jq -r .path hits | paste -sd ' ')" = "/ping/s3cret /ping/s3cret" ]
	[ "$(cmon-table -c job,exit_status var/lib/cmon/jobs.tsv | awk 'NR > 1 && $NF != 0' | wc -l)" -eq 0 ]
}

@test "a stage that is broken is one line, told once, and the alerts go on" {
	install_all clock
	lines $((T - 21600)) $T >$LOG
	run -0 --separate-stderr cron_at $T
	[ "$output$stderr" = "" ]
	mv $LOG $LOG.away
	run --separate-stderr cron_at $((T + 300))
	[ "$output" = "" ]
	[ "$stderr" = "cmon-job: figures: stage 1 of 2 ended with 2: cmon-parse: $PWD/$LOG: No such file or directory" ]
	for m in 10 15 20; do
		run --separate-stderr cron_at $((T + 60 * m))
		[ "$output$stderr" = "" ]
	done
	# Meanwhile those who are told of alerts know.
	[ "$(subjects)" = "Subject: [FIRING] log_stale critical: lag(requests) 15m2s > 15m" ]
	# Another stage, another line.
	mv $LOG.away $LOG
	printf 'id\tseverity\tcondition\nx\tinfo\ty ~ 1\n' >etc/cmon/rules.tsv
	run --separate-stderr cron_at $((T + 1500))
	[[ $stderr = "cmon-job: alerts: stage 2 of 2 ended with 2: cmon-alert: "* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "before there are any figures, what is missing is told, a line each" {
	install_all clock
	run --separate-stderr cron_at $T
	[ "$(cut -d: -f2 <<<"$stderr" | paste -sd ,)" = " figures, alerts" ]
	lines $((T - 600)) $((T + 300)) >$LOG
	run -0 --separate-stderr cron_at $((T + 300))
	[ "$output$stderr" = "" ]
}

@test "a mail server that is down: a line for each delivery, no ping, and the mail comes when it is up again" {
	install_all clock
	sed -i 's/^#PING/PING/' tab && cron_read tab
	smtp=$port
	start_server http_sink.py "$PWD/hits"
	(umask 077; echo "http://127.0.0.1:$port/ping" >etc/cmon/ping)
	kill "${SERVERS[0]}"; wait "${SERVERS[0]}" || :
	lines $T $((T + 900)) err=1 miss=1 >$LOG
	run --separate-stderr cron_at $((T + 900))
	# A line for each delivery that has something to tell.
	[[ ${stderr_lines[0]} = "cmon-job: mail: ended with 75: cmon-mail: "* ]]
	[[ ${stderr_lines[1]} = "cmon-job: pager: ended with 75: cmon-mail: "* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
	[ ! -s hits ]
	start_server smtp_sink.py "$PWD/box" notls
	sed -i "s#127.0.0.1:$smtp#127.0.0.1:$port#" tab && cron_read tab
	lines $((T + 900)) $((T + 1200)) err=1 miss=1 >>$LOG
	run --separate-stderr cron_at $((T + 1200))
	[ "$output$stderr" = "" ]
	[ "$(subjects)" = "$(printf 'Subject: [FIRING] slo_page critical: error_pct 100 %% > 1.44 %%\nSubject: [FIRING 3] error_critical, miss_critical, edge_share')" ]
	[ "$(wc -l <hits)" -eq 1 ]
}

@test "each channel of the rules has its delivery: who is paged, and who is called when it lasts" {
	install_all clock
	channels=mail$(grep -o -- '--channel [a-z]*' tab | sed 's/--channel /,/' | tr -d '\n')
	[ "$channels" = mail,pager,phone ]
	run -0 cmon-alert --check -r etc/cmon/rules.tsv --channels "$channels"
	run -1 cmon-alert --check -r etc/cmon/rules.tsv --channels mail,pager
	# Half of all fail: slo_page at once, error_critical 5 minutes later, and who is called after 15 more.
	lines $T $((T + 3600)) rate=2 err=0.5 >all
	for m in 5 10 15 20 25 30; do
		head -n $((120 * m)) all >$LOG
		run -0 --separate-stderr cron_at $((T + 60 * m))
		[ "$output$stderr" = "" ]
		[ $m -ne 20 ] || [ "$(to phone | wc -l)" -eq 0 ]
	done
	subjects ops >o; subjects pager >p; subjects phone >q
	[ "$(cat p)" = "$(printf 'Subject: [FIRING] slo_page critical: error_pct 50 %% > 1.44 %%\nSubject: [FIRING] error_critical critical: error_pct 50 %% > 5 %%')" ]
	[ "$(cat q)" = 'Subject: [FIRING] error_critical critical: error_pct 50 % > 5 %' ]
	grep -q slo_page o
	# One that is down keeps no other from being told, and one that is commented out is not asked.
	sed -i 's/^\(PAGE=.*smtp:..127.0.0.1:\)[0-9]*/\11/; s/^CALL=/#&/' tab && cron_read tab
	rm -r box/*
	lines $((T + 1800)) $((T + 3600)) rate=2 >>$LOG
	for m in 35 40 45; do run --separate-stderr cron_at $((T + 60 * m)); cat <<<"$stderr"; done >e
	[ "$(subjects ops)" = "$(printf 'Subject: [FIRING 1, RESOLVED 1] slo_ticket, slo_page\nSubject: [RESOLVED] error_critical critical')" ]
	[ "$(cut -d: -f 2 e | sort -u | paste -sd ,)" = ", pager" ]
	[ "$(find box -name '*.eml' | wc -l)" -eq 2 ]
}

@test "the report says of each target whether it was met" {
	install_all clock

	# verdicts ARGS... - of the report's text, on a day of such lines.
	verdicts() {
		rm -rf box/* var/lib/cmon/*
		lines $((T - 7200)) $T "$@" >$LOG
		NOW=$((T + 2)) run -0 --separate-stderr cron_run 'report --'
		[ "$output$stderr" = "" ] || { echo "$output$stderr"; return 1; }
		python3 - box/*.eml <<-'END'
		import email, sys
		text = email.message_from_file(open(sys.argv[1])).get_payload(0).get_payload(decode=True).decode()
		for line in text.splitlines():
		    f = line.split()
		    if f and f[0] in ("edge", "errors", "hit", "p95", "uptime") and f[1][0].isalpha():
		        print(*f[:6])
		END
	}
	verdicts >o
	diff - o <<-'END'
	edge share_pct{tier=edge} 100 >= 80% met
	errors error_pct 0 <= 1% met
	hit hit_pct 100 >= 95% met
	p95 latency_ms_p95 5 <= 50ms met
	uptime uptime_pct >= 99.9% no data
	END
	verdicts miss=0.25 err=0.02 >o
	diff - o <<-'END'
	edge share_pct{tier=edge} 75 >= 80% missed
	errors error_pct 2 <= 1% missed
	hit hit_pct 75 >= 95% missed
	p95 latency_ms_p95 89.7135 <= 50ms missed
	uptime uptime_pct >= 99.9% no data
	END
	# The figures of the day follow.
	python3 -c 'import email, sys; print(email.message_from_file(sys.stdin).get_payload(0).get_payload(decode=True).decode())' \
	    <"$(to ops)" | grep -q '^ *(all) .* 7200 '
	# A probe of your own is a row more.
	tsv time window uptime_pct >u; tsv $T 0 99.95 >>u
	{ tsv time window hit_pct; tsv $((T - 86400)) 86400 95; cat u; } >rows
	PATH=$PWD/clock:$PATH NOW=$T "$ROOT/examples/targets.sh" etc/cmon/targets.tsv <rows >o
	[ "$(awk -F'\t' '$5 == "met" { print $1, $3 }' o | paste -sd,)" = "hit 95,uptime 99.95" ]
	# However it is written, also with a time to hold, and in a file that awk would take for a setting.
	tsv id severity condition threshold for summary >a=b.tsv
	tsv a info 'hit_pct<99%' '' 5m A >>a=b.tsv
	tsv b info 'hit_pct <=90' '' '' B >>a=b.tsv
	PATH=$PWD/clock:$PATH NOW=$T "$ROOT/examples/targets.sh" a=b.tsv <rows >o
	[ "$(awk -F'\t' 'NR < 4 { print $1, $2, $3, $4, $5 }' o | tail -n 2 | paste -sd,)" = "a hit_pct 95 >= 99% missed,b hit_pct 95 > 90 met" ]
}

@test "each request is counted once, however often the log is read, and whatever rotation does" {
	install_all clock
	lines $((T - 3600)) $((T + 300)) >$LOG
	cron_at $((T + 300))
	[ "$(figure requests $T)" = 300 ]
	cron_at $((T + 300))
	[ "$(figure requests $T)" = 300 ]
	# Rotated in the middle of a window, and an empty log for a while.
	lines $((T + 300)) $((T + 420)) >>$LOG
	mv $LOG $LOG.1; : >$LOG
	cron_at $((T + 450))
	run -0 --separate-stderr cron_at $((T + 600))
	[ "$output$stderr" = "" ]
	[ "$(figure requests $T) $(figure requests $((T + 300)))" = "300 120" ]
	lines $((T + 420)) $((T + 600)) >>$LOG
	cron_at $((T + 600))
	[ "$(figure requests $T) $(figure requests $((T + 300)))" = "300 300" ]
	# A run that was left out is made up for.
	lines $((T + 600)) $((T + 1500)) >>$LOG
	cron_at $((T + 1500))
	for w in 0 300 600 900 1200; do [ "$(figure requests $((T + w)))" = 300 ]; done
	[ "$(find box -name '*.eml' | wc -l)" -eq 0 ]
}

# blocks - the commands of docs/alerts.md, with its folders below here.
blocks() {
	sed -n 's/^    //p' "$ROOT/docs/alerts.md" |
		sed -e "s#/var/l#$PWD&#g; s#/etc/cmon#$PWD&#g; s#smtp://localhost:25#smtp://127.0.0.1:$smtp#"
}

@test "docs/alerts.md: what a newcomer pastes leads to a mail that it fires, and one that it is over" {
	install_all
	smtp=$port
	rm -r etc/cmon
	ln -s "$ROOT/examples" examples
	# What needs a system of its own is put up with: the build, the user, cron itself.
	mkdir fake scripts
	printf '#!/bin/sh\nexit 0\n' | tee fake/make fake/useradd scripts/deps >fake/editor
	printf '#!/bin/sh\n[ "$1" != -u ] || shift 2\nexec "$@"\n' >fake/sudo
	printf '#!/bin/sh\n[ "$1 $2" = "-u cmon" ] && cp "$3" installed\n' >fake/crontab
	chmod +x fake/* scripts/deps
	now=$(date +%s)
	lines $((now - 3600)) "$now" | tee ${LOG%/*}/cmon.log >$LOG
	n=0
	while IFS= read -r line <&7; do
		n=$((n + 1))
		PATH=$PWD/fake:$PATH bash -eo pipefail -c "$line" >out 2>err || { echo "$line"; cat err; false; }
		case $line in
		*cmon-parse*) grep -q edge out ;;
		*--drill*) grep -q 'sent' err; rm box/*.eml ;;
		*'crontab -u'*)
			# Here the five minutes pass.
			sed -e "s#/usr/local/bin#$CMON_BIN#; s#/usr/local/share/doc/cmon/examples#$ROOT/examples#" \
			    -e "s#/var/l#$PWD&#g; s#/etc/cmon#$PWD&#g; s#smtp://localhost:25#smtp://127.0.0.1:$smtp#" installed >tab
			cron_read tab
			run -0 --separate-stderr cron_run figures
			[ "$output$stderr" = "" ]
			[ "$(mails)" -eq 0 ] ;;
		*'tee -a'*)
			run -0 --separate-stderr cron_run figures
			[ "$output$stderr" = "" ]
			[ "$(subjects)" = "Subject: [FIRING] trial info: requests 300 > 0" ]
			[ "$(find box -name '*.eml' | wc -l)" -eq 1 ] ;;
		*--explain*) grep -q '^firing  trial' out ;;
		*'--silence list'*) grep -q 'active.*trying it' out ;;
		*--silence*) [ -s var/lib/cmon/alerts.silences ] ;;
		esac
	done 7< <(blocks)
	[ $n -eq 15 ]
	# The figures in it are those that rules name.
	for f in miss_pct error_pct latency_ms_p95 latency_ms_p99; do grep -q "$f" box/*.eml; done
	sed -i '/^trial/d' etc/cmon/rules.tsv
	run -0 --separate-stderr cron_run figures
	[ "$(subjects)" = "$(printf 'Subject: [FIRING] trial info: requests 300 > 0\nSubject: [RESOLVED] trial info')" ]
}
