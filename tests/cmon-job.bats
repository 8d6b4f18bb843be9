load helper
load servers

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	HOME=$PWD
	unset CMON_JOB_PING
}
teardown() { stop_servers; }

job() { cmon-job -s jobs.tsv "$@"; }

# value COLUMN - of the last row.
value() {
	awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i }
		END { print $c }' jobs.tsv
}

@test "cmon-job: a pipeline that succeeds is silent, and a row says so" {
	run -0 --separate-stderr job figures -- 'echo out; echo noise >&2'
	[ "$output" = out ]
	[ "$stderr" = "" ]
	[ "$(head -n 1 jobs.tsv)" = "$(tsv job time window exit_status duration_s last_success)" ]
	[ "$(value job)" = figures ]
	[ "$(value exit_status)" = 0 ]
	[ "$(value window)" = 0 ]
	[ "$(value last_success)" = "$(value time)" ]
}

@test "cmon-job: its rows are metrics that the others read" {
	job a -- true
	job b -- false || true
	run -0 --separate-stderr cmon-table -c job,exit_status jobs.tsv
	[ "${#lines[@]}" -eq 3 ]
}

@test "cmon-job: the failure of any stage is the failure of the whole, told in one line" {
	run -2 --separate-stderr job figures -- 'true | (echo first >&2; echo why >&2; exit 3) | cat'
	[ "$output" = "" ]
	[ "$stderr" = "cmon-job: figures: stage 2 of 3 ended with 3: why" ]
	[ "$(value exit_status)" = 3 ]
	[ "$(value last_success)" = "" ]
}

@test "cmon-job: the line that is told is the failure's, not what the programs behind make of it" {
	run -2 --separate-stderr job figures -- 'cmon-parse -f combined ./none | cmon-agg | cmon-table'
	[ "$stderr" = "cmon-job: figures: stage 1 of 3 ended with 2: cmon-parse: ./none: No such file or directory" ]
	{ echo '1.2.3.4 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"'; echo x; } >log
	run -2 --separate-stderr job figures -- 'cmon-parse -q -f combined log | cmon-agg'
	[[ $stderr = "cmon-job: figures: stage 1 of 2 ended with 2: cmon-parse: 50 % of the lines were rejected"* ]]
	# A stage that only lost its reader did not fail by itself.
	run -2 --separate-stderr job figures -- 'seq 100000 | seq 100000 | (echo why >&2; exit 4)'
	[ "$stderr" = "cmon-job: figures: stage 3 of 3 ended with 4: why" ]
	run -2 --separate-stderr job figures -- 'yes | true'
	[ "$stderr" = "cmon-job: figures: stage 1 of 2 ended by signal 13" ]
	# Where that is all there is, it is told.
	run -2 --separate-stderr job figures -- 'true | cmon-agg'
	[[ $stderr = *"has failed" ]]
}

@test "cmon-job: the same failure is told once, and again after a success" {
	run -2 --separate-stderr job figures -- 'exit 4'
	[ "$stderr" = "cmon-job: figures: ended with 4" ]
	run -2 --separate-stderr job figures -- 'exit 4'
	[ "$stderr" = "" ]
	run -2 --separate-stderr job figures -- 'exit 5'
	[ "$stderr" = "cmon-job: figures: ended with 5" ]
	job figures -- true
	run -2 --separate-stderr job figures -- 'exit 5'
	[ "$stderr" = "cmon-job: figures: ended with 5" ]
	run -2 --separate-stderr job --repeat 0 figures -- 'exit 5'
	[ "$stderr" = "cmon-job: figures: ended with 5" ]
}

@test "cmon-job: last_success outlives failures" {
	job figures -- true
	success=$(value time)
	job figures -- false || true
	[ "$(value last_success)" = "$success" ]
}

@test "cmon-job: last_success outlives a run that is killed while it writes it down" {
	job figures -- true
	want=$(value time)
	for call in ftruncate pwrite64; do
		run ! strace -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=1 cmon-job -s jobs.tsv figures -- false
		run -1 job figures -- 'exit 1'
		[ "$(value last_success)" = "$want" ]
	done
}

