load helper
load servers

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	unset CMON_MAIL_SECRET
	: >log
}
teardown() { stop_servers; }

HEAD=(time state severity rule labels value threshold since fired resolved summary causes runbook channels muted_by flags)
T=1795176000

# table TIME ROWS - an alert table of that time; rows by al().
table() {
	tsv "${HEAD[@]}"
	printf '%s' "$2" | tr '%' '\n' | sed "s/^NOW/$1/"
}

# al STATE RULE LABELS SINCE [FIELD=VALUE...] - one row of it, ended by %, which $(...) keeps.
al() {
	local severity=critical summary='' causes='' runbook='' channels=mail muted='' flags='' resolved='' fired=$4 f
	[ "$1" = resolved ] && resolved=$(($4 + 100))
	for f in "${@:5}"; do local "$f"; done
	printf '%s%%' "$(tsv NOW "$1" "$severity" "$2" "$3" 17.2 15 "$4" "$fired" "$resolved" "$summary" \
	    "$causes" "$runbook" "$channels" "$muted" "$flags")"
}

ADDRESSES=(--from 'cmon <cmon@example.test>' --to ops@example.test)

api() { start_server http_sink.py "$PWD/log"; export CMON_MAIL_SECRET=k3y; url=http://localhost:$port/tx/v1/send; }

# tell TIME ROWS [OPTION...] - one run of cron's, through the API.
tell() {
	table "$1" "$2" | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now "$1" "${@:3}"
}
mails() { grep -c /tx/v1/send log || :; }
subjects() { jq -r .body.subject log; }
last() { tail -n 1 log | jq -r "$1"; }
ids() { jq -r '.body.headers["X-Cmon-Id"]' log; }

@test "an alert is told once, and that it is over once" {
	api
	tell $T "$(al pending miss '' $((T - 60)))"
	[ "$(mails)" = 0 ]
	tell $((T + 60)) "$(al firing miss 'tier="edge"' $((T - 60)))"
	tell $((T + 120)) "$(al firing miss 'tier="edge"' $((T - 60)))"
	tell $((T + 180)) "$(al resolved miss 'tier="edge"' $((T - 60)))"
	tell $((T + 240)) "$(al resolved miss 'tier="edge"' $((T - 60)))"
	tell $((T + 300)) "$(al inactive miss 'tier="edge"' $((T - 60)))"
	subjects >got
	diff - got <<-'EOT'
	[FIRING] miss critical tier=edge
	[RESOLVED] miss critical tier=edge
	EOT
	[ "$(jq -r .body.headers.References log | sort -u | wc -l)" = 1 ]
}

@test "a first run does not tell what was over already; it tells what fires" {
	api
	tell $T "$(al resolved old '' $((T - 900)))$(al firing miss '' $((T - 900)))"
	[ "$(subjects)" = '[FIRING] miss critical' ]
}

@test "a changed set is told: the new one in full, the others as firing still" {
	api
	tell $T "$(al firing a '' $T)"
	tell $((T + 60)) "$(al firing a '' $T)$(al firing b 'q="1"' $T)"
	tell $((T + 120)) "$(al resolved a '' $T)$(al firing b 'q="1"' $T)$(al firing b 'q="2"' $((T + 90)))"
	subjects >got
	diff - got <<-'EOT'
	[FIRING] a critical
	[FIRING] b critical q=1
	[FIRING 1, RESOLVED 1] b, a
	EOT
	sed -n 2p log | jq -r '.body.content[0].value' | grep -A4 'Still firing, told before' | grep -q 'critical  a '
}

@test "an alert that fires again is another episode, and is told again at once" {
	api
	tell $T "$(al firing a '' $T)"
	tell $((T + 600)) "$(al resolved a '' $T)"
	tell $((T + 900)) "$(al firing a '' $((T + 800)))"
	[ "$(subjects | tail -n 1)" = '[FIRING] a critical' ]
	[ "$(mails)" = 3 ]
	# Between two runs it was over and began again: both are told, in one mail.
	tell $((T + 1200)) "$(al firing a '' $((T + 1100)) flags=prev_since=$((T + 800)),prev_resolved=$((T + 1000)))"
	[ "$(last .body.subject)" = '[FIRING 1, RESOLVED 1] a' ]
	[[ $(last '.body.content[0].value') == *"Over since"*"after 3 min"* ]]
}

@test "an absent row says nothing" {
	api
	tell $T "$(al firing a '' $T)"
	tell $((T + 60)) "$(al firing b '' $T)"
	tell $((T + 120)) ""
	tell $((T + 180)) "$(al firing a '' $T)$(al firing b '' $T)"
	[ "$(mails)" = 2 ]
}

@test "what still fires is told again after --repeat; 0 is never" {
	api
	tell $T "$(al firing a '' $T)"
	tell $((T + 14399)) "$(al firing a '' $T)"
	[ "$(mails)" = 1 ]
	tell $((T + 14400)) "$(al firing a '' $T)"
	[ "$(last .body.subject)" = '[STILL FIRING] a critical' ]
	tell $((T + 20000)) "$(al firing a '' $T)" --repeat 1h
	[ "$(mails)" = 3 ]
	tell $((T + 990000)) "$(al firing a '' $T)" --repeat 0
	[ "$(mails)" = 3 ]
	[ "$(ids | sort -u | wc -l)" = 3 ]
}

@test "a muted alert is not told until it is no longer muted; its end is told to who knew of it" {
	api
	tell $T "$(al firing a '' $T muted=silence:1)"
	tell $((T + 60)) "$(al firing a '' $T muted=silence:1)"
	[ "$(mails)" = 0 ]
	tell $((T + 120)) "$(al firing a '' $T)"
	[ "$(subjects)" = '[FIRING] a critical' ]
	tell $((T + 99999)) "$(al firing a '' $T muted=silence:1)"
	[ "$(mails)" = 1 ]
	tell $((T + 100060)) "$(al resolved a '' $T muted=silence:1)"
	[ "$(last .body.subject)" = '[RESOLVED] a critical' ]
	# One that was muted all the time is over quietly, and was not missed.
	tell $((T + 200000)) "$(al firing b '' $((T + 199999)) muted=rule:x)"
	tell $((T + 200060)) "$(al resolved b '' $((T + 199999)))"
	[ "$(mails)" = 2 ]
	run ! grep -q '~' ledger.tsv
}

@test "--channel: only its alerts, and those without channels" {
	api
	local rows
	rows="$(al firing a '' $T channels=mail,pager)$(al firing b '' $T channels=pager)$(al firing c '' $T channels=)"
	tell $T "$rows"
	[ "$(subjects)" = '[FIRING 2] a, c' ]
	tell $T "$rows" --channel pager
	[ "$(last .body.subject)" = '[FIRING 3] a, b, c' ]
	tell $T "$rows"
	tell $T "$rows" --channel pager
	[ "$(mails)" = 2 ]
	# Escalation: the channel is new to it.
	tell $((T + 60)) "$(al firing b '' $T channels=pager,mail)"
	[ "$(last .body.subject)" = '[FIRING] b critical' ]
}

@test "--dedup=types: one mail a set of rules, again after --repeat, forgotten when nothing fires" {
	api
	local both
	both="$(al firing b '' $T)$(al firing a 'h="1"' $T)"
	tell $T "$both" --dedup types
	tell $((T + 60)) "$both$(al firing a 'h="2"' $T)" --dedup types
	[ "$(mails)" = 1 ]
	tell $((T + 120)) "$(al firing a 'h="2"' $T)" --dedup types
	[ "$(mails)" = 2 ]
	tell $((T + 180)) "$both" --dedup types
	[ "$(mails)" = 3 ]
	tell $((T + 240)) "$(al resolved a '' $T)" --dedup types
	[ "$(mails)" = 3 ]
	tell $((T + 300)) "$both" --dedup types
	[ "$(mails)" = 4 ]
	tell $((T + 14700)) "$both" --dedup types
	[ "$(last .body.subject)" = '[STILL FIRING 2] b, a' ]
	[ "$(ids | sort -u | wc -l)" = 5 ]
}

@test "a table that was overtaken is passed over, and a clock that was wrong is not believed for ever" {
	api
	tell $((T + 100)) "$(al firing a '' $T)"
	tell $((T + 200)) "$(al resolved a '' $T)"
	table $((T + 100)) "$(al firing a '' $T)" |
		cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + 201))
	[ "$(mails)" = 2 ]
	tell $((T + 9999999)) "$(al firing b '' $T)"
	tell $((T + 300)) "$(al firing c '' $T)"
	[ "$(last .body.subject)" = '[FIRING] c critical' ]
}

