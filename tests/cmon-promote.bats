# man/cmon-promote.1, sentence by sentence.
load helper

now=1796200000		# some hours after the verdicts
judged=1796169600	# 2026-12-02
HEAD='action experiment endpoint time window changes from_s to_s metric diff lo hi confidence treatment judged undo'

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	umask 022
	printf '%s\n' '# The TTLs.' '' $'endpoint\tttl\tnote' $'\t5m\tall others' '# of titles' \
	    $'title\t5m\tx' $'search\t90s' >ttl.tsv
	experiments 'ttl-title title control:50:5m,treatment:50:10m' \
	    'ttl-search search control:50:90s,treatment:25:3m,long:25:1h'
}

# experiments "NAME ENDPOINT COHORTS [STATUS]"... - the file x.tsv, - is empty.
experiments() {
	local r name endpoint cohorts status
	{
		echo '# what is tried'
		tsv name endpoint cohorts start duration status note
		for r; do
			read -r name endpoint cohorts status <<<"$r"
			tsv "$name" "${endpoint/#-/}" "$cohorts" 2026-11-20 14d "${status:-running}" 'a note '
		done
	} >x.tsv
}

# verdict NAME TREATMENT TTL_S [COLUMN=VALUE]... - promote, as cmon-abtest says it of x.tsv.
verdict() {
	tsv time experiment cohort endpoint key status cache |
	    cmon-abtest -x x.tsv --only "$1" --decide --now $judged |
	    awk -F'\t' -v OFS='\t' -v t="$2" -v more="ttl_s=$3 ${*:4}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
		done++ { next }
		{
			$at["treatment"] = t; $at["decision"] = "promote"; $at["status"] = "treatment"
			$at["diff"] = 3.25; $at["lo"] = 2.5; $at["hi"] = 4; $at["confidence"] = 99.5
			n = split(more, m, " ")
			for (i = 1; i <= n; i++) {
				k = index(m[i], "=")
				$at[substr(m[i], 1, k - 1)] = substr(m[i], k + 1)
			}
			print
		}'
}

promote() { cmon-promote --config ttl.tsv -x x.tsv --now $now "$@"; }
undo() { cmon-promote --config ttl.tsv --now $now --undo "$@"; }

# field FILE ROW NAME - by the header.
field() {
	awk -F'\t' -v row="$2" -v name="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; if (!c) print "no column " name }
		NR == row + 1 { print $c }' "$1"
}

# Of each file that may change.
sums() { cksum ttl.tsv x.tsv ttl.tsv.* form.* 2>/dev/null | grep -v 'lock$' || :; }

# refuses TEXT COMMAND... - 2, the text in the message, no rows, and no file is another than before.
refuses() {
	local want=$1 before
	before=$(sums)
	shift
	run -2 --separate-stderr "$@"
	[[ $stderr == *"$want"* ]] || { echo "$stderr"; return 1; }
	[ -z "$output" ] && [ "$(sums)" = "$before" ] && ! ls .*.tsv.* 2>/dev/null
}

# --- what it does ---

@test "a real verdict: the TTL is written, the experiment completed, all else is as it was" {
	start=1795737600
	experiments '1 title control:50:5m,treatment:50:10m'
	sed -i "s/2026-11-20/$start/" x.tsv
	"$CMON_UNIT/../aa" --experiments 1 --pinned 20 --treated 600 >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >verdicts
	[ "$(field verdicts 1 decision)" = promote ]
	cp ttl.tsv ttl.old
	cp x.tsv x.old
	run -0 --separate-stderr cmon-promote --config ttl.tsv -x x.tsv --now 2026-12-11T12:00Z verdicts
	[ -z "$stderr" ]
	diff ttl.old ttl.tsv.1
	diff <(sed 's/^title\t5m/title\t10m/' ttl.old) ttl.tsv
	diff <(sed 's/running/completed/' x.old) x.tsv
	cmon-cohort -x x.tsv --check
	# What it was judged by stands in the row.
	echo "$output" >rows
	for c in metric diff lo hi confidence treatment; do [ "$(field rows 1 $c)" = "$(field verdicts 1 $c)" ]; done
	[ "$(field rows 1 judged)" = "$(field verdicts 1 time)" ]
}

@test "the row says what, from what, to what, and a command that undoes it from anywhere" {
	verdict ttl-title treatment 600 >v
	cp ttl.tsv old
	run -0 --separate-stderr promote v
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = "${HEAD// /$'\t'}" ]
	[ "${lines[1]}" = "$(tsv promote ttl-title title $now 0 1 300 600 hit_pct 3.25 2.5 4 99.5 treatment $judged \
	    "cmon-promote --config $PWD/ttl.tsv --undo ttl-title")" ]
	undo=$(cut -f16 <<<"${lines[1]}")
	run -0 --separate-stderr sh -c "cd / && $undo --now $((now + 60))"
	[ "${lines[1]}" = "$(tsv undo ttl-title title $((now + 60)) 0 1 600 300 '' '' '' '' '' treatment '' '')" ]
	diff old ttl.tsv
	[ "$(field ttl.tsv.log 4 status) $(wc -l <ttl.tsv.log)" = "done 5" ]
}

@test "an undo by hand says that the forms of caches stay as they are, and what undoes them too" {
	verdict ttl-title treatment 600 >v
	promote --write json=form.json v >rows
	run -0 --separate-stderr undo
	[[ $stderr == "cmon-promote: ttl.tsv: the promotion wrote forms for caches too, which this leaves as they are: "* ]]
	[[ $stderr == *": the undo with them is $(field rows 1 undo)" ]]
	grep -q '"title": 600' form.json
	experiments 'ttl-title title control:50:5m,treatment:50:10m'
	run -0 --separate-stderr cmon-promote --config ttl.tsv --check
	[ -z "$stderr" ]
}