@test "cmon-job: statuses 1 and 75 are passed on, others are 2" {
	run -1 job a -- 'exit 1'
	run -75 job a -- 'exit 75'
	run -2 job a -- 'exit 7'
	run -2 job a -- 'kill -9 $$'
	[ "$(value exit_status)" = 137 ]
}

@test "cmon-job: what may pass by itself is one failure, in whatever words" {
	for words in refused waits refused waits; do
		run -75 --separate-stderr job mail -- "echo $words >&2; exit 75"
		echo "$stderr" >>said
	done
	[ "$(grep . said)" = "cmon-job: mail: ended with 75: refused" ]
	job mail -- true
	run -75 --separate-stderr job mail -- 'echo waits >&2; exit 75'
	[ "$stderr" = "cmon-job: mail: ended with 75: waits" ]
}

@test "cmon-job: one at a time: the second ends with 75, the first goes on" {
	mkfifo go ready
	job figures -- 'echo >ready; read -r _ <go' &
	read -r _ <ready
	run -75 --separate-stderr job figures -- 'echo must not run'
	[ "$output$stderr" = "" ]
	run -75 --separate-stderr job -v figures -- true
	[ "$stderr" = "cmon-job: figures: is still running" ]
	job other -- true
	echo >go
	wait %1
	[ "$(grep -c . jobs.tsv)" -eq 3 ]
}

@test "cmon-job: a pipeline that takes too long is ended, with all its processes" {
	run -2 --separate-stderr job -t 300ms slow -- 'sleep 1000 & echo $! >pid; sleep 1000 | cat'
	[[ $stderr = "cmon-job: slow: "*"took more than"* ]]
	[ "$(value exit_status)" = 124 ]
	# Gone, or dead and not yet collected by init.
	[[ $(ps -o stat= -p "$(cat pid)") = "" || $(ps -o stat= -p "$(cat pid)") = Z* ]]
}

@test "cmon-job: a program of the pipeline has ten seconds to clean up, though its shell has ended" {
	cat >tidy <<-'EOT'
	trap 'sleep 0.3; echo >tidied; exit' TERM
	while :; do sleep 0.05; done
	EOT
	run -2 job -t 3s slow -- 'bash tidy | cat'
	[ -e tidied ]
	[ "$(value exit_status)" = 124 ]
}

@test "cmon-job: a time-out of any length does not overflow" {
	run -0 job -t 9223372036854s figures -- true
}

@test "cmon-job: one that does not heed SIGTERM is told to end by a signal to us, too" {
	mkfifo ready
	cmon-job -s jobs.tsv loop -- 'echo >ready; sleep 1000' 2>err &
	read -r _ <ready
	kill -TERM $!
	wait $! || rc=$?
	[ "$rc" -eq 2 ]
	[ "$(value exit_status)" = 143 ]
}

@test "cmon-job: -v passes standard error on" {
	run -0 --separate-stderr job -v figures -- 'echo noise >&2'
	[ "$stderr" = noise ]
}

@test "cmon-job: control bytes of a program's last words are scrubbed" {
	run -2 --separate-stderr job figures -- 'printf "\033[31mred\007\tx\n" >&2; exit 3'
	[ "$stderr" = 'cmon-job: figures: ended with 3: ?[31mred??x' ]
}

@test "cmon-job: a shell without pipefail is refused before anything runs" {
	printf '#!/bin/sh\nexit 2\n' >poor
	chmod +x poor
	run -2 --separate-stderr job --shell ./poor figures -- 'touch ran'
	[[ $stderr = 'cmon-job: ./poor has no "set -o pipefail"'* ]]
	[ ! -e ran ]
}

@test "cmon-job: a name that could leave the folder is refused" {
	for name in ../x a/b .x '' 'a b' "$(printf 'a\tb')"; do
		run -2 job "$name" -- true
	done
	[ ! -e jobs.tsv ]
}

@test "cmon-job: no name, no pipeline: usage" {
	run -2 job
	run -2 job figures
	run -2 job figures --
}