@test "an episode that was over before it could be told is recorded, and listed in the next report" {
	api
	tell $T ""
	tell $((T + 600)) "$(al resolved miss 'tier="<i>"' $((T + 100)))"
	tell $((T + 660)) "$(al resolved miss 'tier="<i>"' $((T + 100)))"
	tell $((T + 700)) "$(al firing b '' $((T + 690)) flags=prev_since=$((T + 200)),prev_resolved=$((T + 300)))"
	[ "$(subjects)" = '[FIRING] b critical' ]
	[ "$(grep -c '~' ledger.tsv)" = 2 ]
	{ tsv time a; tsv 1 2; } | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" \
	    --now $((T + 800)) --subject 'the day' --once-per 1d
	last '.body.content[0].value' | grep -q 'miss tier="<i>"'
	last '.body.content[1].value' | grep -q 'miss tier=&quot;&lt;i&gt;&quot;'
}

@test "a report whose subject is long has a group of its own all the same" {
	api
	long=$(printf "%070000d" 0)
	for t in a b a; do
		{ tsv time a; tsv 1 2; } | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" \
		    --now $T --subject "$long$t" --once-per 1d
	done
	[ "$(mails)" = 2 ]
	grep -q "report: ${long:0:60000}" ledger.tsv
}

@test "a report: tables, once per period, each recipient" {
	api
	report() {
		{ tsv tier time window requests; tsv '' $T 300 5; tsv edge $T 300 4; tsv time note; } |
			cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --to b@example.test \
			    --subject "caf$(printf '\303\251'), the day" --once-per 1d "$@"
	}
	report --now $T
	report --now $((T + 60))
	[ "$(mails)" = 2 ]
	report --now $((T + 86400))
	[ "$(mails)" = 4 ]
	jq -r '.body.personalizations[0].to[0].email' log | sort | uniq -c | awk '{ print $1, $2 }' >got
	diff - got <<-'EOT'
	2 b@example.test
	2 ops@example.test
	EOT
	[ "$(last .body.subject)" = 'café, the day' ]
	last '.body.content[0].value' | head -n 8 >got
	diff - got <<-'EOT'
	café, the day

	  tier   time                  window  requests
	  (all)  2026-11-20T12:00:00Z     300         5
	  edge   2026-11-20T12:00:00Z     300         4

	  time  note

	EOT
	# Without a ledger, each run sends one.
	{ tsv time a; tsv 1 2; } | cmon-mail --server "$url" "${ADDRESSES[@]}" --subject x
	[ "$(mails)" = 5 ]
}

@test "a server that says not now: 75, later and later, then the same mail with the same id" {
	start_server http_sink.py "$PWD/log"
	CMON_MAIL_SECRET=k3y url=http://localhost:$port/status/503
	export CMON_MAIL_SECRET
	local row t tries=0
	row=$(al firing a '' $T)
	run -75 tell $T "$row"
	[ "$output" = "cmon-mail: http://localhost:$port: ops@example.test: not now: HTTP 503" ]
	for t in 30 59; do
		run -75 tell $((T + t)) "$row"
		[ "$output" = "cmon-mail: ops@example.test: a mail waits for its next try" ]
	done
	[ "$(wc -l <log)" = 1 ]
	# 1, 2, 4 ... 60 minutes apart.
	for t in 60 180 420 900 1860 3780 7380 10980; do
		run -75 tell $((T + t - 1)) "$row"
		run -75 tell $((T + t)) "$row"
	done
	[ "$(wc -l <log)" = 9 ]
	url=http://localhost:$port/tx/v1/send
	run -0 tell $((T + 20000)) "$row"
	[ "$(ids | sort -u | wc -l)" = 1 ]
	run -0 tell $((T + 20001)) "$row"
	[ "$(wc -l <log)" = 10 ]
}