@test "the undo command holds in a folder whose name means something to a shell, in every form" {
	mkdir "a b'\$(touch x);"
	cd "a b'\$(touch x);"
	mv ../ttl.tsv ../x.tsv .
	echo '@endpoint@ @ttl@' >'t m.tmpl'
	cp ttl.tsv old
	verdict ttl-title treatment 600 >v
	promote --write json=form.json --write 't m.tmpl=form.txt' --write nginx:title=form.conf v >rows
	printf '%s\n' 'title 10m' 'search 90s' | diff - form.txt
	undo=$(field rows 1 undo)
	(cd / && bash -c "$undo --now $now")
	diff old ttl.tsv
	printf '%s\n' 'title 5m' 'search 90s' | diff - form.txt
	grep -q '"title": 300' form.json
	grep -q ' 300s;' form.conf
	[ ! -e x ]
}

@test "an undo command is whole, however long, or its promotion is refused" {
	long=$(printf "%055000d" 0 | tr 0 "'")
	tsv "$long" 7m >>ttl.tsv
	cp ttl.tsv old
	verdict ttl-title treatment 600 >v
	for i in 0 1 2 3; do write[i]=--write=nginx:$long=form.$i; done
	refuses '"ttl-title": its row, with the command that undoes it, would be over 1 MiB: fewer or shorter --write' \
	    promote "${write[@]}" v
	refuses 'would be over 1 MiB' promote --dry-run "${write[@]}" v
	promote "${write[@]:0:3}" v >rows
	field rows 1 undo >undo.sh
	[ "$(wc -c <undo.sh)" -gt 800000 ]
	(cd / && sh "$OLDPWD/undo.sh" >/dev/null)
	cmp ttl.tsv old
}

@test "verdicts that say no, or nothing: a header, a message, 1, and nothing is touched" {
	before=$(sums)
	verdict ttl-title treatment 600 decision=no >v
	run -1 --separate-stderr promote v
	[ "$stderr" = "cmon-promote: nothing to promote" ]
	[ "$output" = "${HEAD// /$'\t'}" ]
	verdict ttl-title treatment 600 decision= >v
	run -1 --separate-stderr promote v
	[[ $stderr == *"no verdict has a decision, which cmon-abtest --decide makes" ]]
	head -n 1 v | { run -1 --separate-stderr promote; }
	[ "$(sums)" = "$before" ]
}

@test "of several verdicts on one experiment those of the newest time hold, wherever they stand" {
	{ verdict ttl-title treatment 600 time=$((judged - 9)); verdict ttl-title treatment 600 decision=no; } >v
	run -1 --separate-stderr promote v
	{ verdict ttl-title treatment 600 decision=no; verdict ttl-title treatment 600 time=$((judged - 9)); } >v
	run -1 --separate-stderr promote v
	{ verdict ttl-title treatment 600 decision=no time=$((judged - 9)); verdict ttl-title treatment 600; } >v
	run -0 promote v
}

@test "several experiments are promoted together, in one change of the files" {
	{ verdict ttl-title treatment 600; verdict ttl-search long 3600; } >v
	cp ttl.tsv old
	promote v >rows
	[ "$(field rows 1 experiment) $(field rows 2 experiment) $(field rows 2 to_s)" = "ttl-title ttl-search 3600" ]
	diff old ttl.tsv.1
	diff <(sed 's/^title\t5m/title\t10m/; s/90s/1h/' old) ttl.tsv
	[ "$(grep -c completed x.tsv)" -eq 2 ]
	# Each has its own undo; without a name it is the last that was not undone.
	undo ttl-title >/dev/null
	diff <(sed 's/90s/1h/' old) ttl.tsv
	undo >/dev/null
	diff old ttl.tsv
	refuses 'no promotion that could be undone' undo
}

@test "several experiments, one refused: none is promoted, and each reason is said" {
	{ verdict ttl-title treatment 600; verdict ttl-search long 3600 ttl_s=1; } >v
	refuses '"ttl-search": the verdict'\''s endpoint and ttl_s' promote v
	{ verdict ttl-title treatment 600 ttl_s=1; verdict ttl-search long 3600 time=1; } >v
	refuses '"ttl-title": ' promote v
	[[ $stderr == *'"ttl-search": the verdict is of 1970-01-01'*'nothing was promoted' ]]
}

@test "two treatments of one experiment, two experiments of one endpoint: refused" {
	{ verdict ttl-search long 3600; verdict ttl-search treatment 180; } >v
	refuses '"ttl-search": two treatments are to be promoted at once' promote v
	experiments 'a title control:50:5m,treatment:50:10m' 'b title control:50:5m,treatment:50:10m'
	sed -i '4s/2026-11-20/2026-12-04/' x.tsv
	{ verdict a treatment 600; verdict b treatment 600; } >v
	refuses '"b" and "a" set the TTL of one endpoint' promote v
}

@test "an experiment on all endpoints sets every row, and undo restores every row" {
	experiments 'all - control:50:5m,treatment:50:10m'
	verdict all treatment 600 >v
	refuses 'ttl.tsv:7: "search" has 90s, not the 300 s that it was compared with' promote v
	sed -i 's/90s/300s/' ttl.tsv
	cp ttl.tsv old
	run -0 promote v
	[[ ${lines[1]} == "$(tsv promote all '' $now 0 3 300 600 '')"* ]]
	diff <(sed 's/300s/10m/; s/5m/10m/' old) ttl.tsv
	undo >/dev/null
	diff <(sed 's/300s/5m/' old) ttl.tsv
	sed -i '/all others/d' ttl.tsv
	experiments 'all2 - control:50:5m,treatment:50:10m'
	verdict all2 treatment 600 >v
	refuses 'ttl.tsv: no row with an empty endpoint, for all others' promote v
}