@test "cmon-job: a file that is none of its own is not touched" {
	echo precious >jobs.tsv
	run -2 --separate-stderr job figures -- true
	[[ $stderr = "cmon-job: jobs.tsv: "* ]]
	[ "$(cat jobs.tsv)" = precious ]
}

@test "cmon-job: what was told is forgotten when its file is damaged, nothing worse" {
	job figures -- true
	for junk in '' 'x' '1	2	' "$(head -c 100 /dev/urandom | base64)"; do
		printf '%s' "$junk" >jobs.tsv.figures.lock
		run -0 job figures -- true
	done
}

@test "cmon-job: past 1 MiB the older half goes, but not a job's newest row" {
	{ tsv job time window exit_status duration_s last_success
	  tsv rare 1000 0 0 1 1000
	  seq 1001 21000 | sed 's/.*/often\t&\t0\t0\t0.001\t&.123456789012345678901234/'; } >jobs.tsv
	[ "$(wc -c <jobs.tsv)" -gt 1000000 ]
	while [ "$(wc -c <jobs.tsv)" -lt 1048576 ]; do
		tail -n 500 jobs.tsv >tail.tsv
		cat tail.tsv >>jobs.tsv
	done
	job often -- true
	[ "$(wc -c <jobs.tsv)" -lt 700000 ]
	grep -q "^rare	1000	" jobs.tsv
	[ "$(value exit_status)" = 0 ]
	run -0 --separate-stderr cmon-table -n 1 jobs.tsv
	[ -z "$(find . -name '*tmp*')" ]
}

@test "cmon-job: ten at once append ten whole rows" {
	for i in 1 2 3 4 5 6 7 8 9 10; do job "j$i" -- true & done
	wait
	[ "$(grep -c . jobs.tsv)" -eq 11 ]
	[ "$(awk -F'\t' 'NF != 6' jobs.tsv | wc -l)" -eq 0 ]
}

# pings - the paths that the server was asked for.
pings() { jq -r '.method + " " + .path' hits | paste -sd ' '; }

@test "cmon-job: --ping asks for the URL after success, and after nothing else" {
	start_server http_sink.py "$PWD/hits"
	url=http://127.0.0.1:$port
	run -0 --separate-stderr job --ping "$url/done" figures -- 'echo out'
	[ "$output$stderr" = out ]
	[ "$(pings)" = "GET /done" ]
	for end in 1 2 75; do job --ping "$url/failed-$end" figures -- "exit $end" 2>/dev/null || :; done
	run -2 job -t 200ms --ping "$url/slow" figures -- 'sleep 1000'
	run -1 job --ping "$url/cut" figures -- 'false | true'
	[ "$(pings)" = "GET /done" ]
}

@test "cmon-job: the URL may stand in a file that nobody else reads, or in the environment, which the pipeline does not see" {
	start_server http_sink.py "$PWD/hits"
	(umask 077; echo "http://127.0.0.1:$port/from-file" >secret)
	job --ping @secret a -- true
	CMON_JOB_PING=http://127.0.0.1:$port/from-env job a -- 'echo "${CMON_JOB_PING-unset}"' >out
	[ "$(cat out)" = unset ]
	CMON_JOB_PING=http://127.0.0.1:$port/not-this job --ping @secret a -- true
	[ "$(pings)" = "GET /from-file GET /from-env GET /from-file" ]
	# Nothing to mend but its mode.
	chmod 644 secret
	run -0 --separate-stderr job --ping @secret a -- true
	[[ $stderr = "cmon-job: a: done, but no ping: secret: "*"chmod 600" ]]
	[ "$(value exit_status)" = 0 ]
}

@test "cmon-job: the URL is not told to a proxy, nor awaited from a FIFO" {
	start_server http_sink.py "$PWD/hits"
	http_proxy=http://127.0.0.1:1 run -0 --separate-stderr job --ping "http://127.0.0.1:$port/done" a -- true
	[ "$stderr" = "" ]
	[ "$(pings)" = "GET /done" ]
	mkfifo pipe
	run -0 --separate-stderr timeout 10 cmon-job -s jobs.tsv --ping @pipe a -- true
	[[ $stderr = "cmon-job: a: done, but no ping: pipe: "*"chmod 600" ]]
}