@test "Retry-After of 429 and 503, in seconds or as a date, is heeded where it is longer than ours, up to an hour" {
	start_server http_sink.py "$PWD/log"
	export CMON_MAIL_SECRET=k3y
	local code field want row
	row=$(al firing a '' $T)
	while IFS='|' read -r code field want; do
		rm -f ledger.tsv
		: >log
		url="http://localhost:$port/status/$code?$field"
		run -75 tell $T "$row"
		run -75 tell $((T + want - 1)) "$row"
		[ "$(wc -l <log)" = 1 ] || { echo "$code $field: sooner than $want"; false; }
		run -75 tell $((T + want)) "$row"
		[ "$(wc -l <log)" = 2 ] || { echo "$code $field: later than $want"; false; }
	done <<-'EOF'
	429|retry-after=600|600
	503|retry-after=600|600
	429|retry-after=59|60
	429|retry-after=3600|3600
	429|retry-after=86400|3600
	503|retry-after=99999999999999999999999999|3600
	503|retry-after=Fri,%2020%20Nov%202026%2012:20:00%20GMT&date=Fri,%2020%20Nov%202026%2012:00:00%20GMT|1200
	429|retry-after=Fri,%2020%20Nov%202026%2012:20:00%20GMT&date=Fri,%2020%20Nov%202026%2012:19:50%20GMT|60
	429|retry-after=Fri,%2020%20Nov%202026%2012:20:00%20GMT&date=Fri,%2020%20Nov%202026%2013:00:00%20GMT|60
	429|retry-after=Sun,%2020%20Nov%202033%2012:20:00%20GMT&date=Fri,%2020%20Nov%202026%2012:00:00%20GMT|3600
	429|retry-after=soon|60
	429|retry-after=-600|60
	429|retry-after=600.5|60
	429|retry-after=|60
	429|x=y|60
	500|retry-after=600|60
	EOF
	rm ledger.tsv
	url="http://localhost:$port/status/429?retry-after=600" run -75 tell $T "$row"
	[ "$output" = "cmon-mail: http://localhost:$port: ops@example.test: not now: HTTP 429, asks for a wait of 600 s" ]
	# Our own wait is the longer one by the fifth try.
	url="http://localhost:$port/status/503"
	for t in 600 720 960 1440; do run -75 tell $((T + t)) "$row"; done
	: >log
	url="http://localhost:$port/status/503?retry-after=600"
	run -75 tell $((T + 2400)) "$row"
	run -75 tell $((T + 2400 + 1919)) "$row"
	[ "$(wc -l <log)" = 1 ]
	run -75 tell $((T + 2400 + 1920)) "$row"
	[ "$(wc -l <log)" = 2 ]
}

@test "what happened while the server was away is told in order: the late one, marked, then what is new" {
	start_server http_sink.py "$PWD/log"
	export CMON_MAIL_SECRET=k3y
	url=http://localhost:$port/hang
	run -75 tell $T "$(al firing a '' $T)" --timeout 200ms
	: >log
	url=http://localhost:$port/tx/v1/send
	tell $((T + 600)) "$(al resolved a '' $T)$(al firing b '' $((T + 400)))"
	subjects >got
	diff - got <<-'EOT'
	[FIRING] a critical
	[FIRING 1, RESOLVED 1] b, a
	EOT
	head -n 1 log | jq -r '.body.content[0].value' | grep -q 'this mail is late: it is over by now'
	# An open mail about alerts that are gone for good is dropped, and keeps nothing back.
	url=http://localhost:$port/close
	run -75 tell $((T + 700)) "$(al firing c '' $((T + 650)))"
	: >log
	url=http://localhost:$port/tx/v1/send
	tell $((T + 900)) "$(al firing d '' $((T + 850)))"
	[ "$(subjects)" = '[FIRING] d critical' ]
}

@test "a server that is away for days loses no end of an alert, though its rule was taken out meanwhile" {
	# run_at HOUR - one run of cron's: miss_pct is 20, and the rules are those of r.
	run_at() {
		local now=$((T + 3600 * $1))
		{ tsv time window miss_pct; tsv $((now - 300)) 300 20; } | cmon-alert -r r -s state --now $now >table
		cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $now table
	}
	local h days
	for days in 1.4 3 6.5; do
		start_server http_sink.py "$PWD/log"
		rm -f state* ledger*; : >log
		export CMON_MAIL_SECRET=k3y
		url=http://localhost:$port/tx/v1/send
		{ tsv id severity condition; tsv m critical 'miss_pct > 15'; tsv h warning 'miss_pct > 10'; } >r
		run_at 0
		[ "$(subjects)" = '[FIRING 2] m, h' ]
		sed -i /^m/d r
		url=http://localhost:$port/close
		for ((h = 1; h < $(awk -v d=$days 'BEGIN { print int(24 * d) }'); h += 8)); do run -75 run_at $h; done
		: >log
		url=http://localhost:$port/tx/v1/send
		run_at "$(awk -v d=$days 'BEGIN { print int(24 * d) + 2 }')"
		subjects | grep -q 'RESOLVED.* m' || { echo "after $days days:"; subjects; false; }
		stop_servers
	done
}

@test "an API: a wrong key, a refusal in the answer, an answer of somebody else: 2, and never a key in a message" {
	api
	local row answer
	row=$(al firing a '' $T)
	CMON_MAIL_SECRET=wr0ng run -2 tell $T "$row"
	[ "$output" = "cmon-mail: http://localhost:$port: ops@example.test: cannot send: HTTP 401" ]
	url=http://localhost:$port/html run -2 tell $T "$row"
	[[ $output == *"HTTP 200, but the answer is not that of MailChannels" ]]
	url=http://localhost:$port/failed run -2 tell $T "$row"
	[[ $output == *'refused: HTTP 202, but the mail is "failed": suppressed' ]]
	# A refusal is asked for again an hour later.
	run -75 tell $((T + 3599)) "$row"
	run -0 tell $((T + 3600)) "$row"
	run -2 --separate-stderr cmon-mail --drill --server http://localhost:1/x --from a@b --to 'c@d' --secret log
	run ! grep -rE 'wr0ng|k3y' ledger.tsv
}

@test "an alert of a table without the column condition, and of a state before it, is not told again with it" {
	api
	rule() { printf 'id\tseverity\tcondition\tchannels\nmiss\tcritical\tmiss_pct > 15\tmail\n'; }
	judge() { cmon-alert -r <(rule) -s state --now "$1" <<<"$(tsv time window miss_pct; tsv $(($1 - 300)) 300 "$2")"; }
	tell $((T + 300)) "$(al firing miss '' $T)"
	cp "$ROOT/tests/data/alert-state-v2" state
	for t in 600 900; do
		judge $((T + t)) 20 >table
		grep -q 'miss_pct > 15$' table
		cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + t)) table
	done
	[ "$(subjects)" = '[FIRING] miss critical' ]
	judge $((T + 1200)) 3 | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + 1200))
	judge $((T + 1500)) 20.5 | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + 1500))
	subjects >got
	diff - got <<-'EOT'
	[FIRING] miss critical
	[RESOLVED] miss critical
	[FIRING] miss critical: miss_pct 20.5 % > 15 %
	EOT
	[[ $(last '.body.content[0].value') == *$'  Value now     20.5 %\n  Threshold     miss_pct > 15 %\n'* ]]
	[[ $(last '.body.content[1].value') == *"miss_pct &gt; 15 %"* ]]
}