@test "a control without a TTL is what is written; a TTL of 0 is one" {
	experiments 'e title control:50,treatment:50:0'
	verdict e treatment 0 >v
	run -0 --separate-stderr promote --write nginx:title=form.conf v
	[[ ${lines[1]} == "$(tsv promote e title $now 0 1 300 0)"* ]]
	grep -q $'^title\t0\tx' ttl.tsv
	grep -q 'proxy_cache_valid 200 301 302 0s;' form.conf
	undo >/dev/null
	grep -q $'^title\t5m\tx' ttl.tsv
}

@test "the largest TTL there is goes through unchanged" {
	experiments 'e title control:50:5m,treatment:50:9223372036854s'
	verdict e treatment 9223372036854 >v
	run -0 promote --write json=form.json v
	[ "$(jq .ttl_s.title form.json)" = 9223372036854 ]
	undo >/dev/null
}

@test "comments, blanks, line ends, order and a byte order mark stay, in both files" {
	printf '\xef\xbb\xbf# caf\xe9 \x01\r\n\r\nnote\t endpoint \t ttl \tmine\r\nn\ttitle \t  5m \t\\x00 \r\n\t\t5m\r\n#\n' >ttl.tsv
	sed -i 's/$/\r/; 1s/^/\xef\xbb\xbf/; s/ttl-title\t/ ttl-title\t/' x.tsv
	cp ttl.tsv old
	cp x.tsv x.old
	verdict ttl-title treatment 600 >v
	run -0 promote v
	cmp ttl.tsv <(sed 's/  5m/  10m/' old)
	cmp x.tsv <(sed '/ ttl-title/s/running/completed/' x.old)
	undo >/dev/null
	cmp ttl.tsv old
}

# --- what is refused ---

@test "a verdict older than --max-age, or of the future" {
	verdict ttl-title treatment 600 >v
	refuses '"ttl-title": the verdict is of 2026-12-02T00:00:00Z, older than --max-age: run cmon-abtest again, on newer rows' \
	    promote --now $((judged + 2 * 86400 + 1)) v
	refuses 'older than --max-age' promote --max-age 1h v
	refuses 'in the future' promote --now $((judged - 601)) v
	run -0 promote --now $((judged + 2 * 86400)) v
}

@test "another experiments file: no such name, a draft, another definition word by word" {
	verdict ttl-title treatment 600 >v
	cp x.tsv x.old
	experiments 'other title control:50:5m,treatment:50:10m'
	refuses '"ttl-title": is not in x.tsv: the verdict is about another file' promote v
	experiments 'ttl-title title control:50:5m,treatment:50:10m draft'
	refuses 'is a draft in x.tsv:3' promote v
	experiments 'ttl-title title control:50:5m,treatment:50:15m'
	refuses 'was judged with cohorts=control:50:300s,treatment:50:600s, and x.tsv:3 has cohorts=control:50:300s,treatment:50:900s' promote v
	experiments 'ttl-title title control:60:5m,treatment:40:10m'
	refuses 'that is another experiment' promote v
	experiments 'ttl-title search control:50:5m,treatment:50:10m'
	refuses 'was judged with endpoint=title, and x.tsv:3 has endpoint=search' promote v
	sed 's/2026-11-20/2026-11-19/' x.old >x.tsv
	refuses 'was judged with start=' promote v
	cp x.old x.tsv
	run -0 promote v
}

@test "a second application, before and after an undo, and one that somebody completed" {
	verdict ttl-title treatment 600 >v
	promote v >/dev/null
	refuses '"ttl-title": was promoted at 2026-12-02T08:26:40Z: --undo takes that back' promote v
	# Even if somebody lets it run again.
	cp x.tsv done.tsv
	sed -i 's/completed/running/' x.tsv
	refuses 'was promoted at' promote v
	cp done.tsv x.tsv
	undo >/dev/null
	refuses 'is completed in x.tsv:3: nothing is promoted after that' promote v
	refuses 'the promotion of "ttl-title" is undone already' undo ttl-title
	# Undone, and let run again: it may be promoted again.
	sed -i 's/completed/running/' x.tsv
	run -0 promote v
}

@test "a row that is missing, one that somebody changed, one that has it already" {
	verdict ttl-title treatment 600 >v
	sed -i 's/^title\t5m/title\t7m/' ttl.tsv
	refuses 'ttl.tsv:6: "title" has 7m, not the 300 s that it was compared with: somebody has changed it' promote v
	sed -i 's/^title\t7m/title\t600s/' ttl.tsv
	refuses 'ttl.tsv:6: "title" has 600s already: set the experiment completed' promote v
	sed -i '/^title/d' ttl.tsv
	refuses 'ttl.tsv: no row for the endpoint "title": add one' promote v
}

@test "verdicts that cmon-abtest did not write: a column less, promote and invalid, no ttl" {
	verdict ttl-title treatment 600 >v
	cut -f1-30 v >less
	refuses 'less:1: no column "decision"' promote less
	verdict ttl-title treatment 600 status=invalid >v
	refuses 'v:2: a verdict that says promote' promote v
	experiments 'e title control:50:5m,treatment:50'
	verdict e treatment '' >v
	refuses '"treatment" has no ttl: cohorts are written name:weight:ttl' promote v
	verdict e nobody 1 >v
	refuses 'has no treatment "nobody"' promote v
	verdict e control 300 >v
	refuses 'has no treatment "control"' promote v
}