@test "cmon-job: a ping that fails is told once, without the secret, and the job has still succeeded" {
	start_server http_sink.py "$PWD/hits"
	url=http://127.0.0.1:$port
	for path in status/500 status/404 status/302; do
		rm -f jobs.tsv*
		for n in 1 2; do
			run -0 --separate-stderr job --ping "$url/$path-s3cret" a -- true
			case $n in
			1) [ "$stderr" = "cmon-job: a: done, but no ping: $url: HTTP ${path#*/}" ] ;;
			2) [ "$stderr" = "" ] ;;
			esac
			[ "$(value exit_status)" = 0 ]
			[ "$(value last_success)" = "$(value time)" ]
		done
	done
	# Once it is through, a failure is new again.
	run -0 --separate-stderr job --ping "$url/ok" a -- true
	[ "$stderr" = "" ]
	run -0 --separate-stderr job --ping "$url/status/302-s3cret" a -- true
	[ "$stderr" != "" ]
	# A failure of the job is told as ever.
	run -2 --separate-stderr job --ping "$url/status/302-s3cret" a -- 'exit 4'
	[ "$stderr" = "cmon-job: a: ended with 4" ]
}

@test "cmon-job: a service that hangs up or is not there: no answer, and why under -v" {
	start_server http_sink.py "$PWD/hits"
	url=http://127.0.0.1:$port
	run -0 --separate-stderr job --ping "$url/close" a -- true
	[ "$stderr" = "cmon-job: a: done, but no ping: $url: no answer" ]
	stop_servers
	for n in 1 2; do
		run -0 --separate-stderr job --ping "$url/s3cret" b -- true
		[ "$n$stderr" = "1cmon-job: b: done, but no ping: $url: no answer" ] || [ "$n$stderr" = 2 ]
	done
	run -0 --separate-stderr job -v --ping "$url/s3cret" b -- true
	[[ $stderr = *"connect"* && $stderr != *s3cret* ]]
}

@test "cmon-job: a service that never answers is left after 10 seconds" {
	start_server http_sink.py "$PWD/hits"
	SECONDS=0
	run -0 --separate-stderr job --ping "http://127.0.0.1:$port/hang" a -- true
	[ "$stderr" = "cmon-job: a: done, but no ping: http://127.0.0.1:$port: no answer" ]
	[ "$SECONDS" -ge 9 ]
	[ "$(value exit_status)" = 0 ]
}

@test "cmon-job: a certificate that nobody vouches for is refused, and nothing is asked for" {
	certificate "$PWD"
	start_server http_sink.py "$PWD/hits" "$PWD"
	for n in 1 2; do
		run -0 --separate-stderr job --ping "https://localhost:$port/s3cret" a -- true
		[ $n -eq 2 ] || [[ $stderr = "cmon-job: a: done, but no ping: https://localhost:$port: "*certificate* ]]
		[ $n -eq 1 ] || [ "$stderr" = "" ]
	done
	[[ $stderr != *s3cret* ]]
	[ ! -s hits ]
}

@test "cmon-job: what is no URL to ping is told, without its path, and the job runs all the same" {
	for url in smtp://localhost/s3cret http://example.test/s3cret https://u:s3cret@example.test/ 'https://h/s3cret x' \
	    ftp://h/s3cret s3cret '' httpx://h/s3cret; do
		rm -f jobs.tsv*
		run -0 --separate-stderr job --ping "$url" a -- 'echo ran'
		[ "$output" = ran ]
		[[ $stderr = "cmon-job: a: done, but no ping: "* && $stderr != *s3cret* ]]
	done
	run -0 --separate-stderr job --ping none a -- true
	[ "$stderr" = "cmon-job: a: done, but no ping: a URL to ping begins with https://, a file that has one with @" ]
	run -0 --separate-stderr job --ping @none a -- true
	[ "$stderr" = "cmon-job: a: done, but no ping: none: No such file or directory" ]
}

@test "cmon-job: --now is the time that the row says" {
	job --now 2026-11-20T12:00:00Z a -- true
	[ "$(value time) $(value last_success)" = "1795176000 1795176000" ]
	run -2 job --now yesterday a -- true
}