@test "MailChannels is sent what its API asks for" {
	api
	tell $T "$(al firing miss 'tier="edge"' $T)"
	last '.body | del(.content) | del(.headers["X-Cmon-Id"], .headers.References)' | jq -S . >got
	jq -S . >want <<-'EOT'
	{"personalizations":[{"to":[{"email":"ops@example.test"}]}],
	 "from":{"email":"cmon@example.test","name":"cmon"},
	 "subject":"[FIRING] miss critical tier=edge",
	 "headers":{"Auto-Submitted":"auto-generated","X-Auto-Response-Suppress":"All","X-Cmon-State":"firing"}}
	EOT
	diff want got
	[ "$(last '[.body.content[].type] | join(" ")')" = 'text/plain text/html' ]
	[[ $(last '.body.headers["X-Cmon-Id"]') =~ ^[0-9a-f]{32}$ ]]
	[ "$(last '.headers["X-Api-Key"]')" = k3y ]
}

@test "MailChannels is sent what a body that it takes has, where that says the same" {
	api
	tell $T "$(al firing edge_miss_rate 'tier="edge"' $((T - 300)))"
	# What both have is the same; what a body may have is left out: reply_to.
	same='{personalizations, from, subject, submitted: .headers["Auto-Submitted"], types: [.content[].type]}'
	diff <(jq -S "$same" "$ROOT/tests/data/alerting/mailchannels.json") <(last .body | jq -S "$same")
	shape='[paths(scalars) as $p | ($p | map(tostring) | join(".")) + " " + (getpath($p) | type)] | sort | .[]'
	jq -r "del(.reply_to) | $shape" "$ROOT/tests/data/alerting/mailchannels.json" >want
	last .body | jq -r "$shape" >got
	[ "$(comm -23 want got)" = "" ]
	[ "$(comm -13 want got | paste -sd,)" = "headers.X-Auto-Response-Suppress string,headers.X-Cmon-State string" ]
	# The thread is named by an id in angle brackets there as here.
	for f in <(last .body) "$ROOT/tests/data/alerting/mailchannels.json"; do
		jq -r .headers.References "$f" | grep -qE '^<[^<>@ ]+@[^<>@ ]+>$'
	done
}

# What makes a mail, at a fixed time; rows are those of al().
show() {
	table $T "$1" | cmon-mail --dry-run "${ADDRESSES[@]}" --now $T "${@:2}"
}

@test "--dry-run prints the mail, the same bytes each time, and sends and records nothing" {
	show "$(al firing miss 'tier="edge"' $((T - 600)) 'summary=Too many misses' 'causes=a purge; a release' \
	    'runbook=https://runbooks.example.test/miss')" >one
	show "$(al firing miss 'tier="edge"' $((T - 600)) 'summary=Too many misses' 'causes=a purge; a release' \
	    'runbook=https://runbooks.example.test/miss')" >two
	cmp one two
	sed '/^Content-Type: text\/html/,$d' one >got
	diff - got <<-'EOT'
	Date: Fri, 20 Nov 2026 12:00:00 +0000
	From: "cmon" <cmon@example.test>
	To: <ops@example.test>
	Subject: [FIRING] miss critical tier=edge
	Message-ID: <60ca14323a96d67364d845a2dc5690b7@example.test>
	In-Reply-To: <3c09319324a0fe874aa07f274c5aba2f.1795175400@example.test>
	References: <3c09319324a0fe874aa07f274c5aba2f.1795175400@example.test>
	Auto-Submitted: auto-generated
	X-Auto-Response-Suppress: All
	List-Id: cmon alerts <alerts.cmon.example.test>
	X-Cmon-Rule: miss
	X-Cmon-State: firing
	MIME-Version: 1.0
	Content-Type: multipart/alternative;
	 boundary="=_cmon_60ca14323a96d67364d845a2dc5690b7"

	--=_cmon_60ca14323a96d67364d845a2dc5690b7
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable

	[FIRING critical] miss tier=3Dedge

	Too many misses

	  Value now     17.2
	  Threshold     15
	  Since         2026-11-20 11:50:00 UTC, for 10 min

	Possible causes
	  - a purge
	  - a release

	What to do
	  https://runbooks.example.test/miss

	--=20
	Written by cmon-mail at 2026-11-20 12:00:00 UTC, of alerts as they were at =
	2026-11-20 12:00:00 UTC

	--=_cmon_60ca14323a96d67364d845a2dc5690b7
	EOT
	[ ! -e ledger.tsv ]
	# Of what the ledger knows already, nothing is printed.
	api
	tell $T "$(al firing miss '' $T)"
	cp ledger.tsv before
	[ -z "$(show "$(al firing miss '' $T)" -s ledger.tsv)" ]
	[ -n "$(show "$(al firing b '' $T)" -s ledger.tsv)" ]
	cmp before ledger.tsv
}

# parts FILE - the mail's parts, decoded, to text and html; headers, to head.
parts() {
	"$PYTHON" - "$1" <<-'EOT'
	import email, email.policy, sys
	m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
	assert not m.defects, m.defects
	a, b = m.iter_parts()
	assert not a.defects and not b.defects
	open('head', 'w').write(''.join('%s: %s\n' % h for h in m.items()))
	open('text', 'w').write(a.get_content())
	open('html', 'w').write(b.get_content())
	EOT
}