@test "a damaged config is refused by all, and the way out is named" {
	verdict ttl-title treatment 600 >v
	damaged() {
		refuses "$1" promote v
		[[ $stderr == *'--rollback --defaults FILE' ]]
		refuses "$1" cmon-promote --config ttl.tsv --check
		refuses "$1" cmon-promote --config ttl.tsv --emit json
		refuses "$1" undo
	}
	cp ttl.tsv good
	head -c -1 good >ttl.tsv
	damaged 'cut short'
	: >ttl.tsv
	damaged 'ttl.tsv: empty'
	printf '\n#\n' >ttl.tsv
	damaged 'no header'
	echo $'endpoint\tlife\n' >ttl.tsv
	damaged 'no rows with the columns endpoint and ttl'
	echo $'endpoint\tttl' >ttl.tsv
	damaged 'no rows with the columns endpoint and ttl'
	{ cat good; tsv title 5m; } >ttl.tsv
	damaged 'ttl.tsv:8: column "endpoint": "title" stands in line 6 too'
	for bad in 5 1.5s -5m '' 5m5m 1h2; do
		{ cat good; tsv more "$bad"; } >ttl.tsv
		damaged 'ttl.tsv:8: column "ttl": not a duration of whole seconds'
	done
	{ cat good; printf 'a\\y\t5m\n'; } >ttl.tsv
	damaged 'field 1 is not UTF-8 or has a bad escape'
	head -c 300 /dev/urandom >ttl.tsv
	damaged 'ttl.tsv'
	rm ttl.tsv
	damaged 'ttl.tsv: No such file'
	mkdir ttl.tsv
	damaged 'ttl.tsv: Is a directory'
}

@test "mistakes in the experiments are said, and nothing is done" {
	verdict ttl-title treatment 600 >v
	sed -i 's/running/walking/' x.tsv
	refuses 'x.tsv:3: column "status"' promote v
	[[ $stderr == *'x.tsv: the experiments have mistakes: nothing was done' ]]
}

@test "wrong options" {
	refuses '--config: which file has the TTLs?' cmon-promote -x x.tsv
	refuses '--experiments: which file' cmon-promote --config ttl.tsv
	refuses 'one of --check' cmon-promote --config ttl.tsv --check --undo
	refuses '--rollback needs --defaults' cmon-promote --config ttl.tsv --rollback
	refuses 'read no verdicts' cmon-promote --config ttl.tsv --check x
	refuses 'one experiment' undo a b
	refuses 'are files, not standard input' cmon-promote --config - -x x.tsv
	refuses 'not FORM=FILE' promote --write json v
	refuses 'not FORM=FILE' promote --write json= v
	refuses 'the form nginx is of one endpoint' promote --write nginx=form.c v
	refuses 'a form is nginx' promote --write xml=form.c v
	refuses 'is named twice' promote --write json=form.c --write varnish=form.c v
	refuses 'is where this comes from' promote --write json=ttl.tsv v
	refuses 'is where this comes from' promote --write json=x.tsv v
	refuses 'not standard output' promote --write json=- v
}

@test "--write takes no file that is ours already, nor what cannot be replaced" {
	local f
	verdict ttl-title treatment 600 >v
	cp ttl.tsv defaults.tsv
	echo 'ttl @ttl_s@' >form.tmpl
	for f in ttl.tsv.1 ttl.tsv.lock ./ttl.tsv.log ttl.tsv.log.lock x.tsv.lock "$PWD/ttl.tsv.log"; do
		refuses 'or is kept beside it' promote --write "json=$f" v
	done
	refuses 'or is kept beside it' promote --write form.tmpl=form.tmpl v
	refuses 'or is kept beside it' promote --write json=form.tmpl --write form.tmpl=form.txt v
	refuses 'or is kept beside it' cmon-promote --config ttl.tsv --rollback --force \
	    --defaults defaults.tsv --write json=defaults.tsv
	refuses 'is named twice' promote --write json=form.c --write varnish=./form.c v
	mkfifo fifo
	refuses 'no regular file' timeout 10 cmon-promote --config ttl.tsv -x x.tsv --write json=fifo v
	refuses 'no regular file' timeout 10 cmon-promote --config ttl.tsv -x fifo v
	refuses 'no regular file' promote --write json=/dev/stdout v
	refuses 'no regular file' promote --write json=. v
}

# --- undo ---

@test "a log whose TTLs do not agree is damaged, and nothing is undone by it" {
	verdict ttl-title treatment 600 >v
	promote v >/dev/null
	cp ttl.tsv.log whole
	for to in 4m '4; x' ''; do
		sed "s/\t5m\t10m\t/\t$to\t10m\t/" whole >ttl.tsv.log
		refuses 'ttl.tsv.log:2: damaged: "from" and "to" are not "from_s" and "to_s"' undo
	done
	cp whole ttl.tsv.log
	run -0 undo
}