# The words of the two parts, without the signs that make a text look like a letter.
same_words() {
	"$PYTHON" - <<-'EOT'
	import html.parser, re
	class Words(html.parser.HTMLParser):
	    def __init__(self):
	        super().__init__()
	        self.text, self.tags, self.title = '', set(), False
	    def handle_starttag(self, tag, attrs):
	        self.tags.add(tag)
	        self.title = tag == 'title'
	        for k, v in attrs:
	            assert k in ('style', 'href', 'lang', 'charset', 'name', 'content', 'cellspacing', 'cellpadding'), k
	            if k == 'href':
	                assert v.startswith('http'), v
	    def handle_data(self, data):
	        if not self.title:
	            self.text += ' ' + data
	    def handle_endtag(self, tag):
	        self.title = False
	w = Words()
	w.feed(open('html').read())
	allowed = {'html', 'head', 'meta', 'title', 'body', 'div', 'span', 'b', 'p', 'table', 'tr', 'td', 'th',
	           'ul', 'li', 'a', 'h2', 'br'}
	assert w.tags <= allowed, w.tags - allowed
	text = open('text').read()
	text = re.sub(r'(?m)^\[([A-Z]+.*?)\] ', r'\1 ', text)
	text = re.sub(r'(?m)^  - |^-- $', '', text)
	assert text.split() == w.text.replace('\xa0', ' ').split(), (text.split(), w.text.split())
	EOT
}

@test "the text and the HTML say the same words, and the HTML loads nothing" {
	{ tsv tier time window requests hit_pct; tsv '' $T 300 125000 94.7; tsv edge $T 300 97750 ''; } >m.tsv
	show "$(al firing miss 'tier="edge"' $((T - 600)) 'summary=Too many' 'causes=a purge; a release' 'runbook=look\nat it' flags=nodata)$(
	    al firing q '' $T severity=warning runbook=https://r.example.test/?a=1)" --metrics m.tsv \
	    --link 'https://status.example.test/?a=1&b=2' >mail
	parts mail
	same_words
	grep -q '(all)\|125000' text
	grep -q '#b3261e' html && grep -q '#a15c00' html
	run ! grep -iE 'src=|url\(|@import|<script|<img|<link' html
}

evil='<script>alert(1)</script>&amp;"quoted"'"'"'x'"'"

@test "every value is escaped in HTML: rules, labels, texts, figures, links" {
	{ tsv "<i>tier</i>" time window "<b>x</b>"; tsv "$evil" $T 300 "$evil"; } >m.tsv
	show "$(al firing "$evil" 'key="<img src=x onerror=alert(1)>"' $T "severity=$evil" "summary=$evil" "causes=$evil;$evil" \
	    "runbook=https://x/\"><script>" )" --metrics m.tsv >mail
	parts mail
	same_words
	run ! grep -iE '<script|<img|<i>|<b>x' html
	grep -q '&lt;script&gt;' html
	grep -qF "$evil" text
}

@test "a report: HTML in its subject, columns and keys is escaped, and log text begins no line" {
	{ tsv time "<b>c</b>" key; tsv $T "$evil" '<img src=x>'; tsv $T '\r\nBcc: x@y' '\x1B[31m'; } |
		cmon-mail --dry-run "${ADDRESSES[@]}" --now $T --subject "the <i>day</i> $evil" >mail
	parts mail
	same_words
	run ! grep -iE '<script|<img|<i>|<b>c' html
	run ! grep -i '^bcc' text mail
	run ! grep -P '[\x00-\x08\x0b-\x1f\x7f-\xff]' mail
}

@test "a report of any size, and alerts with labels of 64 KiB, are whole mails that say that there is more" {
	for t in $(seq 16); do
		{ IFS=$'\t'; printf 'time\t%s\n' "$(seq -f "c$t.%g" -s $'\t' 1 23)"; }
		seq 1 200 | awk -v OFS='\t' '{ r = 1; for (i = 1; i < 24; i++) r = r OFS "\"<" NR "&" i ">\""; print r }'
	done | cmon-mail --dry-run "${ADDRESSES[@]}" --now $T --subject x >mail
	parts mail
	same_words
	grep -q '^There is more, which a mail has no room for.$' text
	[ "$(wc -c <mail)" -lt 8000000 ]
	grep -q '</html>' html
	{
		tsv "${HEAD[@]}"
		seq 1 40 | awk -v OFS='\t' -v t=$T '{ v = "<"; while (length(v) < 60000) v = v v
		    print t, "firing", "critical", "r" $1, "k=\"" v "\"", 1, 0, t, t, "", v, v ";" v, v, "", "", "" }'
	} | cmon-mail --dry-run "${ADDRESSES[@]}" --now $T >mail
	parts mail
	same_words
	grep -q '</html>' html
	[ "$(grep -c '^\[FIRING' text)" = 40 ] || grep -q '^There is more' text
}

@test "nothing in the table can begin a header or a line of its own" {
	local value
	for value in 'a\r\nBcc: evil@example.test' 'a\nBcc: evil@example.test\n\nbody' '\x0D\x0ABcc: evil@example.test' \
	    'a\x00b\x1B[31m'; do
		show "$(al firing "$value" "l=\"$value\"" $T "severity=$value" "summary=$value" "causes=$value" "runbook=$value")" >mail
		run ! grep -i '^bcc' <(sed '/^$/q' mail)
		run ! grep -P '[\x00-\x08\x0b-\x1f\x7f-\xff]' mail
		parts mail
		[ "$(grep -ci '^bcc' head)" = 0 ]
		# What strangers write, labels, is one line also in the letter; rules may have several.
		[ "$(grep -c ' l=' text)" = 1 ]
		[ "$(grep -c '^Bcc' text)" -le 3 ]
		[ "$(grep -c '^Subject: ' mail)" = 1 ]
	done
	# Raw control bytes never are in a stream: somebody else wrote it.
	for value in $'a\rBcc: x' $'a\033b' $'a\177b' $'a\377b' $'a\302\233b' 'a\qb'; do
		run -2 show "$(al firing "$value" '' $T)"
		[[ $output == "cmon-mail: -:2: an alert holds bytes that the stream may not"* ]]
		run -2 show "$(al firing a '' $T "summary=$value")"
	done
}

@test "addresses, subject and link are checked before anything else happens" {
	local a
	for a in $'ops@example.test\r\nRCPT TO:<evil@example.test>' $'ops@example.test\nX: y' 'ops' 'a b@c' '<a@b' \
	    $'n\303\251@example.test' ''; do
		run -2 cmon-mail --dry-run --from a@b.test --to "$a" </dev/null
		[[ ${lines[0]} == "cmon-mail: --to: "* ]]
		run -2 cmon-mail --dry-run --from "$a" --to a@b.test </dev/null
		[[ ${lines[0]} == "cmon-mail: --from: "* ]]
	done
	for a in $'c\r\nBcc: evil@example.test\r\n <a@b.test>' $'c\n <a@b.test>' $'c\302\205 <a@b.test>' 'c"Bcc <a@b.test>'; do
		run -2 cmon-mail --dry-run --from a@b.test --to "$a" </dev/null
		[[ ${lines[0]} == "cmon-mail: --to: "* ]]
		run -2 cmon-mail --dry-run --from "$a" --to a@b.test </dev/null
		[[ ${lines[0]} == "cmon-mail: --from: "* ]]
	done
	run -2 cmon-mail --dry-run "${ADDRESSES[@]}" --to ops@example.test </dev/null
	[[ ${lines[0]} == *"is given twice" ]]
	run -2 cmon-mail --dry-run "${ADDRESSES[@]}" --subject $'a\nBcc: x@y' </dev/null
	[[ ${lines[0]} == "cmon-mail: --subject: "* ]]
	run -2 cmon-mail --dry-run "${ADDRESSES[@]}" --link 'javascript:alert(1)' </dev/null
	[[ ${lines[0]} == "cmon-mail: --link: "* ]]
	run -2 cmon-mail --dry-run "${ADDRESSES[@]}" --link $'https://x\r\nBcc: x@y' </dev/null
	[[ ${lines[0]} == "cmon-mail: --link: "* ]]
	for a in ftp://x 'smtp://u:p@x' http://example.test/ "smtp://x/$(printf '\r\nQUIT')"; do
		run -2 cmon-mail --drill "${ADDRESSES[@]}" --server "$a" </dev/null
		[[ ${lines[0]} == "cmon-mail: --server: "* ]]
		[[ ${lines[0]} != *"u:p"* ]]
	done
	run -2 cmon-mail --drill "${ADDRESSES[@]}" --server smtp://localhost --user u </dev/null
	[[ ${lines[0]} == *"a user without a password" ]]
	echo s3cret >pw; chmod 644 pw
	run -2 cmon-mail --drill "${ADDRESSES[@]}" --server smtp://localhost --user u --secret pw </dev/null
	[[ $output == *"chmod 600" ]]
	run -2 cmon-mail "${ADDRESSES[@]}" --server smtp://localhost </dev/null
	[[ ${lines[0]} == "cmon-mail: --state is needed" ]]
	mkfifo pipe
	run -2 timeout 10 cmon-mail --drill "${ADDRESSES[@]}" --server smtp://localhost --user u --secret pipe </dev/null
	[[ $output == *"chmod 600" ]]
	run -2 cmon-mail --drill "${ADDRESSES[@]}" --server smtp://localhost --timeout 30d </dev/null
	[[ ${lines[0]} == "cmon-mail: --timeout: from 100ms to 1d" ]]
	# In the ledger it would break its row, and the alert would be told for ever.
	for a in $'a\tb' $'a\nb' mail:types 'a b' '' "$(head -c 100000 /dev/zero | tr '\0' x)"; do
		run -2 cmon-mail --dry-run "${ADDRESSES[@]}" --channel "$a" </dev/null
		[[ ${lines[0]} == "cmon-mail: --channel: "* ]]
	done
}

@test "what goes without TLS goes straight, whatever proxy the environment names" {
	api
	http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 tell $T "$(al firing miss '' $T)"
	[ "$(mails)" = 1 ]
	start_server smtp_bad.py "$PWD/said" fine
	all_proxy=http://127.0.0.1:1 cmon-mail --drill "${ADDRESSES[@]}" --no-tls --server "smtp://127.0.0.1:$port"
	grep -q DATA said
}

@test "hostile UTF-8: invalid bytes, overlong forms and turned text come out as something harmless" {
	show "$(al firing 'a\xC0\xAF\xED\xA0\x80' "k=\"$(printf '\342\200\256')evil\"" $T "summary=$(printf '\360\237\230\200\341\272\236')")" >mail
	parts mail
	same_words
	run ! grep -P '\x{202E}' text
	grep -q "$(printf '\357\277\275')evil" text
	grep -q "^Subject: .*$(printf '\357\277\275')evil" head
	for c in '\330\234' '\342\200\250' '\342\200\251'; do
		show "$(al firing a "k=\"$(printf %b "$c")evil\"" $T)" >mail
		parts mail
		grep -q "$(printf '\357\277\275')evil" text
	done
	show "$(al firing a 'k="b"' $T "causes=$(yes 'a; ' | head -n 2000 | tr -d '\n')")" >mail
	parts mail
	grep -qx '  - \.\.\.' text
	{ tsv time "k$(printf '\377')"; tsv 1 2; } | cmon-mail --dry-run "${ADDRESSES[@]}" --subject x >mail
	parts mail
}

@test "a word of any length and a table of any width stay within the lines of a mail" {
	local long
	long=$(head -c 200000 /dev/zero | tr '\0' x)
	show "$(al firing "$long" "k=\"$long\"" $T "summary=$long" "causes=$long")" >mail
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' mail)" -le 78 ]
	parts mail
	{ IFS=$'\t'; printf 'time\t%s\n' "$(seq -s $'\t' 1 1000)"; printf '1\t%s\n' "$(seq -s $'\t' 1 1000)"; } |
		cmon-mail --dry-run "${ADDRESSES[@]}" --subject x >mail
	parts mail
}

@test "100,000 alerts are one mail of a sensible size, told once; the gravest in full, the others counted" {
	api
	many() {
		tsv "${HEAD[@]}"
		seq 1 100000 | awk -v now="$1" -v OFS='\t' -v t=$T '{ print now, "firing", $1 % 1000 ? "warning" : "critical",
		    "rule" $1 % 7, "k=\"" $1 "\"", 17.2, 15, t, t, "", "Too many", "a; b", "look", "mail", "", "" }'
	}
	# The sanitizers need more, and no limit on addresses.
	many $T | { [ -n "$CMON_SANITIZED" ] || ulimit -v 400000
		cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $T; }
	[ "$(mails)" = 1 ]
	[ "$(wc -c <log)" -lt 150000 ]
	[ "$(last .body.subject)" = '[FIRING 100000] rule6, rule5, rule4 and others' ]
	last '.body.content[0].value' >text
	[ "$(grep -c '^\[FIRING critical\]' text)" = 40 ]
	grep -q '^And 99960 more' text
	[ "$(awk '/^And 99960/ { on = 1 } on && $2 ~ /^rule/ { n += $3 } END { print n }' text)" = 99960 ]
	many $((T + 60)) | cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + 60))
	[ "$(mails)" = 1 ]
}