@test "a damaged row of the log is refused, a mended one and a log without sums are read, and it goes on" {
	verdict ttl-title treatment 600 >v
	promote v >/dev/null
	cp ttl.tsv.log whole
	[ "$(head -n 1 whole | cut -f20-)" = $'status\tsum' ]
	sed '3s/\ttitle\t/\tsearch\t/' whole >ttl.tsv.log
	refuses 'ttl.tsv.log:3: damaged: its "sum" is that of another row: mend the row and empty that field, or move the log away' undo
	# Mended by hand.
	sed '3s/\t[0-9a-f]*$/\t/' whole >ttl.tsv.log
	run -0 undo --dry-run
	# As it was before there were sums; what is added then has one.
	cut -f1-20 whole >ttl.tsv.log
	run -0 undo
	[ "$(tail -n 1 ttl.tsv.log | cut -f21 | tr -d 0-9a-f)" = "" ]
	[ "$(tail -n 1 ttl.tsv.log | cut -f21 | wc -c)" = 17 ]
	refuses 'is undone already' undo ttl-title
	sed -i '$s/undo/redo/' ttl.tsv.log
	refuses 'ttl.tsv.log:6: damaged: its "sum"' undo ttl-title
}

@test "undo is refused if the TTL was changed since, unless forced" {
	verdict ttl-title treatment 600 >v
	promote v >/dev/null
	sed -i 's/^title\t10m/title\t7m/' ttl.tsv
	refuses 'ttl.tsv:6: "title" has 7m now, not 600 s: somebody has changed it; --force writes 5m' undo
	run -0 undo --force
	grep -q $'^title\t5m\tx' ttl.tsv
	refuses 'no promotion of "nobody"' undo nobody
}

@test "undo leaves the experiment completed, and later edits of other rows alone" {
	verdict ttl-title treatment 600 >v
	promote v >/dev/null
	sed -i 's/90s/1h/; s/^# of titles/# new/' ttl.tsv
	cp ttl.tsv edited
	run -0 undo ttl-title
	diff <(sed 's/^title\t10m/title\t5m/' edited) ttl.tsv
	grep -q $'^ttl-title\t.*completed' x.tsv
}

# --- rollback ---

# shellcheck disable=SC2120
rollback() { cmon-promote --config ttl.tsv --rollback --defaults defaults.tsv --now $now "$@"; }

@test "rollback restores the defaults, keeps the damage, and writes a row that an alert judges" {
	printf 'endpoint\tttl\n\t1m\ntitle\t2m\n' >defaults.tsv
	head -c 60 ttl.tsv >damaged
	cp damaged ttl.tsv
	run -0 --separate-stderr rollback --write json=form.json
	[[ $stderr == *'ttl.tsv: cut short'* ]]
	[ "${lines[1]}" = "$(tsv rollback '' '' $now 0 2 '' '' '' '' '' '' '' '' '' '')" ]
	diff defaults.tsv ttl.tsv
	diff damaged ttl.tsv.damaged.$now
	[ "$(jq -c . form.json)" = '{"default_ttl_s":60,"ttl_s":{"title":120}}' ]
	printf '%s\n' "${lines[@]}" >rows
	{ tsv id severity condition threshold; tsv damage critical 'changes{action=rollback} >' 0; } >rules
	cmon-alert -r rules -s state --now $((now + 5)) rows >alerts
	[ "$(field alerts 1 state) $(field alerts 1 rule)" = "firing damage" ]
	cmon-mail --dry-run --from a@example.test --to b@example.test --subject 'TTLs' rows | grep -q rollback
	# Sound again: nothing happens, and cron has nothing to mail.
	before=$(sums)
	for more in '' --dry-run; do
		run -0 --separate-stderr rollback $more
		[ -z "$output$stderr" ]
		[ "$(sums)" = "$before" ]
	done
}

@test "rollback makes a config that is not there, and takes no damaged defaults" {
	printf 'endpoint\tttl\n\t1m\ntitle\t2\n' >defaults.tsv
	rm ttl.tsv
	refuses 'defaults.tsv:3: column "ttl"' rollback
	sed -i 's/2$/2m/' defaults.tsv
	run -0 rollback
	diff defaults.tsv ttl.tsv
	[ -z "$(ls -d ttl.tsv.damaged.* 2>/dev/null)" ]
}

@test "rollback --force restores the defaults over what is sound, and keeps that" {
	printf 'endpoint\tttl\n\t1m\ntitle\t5m\n' >defaults.tsv
	cp ttl.tsv old
	run -0 rollback --force
	diff defaults.tsv ttl.tsv
	diff old ttl.tsv.1
}

# --- looking ---

@test "--dry-run writes the same rows, and touches nothing, not even a lock" {
	verdict ttl-title treatment 600 >v
	before=$(ls -laR --time-style=full-iso)
	run -0 promote --dry-run --write json=form.json v
	[ "$(ls -laR --time-style=full-iso)" = "$before" ]
	would=$output
	run -0 promote --write json=form.json v
	[ "$output" = "$would" ]
	before=$(ls -laR --time-style=full-iso)
	# It says on standard error that the form would stay.
	would=$(undo --dry-run 2>/dev/null)
	[[ $would == *$'\n'"$(tsv undo ttl-title title $now 0 1 600 300)"* ]]
	[ "$(ls -laR --time-style=full-iso)" = "$before" ]
}

@test "--check reads the TTLs, the experiments and whether the forms can hold them" {
	run -0 cmon-promote --config ttl.tsv --check -x x.tsv --write varnish=form.vcl
	[ -z "$output" ] && [ ! -e form.vcl ]
	tsv 'a"b' 5m >>ttl.tsv
	run -0 cmon-promote --config ttl.tsv --check
	refuses 'form.vcl: the form varnish: @endpoint:vcl@ cannot hold the endpoint "a"b"' \
	    cmon-promote --config ttl.tsv --check --write varnish=form.vcl
}

# --- forms ---