# The program in the place of cron, killed at each of its system calls in turn.
@test "killed before and after each write, sync and send, it loses nothing, and a duplicate has the same id" {
	[ -z "$CMON_SANITIZED" ] || skip "strace and sanitizers do not go together"
	strace -o /dev/null true 2>/dev/null || skip "no strace"
	api
	local call when rc killed=0
	table $T "$(al firing a '' $T)" >one
	table $((T + 60)) "$(al resolved a '' $T)$(al firing b '' $T)" >two
	for call in openat ftruncate write fsync sendto close flock; do
		for ((when = 1; when < 60; when++)); do
			rm -f ledger.tsv*
			: >log
			for t in one two; do
				now=$T; [ $t = one ] || now=$((T + 60))
				rc=0
				strace -f -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
				    cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $now $t 2>err || rc=$?
				[ $rc -eq 137 ] || [ $rc -eq 0 ]
				[ $rc -eq 0 ] || killed=$((killed + 1))
				cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $now $t
			done
			subjects | sort -u >got
			diff - got <<-'EOT'
			[FIRING 1, RESOLVED 1] b, a
			[FIRING] a critical
			EOT
			[ "$(ids | sort -u | wc -l)" = 2 ]
			[ "$(wc -l <log)" -le 4 ]
			[ $rc -ne 0 ] || break
		done
	done
	[ "$killed" -gt 20 ]
}

@test "of two runs at once, one sends and the other ends with 75" {
	start_server http_sink.py "$PWD/log"
	export CMON_MAIL_SECRET=k3y url=http://localhost:$port/tx/v1/send
	table $T "$(al firing a '' $T)" >t
	run -75 flock ledger.tsv.lock cmon-mail -v -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $T t
	[ "$output" = "cmon-mail: ledger.tsv: another run has it locked" ]
	for _ in 1 2 3 4 5 6; do
		cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $T t 2>/dev/null 3>&- &
		SERVERS+=($!)
	done
	for pid in "${SERVERS[@]:1}"; do wait "$pid" || [ $? -eq 75 ]; done
	[ "$(mails)" = 1 ]
}

@test "a ledger cut or damaged anywhere: what was not told is told, and the damage is said once" {
	api
	tell $T "$(al firing a '' $T)"
	tell $((T + 60)) "$(al firing a '' $T)$(al firing b '' $T)"
	cp ledger.tsv good
	local n at
	n=$(wc -c <good)
	for ((at = 0; at < n; at += 23)); do
		head -c $at good >ledger.tsv
		: >log
		tell $((T + 120)) "$(al firing a '' $T)$(al firing c '' $T)"
		subjects | grep -q c
		cp good ledger.tsv
		printf '~' | dd of=ledger.tsv bs=1 seek=$at conv=notrunc status=none
		: >log
		tell $((T + 120)) "$(al firing a '' $T)$(al firing c '' $T)" 2>err
		subjects | grep -q c
		[ "$(grep -vc 'damaged, passed over' err || :)" = 0 ]
		tell $((T + 180)) "$(al firing a '' $T)$(al firing c '' $T)" 2>err
		[ ! -s err ]
	done
	echo 'root:x:0:0' >ledger.tsv
	run -2 tell $((T + 120)) ""
	[ "$output" = "cmon-mail: ledger.tsv: not a ledger of this version: move it away to start a new one" ]
	[ "$(cat ledger.tsv)" = root:x:0:0 ]
}

@test "a ledger that is a pipe, a device or a folder is refused at once, with what to do" {
	mkfifo pipe; mkdir folder; ln -s /dev/null null
	table $T "$(al firing a '' $T)" >t
	for s in pipe folder null; do
		run -2 timeout 20 cmon-mail -s $s --server smtp://localhost:1 --no-tls "${ADDRESSES[@]}" --now $T t
		[ "$output" = "cmon-mail: $s: a pipe, a device or a folder: name a file, which need not be there yet" ]
		run -2 timeout 20 cmon-mail -s $s --dry-run "${ADDRESSES[@]}" --now $T t
		[ "$output" = "cmon-mail: $s: a pipe, a device or a folder: name a file, which need not be there yet" ]
	done
	[ "$(echo *)" = "folder log null pipe t" ]
}

@test "a full disk under the ledger: the mail is sent all the same, and that is said" {
	[ -z "$CMON_SANITIZED" ] || skip "strace and sanitizers do not go together"
	strace -o /dev/null true 2>/dev/null || skip "no strace"
	api
	tell $T ""
	table $((T + 60)) "$(al firing a '' $T)" >t
	run -2 strace -f -o /dev/null -e trace=fsync -e inject=fsync:error=ENOSPC \
	    cmon-mail -s ledger.tsv --server "$url" "${ADDRESSES[@]}" --now $((T + 60)) t
	[[ $output == "cmon-mail: ledger.tsv: No space left on device: what is sent now may be sent again"* ]]
	tell $((T + 120)) "$(al firing a '' $T)"
	[ "$(mails)" = 2 ]
	[ "$(ids | sort -u | wc -l)" = 1 ]
}

@test "figures that cannot be read do not keep an alert back" {
	api
	run -2 tell $T "$(al firing a '' $T)" --metrics no-such-file
	[ "$output" = "cmon-mail: no-such-file: No such file or directory" ]
	[ "$(mails)" = 1 ]
	echo nonsense >m.tsv
	run -2 tell $((T + 60)) "$(al firing b '' $T)" --metrics m.tsv
	[ "$(mails)" = 2 ]
}

smtp() { cmon-mail -s ledger.tsv --server "smtp://localhost:$port" --ca box/cert.pem --user alice --secret pw "$@"; }
secret() { mkdir -p box; certificate box; (umask 077; echo s3cret >pw); }

@test "a mail server with STARTTLS and AUTH; a bad address keeps no other mail back" {
	need_aiosmtpd
	secret
	start_server smtp_sink.py box ok
	table $T "$(al firing a '' $T "causes=.\\n..dots")" >t
	run -2 smtp "${ADDRESSES[@]}" --to nouser@example.test --to tempfail@example.test --to last@example.test --now $T -v t
	[[ $output == *"ops@example.test: sent: SMTP 250"*"nouser@example.test: refused: 550 5.1.1 no such user"*"tempfail@example.test: not now: 451 4.3.0 try later"*"last@example.test: sent"* ]]
	jq -s -e 'map(.to[0]) == ["ops@example.test", "last@example.test"] and all(.tls and .auth)' box/1.env box/2.env
	cmp box/1.eml box/2.eml
	show "$(al firing a '' $T "causes=.\\n..dots")" --to nouser@example.test --to tempfail@example.test --to last@example.test |
		sed 's/$/\r/' | cmp - box/1.eml
	printf 'wrong\n' >pw
	run -2 smtp "${ADDRESSES[@]}" --now $((T + 60)) <<<"$(table $((T + 60)) "$(al firing b '' $T)")"
	[[ $output == *"cannot send: 535 "* ]]
	run ! grep -r wrong ledger.tsv
	start_server smtp_sink.py box notls
	rm ledger.tsv
	run -2 smtp "${ADDRESSES[@]}" --now $((T + 120)) t
	[[ $output == *"cannot send: "* ]]
	[ ! -e box/3.eml ]
}