@test "forms are replaced with the TTLs, and a form that cannot hold them stops all" {
	verdict ttl-title treatment 600 >v
	tsv 'a"b' 5m >>ttl.tsv
	refuses 'cannot hold the endpoint' promote --write json=form.json --write varnish=form.vcl v
	run -0 promote --write json=form.json --write nginx-map=form.map --write nginx:title=form.t --write nginx:=form.d v
	[ "$(jq -c . form.json)" = '{"default_ttl_s":300,"ttl_s":{"title":600,"search":90,"a\"b":300}}' ]
	grep -qx '    "~^a\\x22b\\z" 300;' form.map
	tail -n 1 form.t | grep -qx 'proxy_cache_valid 200 301 302 600s;'
	tail -n 1 form.d | grep -qx 'proxy_cache_valid 200 301 302 300s;'
	refuses 'no row for the endpoint "nobody"' cmon-promote --config ttl.tsv --emit nginx:nobody
}

@test "json: jq and node read every endpoint back, whatever its bytes; what is no text is refused" {
	{
		tsv endpoint ttl
		printf '%s\t1s\n' "\\\\"
		tsv '"},{"x":"' 2s
		tsv '</script>' 3s
		tsv __proto__ 4s
		tsv 'a\n\tb' 5s
		tsv '*/ $x ; }' 6s
		tsv $'\xc3\xa9\xe2\x80\xa8' 7s
		tsv '\x7f' 8s
		tsv 1 9s
	} >ttl.tsv
	cmon-promote --config ttl.tsv --emit json >form.json
	[ "$(jq -c '.ttl_s | to_entries | map(.value)' form.json)" = '[1,2,3,4,5,6,7,8,9]' ]
	[ "$(jq -c '.ttl_s | keys_unsorted' form.json | sed 's/\x7f/\\u007f/')" = '["\\","\"},{\"x\":\"","</script>","__proto__","a\n\tb","*/ $x ; }","é'$'\xe2\x80\xa8''","\u007f","1"]' ]
	if command -v node >/dev/null; then
		run -0 node -e 'const o = JSON.parse(require("fs").readFileSync("form.json")).ttl_s;
			console.log(Object.hasOwn(o, "__proto__"), Object.values(o).length, o["a\n\tb"])'
		[ "$output" = "true 9 5" ]
	fi
	printf 'endpoint\tttl\n\\xff\t1s\n' >ttl.tsv
	refuses 'cannot hold the endpoint "\xFF"' cmon-promote --config ttl.tsv --emit json
}

@test "hostile endpoints break out of no form: they are refused, or match themselves alone" {
	for e in 'a"b' "a'b" 'a;b' 'a}b' 'a{b' 'a b' 'a$b' '$uri' 'a#b' '*/' '/*' 'a\\b' 'a\nb' 'a\tb' '\x00' '\xff' é '~^x' default "\"} C{ x }C {\""; do
		printf 'endpoint\tttl\n%s\t7s\n' "$e" >ttl.tsv
		cmon-promote --config ttl.tsv --emit nginx-map >map
		# One line of one kind, of letters and escapes alone.
		[ "$(grep -cE '^    "~\^([A-Za-z0-9/_:=&%,~@!-]|\\x[0-9A-F]{2}|\\\.|\\\?)*\\z" 7;$' map)" -eq 1 ]
		[ "$(wc -l <map)" -eq 4 ]
		if cmon-promote --config ttl.tsv --emit varnish >vcl 2>err; then
			[ "$(grep -cE '^	if \(bereq.http.cmon-endpoint == "[^"]*"\) \{ set beresp.ttl = 7s; \}$' vcl)" -eq 1 ]
			[ "$(wc -l <vcl)" -eq 4 ]
		fi
		echo 'x @endpoint@ @ttl_s@' >t.tmpl
		case $e in
		default) cmon-promote --config ttl.tsv --emit ./t.tmpl ;;
		*) refuses '@endpoint@ cannot hold the endpoint' cmon-promote --config ttl.tsv --emit ./t.tmpl ;;
		esac
	done
	for e in 'a"b' 'a\nb' '\x00' '\xff' '\x7f'; do
		printf 'endpoint\tttl\n%s\t7s\n' "$e" >ttl.tsv
		refuses '@endpoint:vcl@ cannot hold the endpoint' cmon-promote --config ttl.tsv --emit varnish
	done
}

@test "a template: lines once, or once for each endpoint; unknown names are refused" {
	printf '%s\n' 'error_page 404 = @fallback; a@b.c @' 'd @default_ttl_s@' 'e @endpoint@ @ttl_s@ @ttl@@comma@' \
	    'both @endpoint:json@ @default_ttl_s@' end >t.tmpl
	run -0 cmon-promote --config ttl.tsv --emit t.tmpl
	printf '%s\n' 'error_page 404 = @fallback; a@b.c @' 'd 300' 'e title 300 5m,' 'e search 90 90s' \
	    'both title 300' 'both search 300' end | diff - <(echo "$output")
	run -0 cmon-promote --config ttl.tsv --emit t.tmpl:search
	[ "${lines[2]}" = 'e search 90 90s' ]
	sed -i '/all others/d' ttl.tsv
	run -0 cmon-promote --config ttl.tsv --emit t.tmpl
	[ "${#lines[@]}" -eq 4 ]
	echo '@endpont@' >t.tmpl
	refuses 'nobody knows @endpont@' cmon-promote --config ttl.tsv --emit t.tmpl
	echo '@endpoint:xml@' >t.tmpl
	refuses 'nobody knows @endpoint:xml@' cmon-promote --config ttl.tsv --emit t.tmpl
}

# --- files ---