@test "a server that hangs, or hangs up: one time-out a run, whatever the number of recipients" {
	start_server smtp_bad.py "$PWD/said" hang-END
	table $T "$(al firing a '' $T)" >t
	run -75 timeout 30 cmon-mail -s ledger.tsv --server "smtp://localhost:$port" --no-tls --timeout 300ms "${ADDRESSES[@]}" \
	    --to b@example.test --to c@example.test --now $T t
	[ "${#lines[@]}" = 1 ]
	[ "$(grep -c MAIL said)" = 1 ]
	# It took the mail, but hung up before it said so: the same mail again.
	start_server smtp_bad.py "$PWD/twice" twice
	rm ledger.tsv
	run -75 cmon-mail -s ledger.tsv --server "smtp://localhost:$port" --no-tls "${ADDRESSES[@]}" --now $T t
	run -0 cmon-mail -s ledger.tsv --server "smtp://localhost:$port" --no-tls "${ADDRESSES[@]}" --now $((T + 60)) t
	[ "$(grep -c '^Message-ID' twice)" = 2 ]
	[ "$(grep '^Message-ID' twice | sort -u | wc -l)" = 1 ]
}

@test "--drill sends to everybody, whatever the ledger says, and says what became of it" {
	api
	run -0 cmon-mail --drill --server "$url" "${ADDRESSES[@]}" --to b@example.test
	diff - <(echo "$output") <<-EOT
	cmon-mail: http://localhost:$port: ops@example.test: sent: HTTP 202
	cmon-mail: http://localhost:$port: b@example.test: sent: HTTP 202
	EOT
	[ "$(mails)" = 2 ]
	[ "$(last .body.subject)" = '[DRILL] this is a test of cmon-mail' ]
	cmon-mail --drill --dry-run "${ADDRESSES[@]}" >mail
	parts mail
	same_words
}

@test "Exim takes it, over STARTTLS and AUTH, and finds no fault in its headers and lines" {
	command -v exim4 >/dev/null || skip "no exim4"
	[ "$(id -u)" = 0 ] || skip "Exim reads only a configuration of root's"
	secret
	local dir
	dir=$(mktemp -d /tmp/cmon-exim.XXXXXX)
	port=$(free_port)
	mkdir "$dir/spool" "$dir/log" "$dir/box"
	cp box/*.pem "$dir"
	sed "s|@DIR@|$dir|g; s/@PORT@/$port/" "$ROOT/tests/exim.conf" >"$dir/exim.conf"
	chmod 755 "$dir"
	chown -R Debian-exim "$dir/spool" "$dir/log" "$dir/box" "$dir"/*.pem
	exim4 -C "$dir/exim.conf" -bdf -q 1h >/dev/null 2>&1 3>&- &
	SERVERS+=($!)
	listens() { (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
	until_true listens
	table $T "$(al firing "caf$(printf '\303\251')" "k=\"$(head -c 3000 /dev/zero | tr '\0' y)\"" $T "causes=.;..;From me" \
	    "summary=$(head -c 5000 /dev/zero | tr '\0' x)")" >t
	run -2 smtp "${ADDRESSES[@]}" --to nouser@example.test --now $T -v t
	[[ $output == *"ops@example.test: sent: SMTP 250"* ]]
	[[ $output == *"nouser@example.test: refused: 550 no such user"* ]]
	has_come() { ls "$dir"/box/new/* >/dev/null 2>&1; }
	until_true has_come
	parts "$dir"/box/new/*
	same_words
	grep -q "^Subject: .*caf$(printf '\303\251')" head
	stop_servers
	rm -r "$dir"
}

@test "a mail is made as one that a parser, SpamAssassin and Exim had no fault to find with" {
	show "$(al firing edge_miss_rate 'tier="edge"' $((T - 1209)))" --now $((T - 909)) >mail
	python3 - "$ROOT/tests/data/alerting/good.eml" mail <<-'END'
	import email, email.policy, email.utils, re, sys
	good, ours = (email.message_from_binary_file(open(f, "rb"), policy=email.policy.default) for f in sys.argv[1:])
	assert not ours.defects and not any(p.defects for p in ours.walk()), ours.defects
	assert set(good.keys()) == set(ours.keys()), set(good.keys()) ^ set(ours.keys())
	for h in good.keys():
	    if h in ("Message-ID", "In-Reply-To", "References"):
	        assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", ours[h]), ours[h]
	    elif h in ("From", "To"):
	        assert email.utils.getaddresses([ours[h]]) == email.utils.getaddresses([good[h]]), ours[h]
	    elif h == "Content-Type":
	        assert ours.get_content_type() == good.get_content_type(), ours[h]
	    else:
	        assert ours[h] == good[h], (h, ours[h], good[h])
	assert ours["In-Reply-To"] == ours["References"] != ours["Message-ID"]
	kind = lambda p: (p.get_content_type(), p.get_content_charset(), p["Content-Transfer-Encoding"])
	assert [kind(p) for p in ours.iter_parts()] == [kind(p) for p in good.iter_parts()]
	raw = open(sys.argv[2], "rb").read()
	assert max(raw) < 128 and max(map(len, raw.split(b"\n"))) <= 78
	END
}

@test "SpamAssassin gives it no point" {
	command -v spamassassin >/dev/null || skip "no spamassassin"
	show "$(al firing miss 'tier="edge"' $((T - 600)) 'summary=Too many misses' 'causes=a purge; a release' \
	    'runbook=https://runbooks.example.test/miss')" --now "$(date +%s)" >mail
	spamassassin -L -t <mail 2>/dev/null >judged || skip "spamassassin does not run"
	grep -qE '^X-Spam-Status: No, score=-?0\.0 ' judged
}