@test "a link is kept, and what it points at is replaced; mode and owner are kept" {
	mkdir etc
	mv ttl.tsv x.tsv etc/
	ln -s etc/ttl.tsv ttl.tsv
	ln -s etc/x.tsv x.tsv
	echo old >etc/form.json
	ln -s etc/form.json form.json
	chmod 640 etc/ttl.tsv
	chmod 604 etc/x.tsv
	chmod 600 etc/form.json
	[ "$(id -u)" -ne 0 ] || chown 12345:54321 etc/*
	owner=$(stat -c %u:%g etc/ttl.tsv)
	verdict ttl-title treatment 600 >v
	run -0 promote --write json=form.json v
	[ -L ttl.tsv ] && [ -L x.tsv ] && [ -L form.json ]
	[ "$(stat -c %a:%u:%g etc/ttl.tsv etc/x.tsv etc/form.json | tr '\n' ' ')" = "640:$owner 604:$owner 600:$owner " ]
	grep -q $'^title\t10m' etc/ttl.tsv
	grep -q completed etc/x.tsv
	[ -f etc/ttl.tsv.1 ] && [ -f etc/ttl.tsv.log ] && [ ! -e ttl.tsv.log ]
	# By another name it is the same file, with the same log.
	run -0 cmon-promote --config etc/ttl.tsv --undo --now $now
}

@test "another run has a lock: 75, and nothing happens" {
	verdict ttl-title treatment 600 >v
	before=$(sums)
	for f in ttl.tsv x.tsv; do
		exec 9>$f.lock
		flock 9
		run -75 --separate-stderr promote v
		[[ $stderr == *"$f.lock: another run has it" ]]
		[ -z "$output" ]
		exec 9>&-
	done
	[ "$(sums)" = "$before" ]
	run -0 promote v
}

@test "two runs at once: one promotes, the other is refused or comes later" {
	verdict ttl-title treatment 600 >v
	promote v >a 2>&1 & p=$!
	rc=0
	promote v >b 2>&1 || rc=$?
	wait $p || rc=$((rc + $?))
	[ $rc -eq 2 ] || [ $rc -eq 75 ]
	[ "$(grep -c $'\tdone\t' ttl.tsv.log)" -eq 1 ]
}

@test "a full disk, at whichever file: 2, nothing changed, nothing left behind" {
	verdict ttl-title treatment 600 >v
	# What each file needs, and a little less, is what a file may have.
	tsv "$(head -c 3000 /dev/zero | tr '\0' n)" 5m >>ttl.tsv
	for limit in 1 2 3; do
		refuses 'File too large' bash -c "trap '' XFSZ; ulimit -f $limit; exec cmon-promote --config ttl.tsv -x x.tsv \
		    --now $now --write json=form.json v"
	done
	run -0 promote --write json=form.json v
}

@test "a disk that is full in truth: 2, and the files are as they were" {
	mkdir disk
	mount -t tmpfs -o size=64k,mode=755 cmon-promote-test disk 2>/dev/null || skip "may not mount here"
	rc=0
	{
		verdict ttl-title treatment 600 >v &&
		mv ttl.tsv x.tsv disk/ &&
		cp disk/ttl.tsv old && cp disk/x.tsv x.old &&
		head -c 100000 /dev/zero >disk/filler 2>/dev/null || :
		run --separate-stderr cmon-promote --config disk/ttl.tsv -x disk/x.tsv --now $now v
		[ "$status" -eq 2 ] && [[ $stderr == *'No space left'* ]] && cmp old disk/ttl.tsv && cmp x.old disk/x.tsv &&
		rm -f disk/filler && cmon-promote --config disk/ttl.tsv -x disk/x.tsv --now $now v >/dev/null
	} || rc=1
	umount disk
	[ $rc -eq 0 ] || { echo "$status $stderr"; false; }
}

@test "a folder that may not be written: 2, and nothing changed anywhere" {
	verdict ttl-title treatment 600 >v
	refuses 'gone/form.json: No such file' promote --write json=gone/form.json v
	[ "$(id -u)" -ne 0 ] || skip "root may write everywhere"
	mkdir ro
	chmod 555 ro
	refuses 'Permission denied' promote --write json=ro/form.json v
}

@test "a foreign file in the place of the log is refused" {
	verdict ttl-title treatment 600 >v
	echo 'some notes' >ttl.tsv.log
	refuses 'ttl.tsv.log' promote v
	tsv time a >ttl.tsv.log
	refuses 'no column "action": not a log of cmon-promote(1)' promote v
}

@test "a full pipe or a closed standard output: 2, and the next run tells it" {
	verdict ttl-title treatment 600 >v
	rc=0
	promote v >/dev/full 2>err || rc=$?
	[ $rc -eq 2 ]
	grep -q 'No space left' err
	run -0 --separate-stderr promote v
	[[ $stderr == *'ttl.tsv.log: finishing what a run had begun at 2026-12-02T08:26:40Z' ]]
	[[ ${lines[1]} == "$(tsv promote ttl-title title $now 0 1 300 600)"* ]]
	[ "$(field ttl.tsv.log 1 status)$(field ttl.tsv.log 2 status)" = begundone ]
	refuses 'was promoted at' promote v
}

# --- interrupted ---

# Begun, and nothing done: as the log is when a run is killed right after it.
interrupted() {
	verdict ttl-title treatment 600 >v
	cp ttl.tsv old
	cp x.tsv x.old
	promote v >rows
	sed -i '$d' ttl.tsv.log
	cp old ttl.tsv
	cp x.old x.tsv
}

@test "what was begun is finished by the next run, whatever that is about" {
	interrupted
	verdict ttl-search long 3600 >v
	run -0 --separate-stderr promote v
	[ "$(printf '%s\n' "${lines[@]}" | cut -f2 | paste -sd,)" = experiment,ttl-title,ttl-search ]
	[ "$(grep -c completed x.tsv)" -eq 2 ]
	diff <(sed 's/^title\t5m/title\t10m/; s/90s/1h/' old) ttl.tsv
	# No verdicts at all.
	rm ttl.tsv.log
	cp old ttl.tsv
	cp x.old x.tsv
	interrupted
	head -n 1 v >none
	run -0 --separate-stderr promote none
	grep -q $'^title\t10m' ttl.tsv
}

@test "what was begun is not finished over what somebody wrote since, unless forced" {
	interrupted
	sed -i 's/^title\t5m/title\t7m/' ttl.tsv
	refuses 'ttl.tsv:6: "title" has 7m now, not 300 s: somebody has changed it; --force writes 10m' promote v
	run -0 promote --force v
	grep -q $'^title\t10m' ttl.tsv
}

@test "an undo after an interrupted promotion finishes it first, and needs the experiments for that" {
	interrupted
	refuses 'name the experiments with -x' undo
	run -0 --separate-stderr undo -x x.tsv
	[ "$(printf '%s\n' "${lines[@]}" | cut -f1 | paste -sd,)" = action,promote,undo ]
	diff old ttl.tsv
	grep -q completed x.tsv
}

@test "an interrupted undo and an interrupted rollback are finished" {
	verdict ttl-title treatment 600 >v
	cp ttl.tsv old
	promote v >/dev/null
	cp ttl.tsv promoted
	undo >/dev/null
	sed -i '$d' ttl.tsv.log
	cp promoted ttl.tsv
	run -0 --separate-stderr undo ttl-title
	[ "${#lines[@]}" -eq 2 ]
	diff old ttl.tsv
	refuses 'undone already' undo ttl-title
	printf 'endpoint\tttl\n\t1m\n' >defaults.tsv
	echo junk >ttl.tsv
	# shellcheck disable=SC2119
	rollback >/dev/null
	sed -i '$d' ttl.tsv.log
	rm ttl.tsv.damaged.*
	# Killed after the TTLs were restored, and before.
	run -0 --separate-stderr rollback
	[[ $stderr == *'finishing what a run had begun'* ]]
	sed -i '$d' ttl.tsv.log
	echo junk >ttl.tsv
	run -0 --separate-stderr rollback
	[ "$(tail -n 3 ttl.tsv.log | awk -F'\t' '{ print $(NF - 1) }' | paste -sd,)" = dropped,begun,done ]
	diff defaults.tsv ttl.tsv
}

# kill_everywhere COMMAND... - in a folder that fresh makes, killed at each call
# of each kind it makes, then run again: the files end as without a kill, and
# at no time is one half.
kill_everywhere() {
	local call n k kills=0 want rc
	local -x ASAN_OPTIONS=detect_leaks=0	# which cannot be done while traced
	command -v strace >/dev/null || skip "strace is not installed"
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	fresh
	cp ttl.tsv ../before.ttl
	cp x.tsv ../before.x
	strace -f -qq -o ../trace "$@" >../rows.want
	cp ttl.tsv ../after.ttl
	cp x.tsv ../after.x
	want=$(cksum ttl.tsv x.tsv ttl.tsv.log form.*)
	for call in openat read write fsync rename close fchmod fchown flock unlink; do
		n=$(grep -c "^[0-9]* *$call(" ../trace) || continue
		for k in $(seq "$n"); do
			fresh
			{ strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$k" \
			    "$@" >../rows 2>/dev/null; } 2>/dev/null || :
			cmp -s ttl.tsv ../before.ttl || cmp -s ttl.tsv ../after.ttl || { echo "half: $call $k"; return 1; }
			cmp -s x.tsv ../before.x || cmp -s x.tsv ../after.x || { echo "half: $call $k"; return 1; }
			rc=0
			"$@" >../rows.again 2>../err || rc=$?
			if [ "$(cksum ttl.tsv x.tsv ttl.tsv.log form.*)" != "$want" ]; then
				echo "another end: $call $k, $rc: $(cat ../err)"
				return 1
			fi
			# The rows were written by one of the two, at least.
			cmp -s ../rows ../rows.want || cmp -s ../rows.again ../rows.want ||
			    { echo "untold: $call $k, $rc: $(cat ../err)"; return 1; }
			kills=$((kills + 1))
		done
	done
	echo "$kills kills"
	[ "$kills" -gt 60 ]
}

@test "killed at any system call of a promotion, the next run ends it: no file is half, nothing is untold" {
	verdict ttl-title treatment 600 >v
	cp ttl.tsv ttl.first
	cp x.tsv x.first
	mkdir run
	cd run
	fresh() { rm -rf ../run/* ../run/.[!.]*; cp ../ttl.first ttl.tsv; cp ../x.first x.tsv; echo old >form.json; }
	kill_everywhere cmon-promote --config ttl.tsv -x x.tsv --now $now --write json=form.json --write varnish=form.vcl ../v
}

@test "killed at any system call of an undo, the next run ends it" {
	verdict ttl-title treatment 600 >v
	promote --write json=form.json v >/dev/null
	mkdir first run
	cp ttl.tsv x.tsv ttl.tsv.1 ttl.tsv.log form.json first
	cd run
	fresh() { rm -rf ../run/* ../run/.[!.]*; cp ../first/* .; }
	kill_everywhere cmon-promote --config ttl.tsv --now $((now + 60)) --write json=form.json --undo ttl-title
}
