# man/cmon-key.1 and man/cmon-keys.5, sentence by sentence.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# rules HEADER ROW... - the file k.tsv; fields are separated by blanks, "-" is an empty one.
rules() { for row; do sed 's/ /\t/g; :a; s/\t-\(\t\|$\)/\t\1/; ta' <<<"$row"; done >k.tsv; }

events() { tsv time url; for u; do tsv 1 "$u"; done; }

# of URL [COLUMNS] - its endpoint and key, as a row.
of() { events "$1" | cmon-key -r k.tsv "${@:2}" | sed 1d | cut -f3-; }

plain() { rules 'pattern endpoint key keep drop' '/search/title title search:title:${query} q,lang' \
    '~^/item/([0-9]+) item item:$1' '/static/ static - - v'; }

@test "/search/title?q=hamlet is title and search:title:q=hamlet" {
	plain
	[ "$(of '/search/title?q=hamlet')" = "$(tsv title search:title:q=hamlet)" ]
	[ "$(of '/search/title?utm_source=x&q=hamlet')" = "$(tsv title search:title:q=hamlet)" ]
}

@test "events get endpoint and key at the end, metrics left of time" {
	plain
	run -0 cmon-key -r k.tsv <(events /item/42/x /static/a.js?v=1)
	[ "${lines[0]}" = "$(tsv time url endpoint key)" ]
	[ "${lines[1]}" = "$(tsv 1 /item/42/x item item:42)" ]
	[ "${lines[2]}" = "$(tsv 1 '/static/a.js?v=1' static /static/a.js)" ]
	[ "${#lines[@]}" -eq 3 ]
	{ tsv url time window requests; tsv /item/42/x 1 60 7; tsv /x 1 60 8; } >in
	run -0 cmon-key -r k.tsv in
	[ "${lines[0]}" = "$(tsv url endpoint key time window requests)" ]
	[ "${lines[1]}" = "$(tsv /item/42/x item item:42 1 60 7)" ]
	[ "${lines[2]}" = "$(tsv /x '(none)' /x 1 60 8)" ]
}

@test "a header that comes again binds again" {
	plain
	{ events /item/1; tsv url time window; tsv /item/2 1 60; } >in
	run -0 cmon-key -r k.tsv in
	[ "${lines[1]}" = "$(tsv 1 /item/1 item item:1)" ]
	[ "${lines[2]}" = "$(tsv url endpoint key time window)" ]
	[ "${lines[3]}" = "$(tsv /item/2 item item:2 1 60)" ]
}

@test "no rule matches, or there are none: no endpoint, the key is the URL in normal form" {
	plain
	[ "$(of '/b//%61?z=1&a=2')" = "$(tsv '' '/b/a?a=2&z=1')" ]
	run -0 cmon-key <(events '/b//%61?z=1&a=2')
	[ "${lines[1]}" = "$(tsv 1 '/b//%61?z=1&a=2' '' '/b/a?a=2&z=1')" ]
}

@test "a row without a URL has neither; totals, (none) and (other) of metrics stay" {
	plain
	[ "$(of '')" = "$(tsv '' '')" ]
	{ tsv url time window; tsv '' 1 60; tsv '(none)' 1 60; tsv '(other)' 1 60; } >in
	run -0 cmon-key -r k.tsv in
	[ "${lines[1]}" = "$(tsv '' '' '' 1 60)" ]
	[ "${lines[2]}" = "$(tsv '(none)' '(none)' '(none)' 1 60)" ]
	[ "${lines[3]}" = "$(tsv '(other)' '(other)' '(other)' 1 60)" ]
}

@test "a key that reads (other) or (none) is written so that nobody takes it for one" {
	rules 'pattern endpoint' '/x ${arg_e}'
	[ "$(of '(other)')" = "$(tsv '' '\x28other)')" ]
	[ "$(of '(none)')" = "$(tsv '' '\x28none)')" ]
	[ "$(of '/x?e=(other)')" = "$(tsv '\x28other)' '/x?e=(other)')" ]
	[ "$(of '(others)')" = "$(tsv '' '(others)')" ]
	rules 'pattern key' '/q ${query}' '/ ${rest}'
	[ "$(of '/q?(other)')" = "$(tsv '' '\x28other)')" ]
	[ "$(of '/(none)')" = "$(tsv '' '\x28none)')" ]
	rules 'pattern endpoint key' '/x (none) (other)'
	[ "$(of '/x')" = "$(tsv '\x28none)' '\x28other)')" ]
}

@test "targets of every form" {
	rules 'pattern vhost endpoint key' '/ h.example host ${vhost}${path}' '* - star' '~:443$ - connect' '/ - page'
	t() { { tsv time url vhost; tsv 1 "$1" "$2"; } | cmon-key -r k.tsv | sed 1d | cut -f4-; }
	[ "$(t /a H.example)" = "$(tsv host h.example/a)" ]
	[ "$(t http://u:p@h.example:80/a x)" = "$(tsv host h.example/a)" ]
	[ "$(t http://h.example x)" = "$(tsv host h.example/)" ]
	[ "$(t http://h.example:81/ x)" = "$(tsv page /)" ]
	[ "$(t '*' x)" = "$(tsv star '*')" ]
	[ "$(t h:443 x)" = "$(tsv connect h:443)" ]
	[ "$(t '/a#b?c' x)" = "$(tsv page /a)" ]
	[ "$(t '/a?b?c=d' x)" = "$(tsv page '/a?b?c=d')" ]
	[ "$(t '/a?' x)" = "$(tsv page /a)" ]
}

@test "escapes: the key is of the bytes behind them, and is escaped again" {
	plain
	[ "$(of '/static/\xC3\xA9\\x\x00\t')" = "$(tsv static '/static/é\\x\x00\t')" ]
	[ "$(of '/static/\xFF')" = "$(tsv static '/static/\xFF')" ]
	rules 'pattern key' '~^/(.) one:$1' '/zz x'
	[ "$(of '/é')" = "$(tsv '' 'one:\xC3')" ]
	printf 'time\turl\n1\t/\\q\n' >in
	run -2 cmon-key in
	[[ $output == *'cmon-key: in:2: column "url": a bad escape: "/\q"' ]]
}

@test "hostile URLs: long ones, 10000 parameters, %, empty names, && and ;" {
	plain
	[ "$(of '/a?&&&')" = "$(tsv '' /a)" ]
	[ "$(of '/a?=x&b&b=&a=b=c;d&%')" = "$(tsv '' '/a?=x&%25&a=b=c;d&b&b=')" ]
	[ "$(of '/%00%')" = "$(tsv '' '/%00%25')" ]
	many=$(printf '%d=&' {10000..1})
	want=$(printf '%d\n' {1..10000} | sort | sed 's/$/=/' | paste -sd '&')
	[ "$(of "/a?$many")" = "$(tsv '' "/a?$want")" ]
	long=$(head -c 65535 /dev/zero | tr '\0' x)
	[ "$(of "/$long")" = "$(tsv '' "/$long")" ]
	got=$(of "/${long}y")
	[ "${#got}" -eq 1025 ]
	[[ $got =~ ~[0-9a-f]{16}$ ]]
	[ "$got" != "$(of "/${long}z")" ]
	{ tsv time url x; tsv 1 "/$long" "$(head -c 980000 /dev/zero | tr '\0' x)"; } >in
	run -2 cmon-key in
	[[ $output == *'in:2: the row would be over 1048576 bytes'* ]]
}

@test "key of a key: the key without rules is its own" {
	cmon-parse -q -c time,url "$ROOT/examples/edge.log" 2>/dev/null | cmon-key | cut -f1,4 >once
	cmon-key --url key -c '' -n 1000000 once | cmp - once
	cmon-key --url key --replace once | cut -f1,2 | cmp - once
}

@test "the same as Python says by RFC 3986, every URL of the example log and made-up ones" {
	{ tsv time url; cmon-parse -q -c time,url "$ROOT/examples/edge.log" 2>/dev/null | sed 1d
	  python3 - <<'PY'
import random
r = random.Random(5)
for i in range(3000):
    print(1, '/' + ''.join(r.choice('/./ab%412fF?&=&x;+') for _ in range(r.randrange(30))), sep='\t')
PY
	} >in
	cmon-key in | sed 1d | cut -f4 >ours
	sed 1d in | cut -f2 | python3 "$ROOT/tests/key_truth.py" normal >truth
	cmp ours truth
	[ "$(wc -l <truth)" -gt 23000 ]
}

@test "-c: which columns; rule is the line that matched" {
	plain
	[ "$(of /item/42 -c rule,key)" = "$(tsv 3 item:42)" ]
	[ "$(of /x -c key,rule)" = "$(tsv /x '')" ]
	run -2 cmon-key -c colour <(events /)
	[[ $output == *'--columns: endpoint, key or rule, not "colour"'* ]]
	run -2 cmon-key -c key,key <(events /)
	[[ $output == *'"key" stands twice'* ]]
}

@test "a column that is there already is trouble: path:line; --replace fills it in place" {
	plain
	{ tsv key time url; tsv old 1 /item/7; } >in
	run -2 cmon-key -r k.tsv in
	[[ $output == *'in:1: column "key" is there already: --replace fills it anew, -c leaves it out' ]]
	run -0 cmon-key -r k.tsv --replace in
	[ "${lines[0]}" = "$(tsv key time url endpoint)" ]
	[ "${lines[1]}" = "$(tsv item:7 1 /item/7 item)" ]
	run -0 cmon-key -r k.tsv -c endpoint in
	[ "${lines[1]}" = "$(tsv old 1 /item/7 item)" ]
}

@test "the columns that are read: --url, --vhost, --method; one that lacks is trouble" {
	rules 'pattern vhost method endpoint' '/ a,b GET get'
	{ tsv time target host verb; tsv 1 /x b GET; } >in
	run -2 cmon-key -r k.tsv in
	[[ $output == *'in:1: no column "url": --url names another' ]]
	run -2 cmon-key -r k.tsv --url target in
	[[ $output == *'in:1: no column "vhost": a rule asks for the host; --vhost names another' ]]
	run -2 cmon-key -r k.tsv --url target --vhost host in
	[[ $output == *'no column "method"'* ]]
	run -0 cmon-key -r k.tsv --url target --vhost host --method verb in
	[ "${lines[1]}" = "$(tsv 1 /x b GET get /x)" ]
}

@test "-n: the first so many keys stay, the rest are (other), always" {
	{ tsv time url; for u in /a /b /a /c '(other)' /b /c ''; do tsv 1 "$u"; done; } >in
	run -0 --separate-stderr cmon-key -n 2 -c key in
	[ "$(sed 1d <<<"$output" | cut -f3 | paste -sd ' ')" = '/a /b /a (other) (other) /b (other) ' ]
	[ "$stderr" = 'cmon-key: column "key": 3 rows of later values are "(other)": see --count and --mem' ]
	run -0 --separate-stderr cmon-key -n 4 -c key in
	[ "$(sed 1d <<<"$output" | cut -f3 | paste -sd ' ')" = '/a /b /a /c \x28other) /b /c ' ]
	[ -z "$stderr" ]
	run -0 --separate-stderr cmon-key -n 9 --mem 4 -c key in
	[ "$(sed 1d <<<"$output" | cut -f3 | paste -sd ' ')" = '/a /b /a (other) (other) /b (other) ' ]
}

@test "--limit: any column, in place, without adding any" {
	{ tsv agent time url; tsv x 1 /; tsv '(other)' 1 /; tsv y 1 /; tsv x 1 /; } >in
	run -0 --separate-stderr cmon-key -n 1 --limit agent -c '' in
	[ "$output" = "$(sed 's/^y/(other)/' in)" ]
	run -2 cmon-key -n 1 --limit colour in
	[[ $output == *'in:1: no column "colour": --limit names another' ]]
	run -2 cmon-key --limit agent in
	[[ $output == *'--limit: how many values? --count says it'* ]]
}

@test "-n: cohorts refuse what was folded" {
	experiments=$ROOT/tests/data/cohort/experiments.tsv
	{ tsv time url; tsv 1 /a; tsv 1 /b; } | cmon-key -n 1 2>/dev/null >in
	run -2 cmon-cohort -x "$experiments" in
	[[ $output == *'"(other)" is many keys'* ]]
}

@test "--check says every mistake with its line, and reads no input" {
	plain
	run -0 cmon-key -r k.tsv --check ./no-such-file
	[ -z "$output" ]
	rules 'pattern key sort' 'search x' '/a ${b}' '~( x' '/c - maybe'
	run -2 cmon-key -r k.tsv --check
	[[ ${lines[0]} == 'cmon-key: k.tsv:2: column "pattern": "search" begins with none of'* ]]
	[[ ${lines[1]} == 'cmon-key: k.tsv:3: column "key": a name in ${} is none of'* ]]
	[[ ${lines[2]} == 'cmon-key: k.tsv:4: column "pattern": no regular expression: missing closing parenthesis'* ]]
	[ "${lines[3]}" = 'cmon-key: k.tsv:5: column "sort": yes or no, not "maybe"' ]
	[ "${lines[4]}" = 'cmon-key: k.tsv: the rules have mistakes: nothing was done' ]
	[ "${#lines[@]}" -eq 5 ]
	run -2 cmon-key --check
	[[ $output == *'--check: which file?'* ]]
}

@test "--explain: which rule, and what comes of it; 1 where none matches" {
	plain
	run -0 cmon-key -r k.tsv --explain 'http://h/search//title?x=1&q=a%0'
	[ "$output" = 'rule      k.tsv:2: /search/title
host      h
path      /search/title
query     x=1&q=a%0
endpoint  title
key       search:title:q=a%250' ]
	run -1 cmon-key -r k.tsv --explain $'/\e'
	[ "${lines[0]}" = 'rule      none matches' ]
	[ "${lines[5]}" = 'key       /\x1B' ]
}

@test "a regular expression that runs for ever gives up, is counted, and does not match" {
	rules 'pattern endpoint' '~^/(a+)+$ trap' '/ rest'
	bad=/$(head -c 60 /dev/zero | tr '\0' a)b
	run -0 --separate-stderr cmon-key -r k.tsv <(events "$bad" /aaa "$bad")
	[ "$(sed 1d <<<"$output" | cut -f3 | paste -sd ' ')" = 'rest trap rest' ]
	[ "$stderr" = 'cmon-key: 2 paths took a regular expression too long, or are over 8192 bytes, and count as not matching it: the first was that of k.tsv:2' ]
}

@test "a path over 8192 bytes meets no regular expression" {
	rules 'pattern endpoint' '~a*a*[xy] slow' '/ rest'
	long=/$(head -c 8192 /dev/zero | tr '\0' a)
	run -0 --separate-stderr cmon-key -r k.tsv -c endpoint <(events "$long" /x)
	[ "$(sed 1d <<<"$output" | cut -f3 | paste -sd ' ')" = 'rest slow' ]
	[[ $stderr == 'cmon-key: 1 paths took'* ]]
}

@test "1000 rules: the first that matches, as awk has it" {
	{ tsv pattern endpoint; for i in $(seq 1 7 7000); do tsv "/p/${i}" "e$i"; done; tsv '~^/p/[0-9]*5$' five; } >k.tsv
	python3 - <<'PY'
rows = [l.rstrip('\n').split('\t') for l in open('k.tsv')]
good, seen = [rows[0]], []
for r in rows[1:]:
    if r[0][0] == '~' or not any(r[0].startswith(s) for s in seen):
        good.append(r); seen.append(r[0])
open('k.tsv', 'w').write(''.join('\t'.join(r) + '\n' for r in good))
PY
	for i in $(seq 1 3000); do echo "/p/$i"; done >urls
	{ tsv time url; sed 's/^/1\t/' urls; } | cmon-key -r k.tsv -c endpoint | sed 1d | cut -f3 >ours
	awk -F'\t' 'NR == FNR { if (FNR > 1 && $1 !~ /^~/) { p[++n] = $1; e[n] = $2 } next }
		{ got = ""; for (i = 1; i <= n && got == ""; i++) if (index($1, p[i]) == 1) got = e[i]
		  if (got == "" && $1 ~ /^\/p\/[0-9]*5$/) got = "five"; print got }' k.tsv urls >truth
	cmp ours truth
	[ "$(sort -u truth | wc -l)" -gt 20 ]
}

@test "-F writes rows whenever the input pauses" {
	plain
	mkfifo p
	cmon-key -r k.tsv -F <p >out &
	pid=$!
	exec 7>p
	events /item/1 >&7
	for _ in $(seq 200); do [ "$(wc -l <out)" -eq 2 ] && break; read -rt 0.05 <> <(:) || true; done
	[ "$(wc -l <out)" -eq 2 ]
	exec 7>&-
	wait $pid
}

@test "-o replaces the file as a whole or not at all" {
	plain
	echo old >f
	run -2 cmon-key -o f <(printf 'time\turl\n1')
	[ "$(cat f)" = old ]
	cmon-key -r k.tsv -o f <(events /item/1)
	[ "$(tail -n 1 f)" = "$(tsv 1 /item/1 item item:1)" ]
}

@test "examples/keys.tsv is good, and says what it means" {
	cp "$ROOT/examples/keys.tsv" k.tsv
	run -0 cmon-key -r k.tsv --check
	[ -z "$output" ]
	[ "$(of '/search/title?utm_source=x&q=hamlet')" = "$(tsv title search:title:q=hamlet)" ]
	[ "$(of '/search/isbn?q=1&x=2')" = "$(tsv search '/search/isbn?q=1')" ]
	[ "$(of '/api/v2/products/17?nocache=1')" = "$(tsv product product:17)" ]
	[ "$(of /api/v2/cart)" = "$(tsv api /api/v2/cart)" ]
	[ "$(of '/page/3?utm_source=feed&utm_medium=rss')" = "$(tsv page /page/3)" ]
	[ "$(of '/static/js/app.js?v=9')" = "$(tsv static /static/js/app.js)" ]
	[ "$(of /video/17.mp4)" = "$(tsv /video/:n.mp4 /video/17.mp4)" ]
	cmon-parse -q "$ROOT/examples/edge.log" 2>/dev/null | cmon-key -r k.tsv |
		cmon-agg -g endpoint -c requests | sed 1d | awk -F'\t' '{ n += $4 } END { print n }' >n
	[ "$(cat n)" -eq "$(cmon-parse -q "$ROOT/examples/edge.log" 2>/dev/null | sed 1d | wc -l)" ]
}

# --- --fragments ---

truth() { python3 "$ROOT/tests/key_truth.py" "$@"; }

# row PARAMETER COLUMN,... - of the report in $output.
row() {
	awk -F'\t' -v p="$1" -v want="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(want, c, ","); next }
		$2 == p { for (i = 1; i <= n; i++) printf "%s%s", $at[c[i]], i < n ? " " : "\n" }' <<<"$output"
}

# logged OUTCOME:URL ... - a second apart.
logged() {
	local t=100
	tsv time url cache status bytes
	for e; do tsv $((t++)) "${e#*:}" "${e%%:*}" 200 5; done
}

@test "--fragments: the same as brute force, with and without a TTL or a column cache" {
	for seed in 1 2 3; do
		truth events $seed 1500 >in
		for ttl in '' 1 40; do
			cmon-key --fragments ${ttl:+--ttl ${ttl}s} in >ours
			truth fragments $ttl <in >want
			diff ours want
			cut -f1-5 in | cmon-key --fragments ${ttl:+--ttl ${ttl}s} >ours 2>/dev/null
			cut -f1-5 in | truth fragments $ttl >want
			diff ours want
		done
	done
	[ "$(wc -l <want)" -ge 9 ]
	awk -F'\t' 'NR > 1 && $11 > 0 { n++ } END { exit n < 5 }' want
}

@test "--fragments: on the example log too, as brute force has it" {
	cmon-parse -q -c time,url,method,status,bytes,cache "$ROOT/examples/edge.log" 2>/dev/null | awk -F'\t' '$2 != ""' >in
	cmon-key --fragments in >ours
	truth fragments <in >want
	diff ours want
	grep -q utm_source want
}

@test "--fragments: a miss is gained where another key that differs in the parameter alone is there" {
	run -0 cmon-key --fragments <(logged 'miss:/a?u=1' 'miss:/a?u=2' 'hit:/a?u=2' 'miss:/a' 'miss:/a?u=1' 'miss:/b?u=1')
	[ "$(row u requests,values,keys,keys_without,hits,misses,hits_gained)" = '5 2 3 2 1 4 2' ]
	[ "$(row u hit_pct,hit_pct_without,compared,same_pct)" = '16.6667 50 1 100' ]
	[ "$(row u endpoint,time,window)" = '(none) 100 6' ]
}

@test "--fragments: a miss in spite of its own fresh copy is not gained" {
	run -0 cmon-key --fragments <(logged 'miss:/a?u=1' 'miss:/a?u=1' 'miss:/a?u=2' 'miss:/a?u=2' 'miss:/a?u=1')
	[ "$(row u hits_gained)" = 1 ]
}

@test "--fragments --ttl: copies that are too old gain nothing" {
	logged 'miss:/a?u=1' 'miss:/a?u=2' 'miss:/a?u=3' 'miss:/a?u=4' >in
	run -0 cmon-key --fragments in
	[ "$(row u hits_gained)" = 3 ]
	run -0 cmon-key --fragments --ttl 2s in
	[ "$(row u hits_gained)" = 2 ]
	run -0 cmon-key --fragments --ttl 1s in
	[ "$(row u hits_gained)" = 0 ]
}

@test "--fragments: order, encoding, case and parameters without = split too" {
	run -0 cmon-key --fragments <(logged 'miss:/a?x=1&y=2' 'miss:/a?y=2&x=1' 'miss:/%61?x=1&y=2' 'miss:/A?x=1&y=2' 'miss:/a?x=1&y=2&z')
	[ "$(row '(order)' requests,hits_gained)" = '1 1' ]
	[ "$(row '(encoding)' requests,hits_gained)" = '1 1' ]
	[ "$(row '(case)' requests,hits_gained)" = '1 1' ]
	[ "$(row '(bare)' requests,values,hits_gained)" = '1 1 1' ]
}

@test "--fragments: what a parameter changes shows" {
	{ tsv time url cache status bytes; tsv 1 '/a?u=1&id=1' miss 200 5; tsv 2 '/a?u=2&id=1' miss 200 5
	  tsv 3 '/a?u=1&id=2' miss 200 9; tsv 4 '/b?u=1' miss 200 7; tsv 5 '/b?u=2' miss 404 7; tsv 6 '/c?u=1' miss 206 1; tsv 7 '/c?u=2' miss 200 8; } >in
	run -0 cmon-key --fragments in
	[ "$(row u compared,same_pct)" = '2 50' ]
	[ "$(row id compared,same_pct)" = '1 0' ]
}

@test "--fragments -r: by endpoint, and what the rules' key would gain; --keyed: beyond that key" {
	rules 'pattern endpoint key' '/s search s:${arg_q}' '/ other'
	logged 'miss:/s?q=a&u=1' 'miss:/s?q=a&u=2' 'miss:/s?q=b' 'miss:/x?u=1' 'miss:/x?u=2' >in
	run -0 cmon-key -r k.tsv --fragments in
	[ "$(row '(key)' endpoint,requests,keys,keys_without,hits_gained)" = 'search 3 3 2 1
other 2 2 2 0' ]
	[ "$(row u endpoint,hits_gained | sort)" = 'other 1
search 1' ]
	run -0 cmon-key -r k.tsv --fragments --keyed in
	[ "$(row u endpoint,hits_gained)" = 'other 1' ]
	[ "$(row q endpoint,keys,keys_without,hits_gained)" = 'search 2 1 1' ]
	[ -z "$(row '(key)' endpoint)" ]
}

@test "--fragments: hosts are kept apart" {
	{ tsv time url vhost cache; tsv 1 '/?u=1' a miss; tsv 2 '/?u=2' b miss; tsv 3 '/?u=3' A miss; } >in
	run -0 cmon-key --fragments in
	[ "$(row u keys_without,hits_gained,compared,same_pct)" = '2 1 0 ' ]
}

@test "--fragments: what took no part in the cache is left out; unknown words are counted" {
	run -0 --separate-stderr cmon-key --fragments <(logged 'pass:/?u=1' 'HIT:/?u=1' ':/?u=1' 'error:/?u=1')
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = 'cmon-key: column "cache": 1 rows with a word that is no outcome were left out' ]
	run -0 --separate-stderr cmon-key --fragments <(events '/?u=1' '/?u=1' '/?u=2')
	[ "$(row u hits,misses,hits_gained)" = '1 2 1' ]
	[ "$stderr" = 'cmon-key: no column "cache": taken for a hit is each request of a key that was asked for before' ]
}

@test "--fragments: names that read like ours, and no name" {
	run -0 cmon-key --fragments <(logged 'miss:/?(order)=1' 'miss:/?=1' 'miss:/?\x00=1')
	[ "$(sed 1d <<<"$output" | cut -f2 | paste -sd ' ')" = '(empty) \x00 \x28order)' ]
}

@test "--fragments: sorted by what is gained; -n shows the first rows; nothing in, a header" {
	logged 'miss:/?a=1' 'miss:/?a=2' 'miss:/?b=1' 'miss:/?b=2' 'miss:/?a=3' >in
	run -0 cmon-key --fragments in
	[ "$(sed 1d <<<"$output" | cut -f2,11 | paste -sd ' ')" = $'a\t2 b\t1' ]
	run -0 cmon-key --fragments -n 1 in
	[ "${#lines[@]}" -eq 2 ]
	run -0 cmon-key --fragments <(logged)
	[ "${#lines[@]}" -eq 1 ]
}

@test "--fragments: metrics, sampled logs, and more keys than --mem are trouble" {
	run -2 cmon-key --fragments <(tsv url time window; tsv / 1 2)
	[[ $output == *':1: rows of metrics have lost the order of requests: give the events themselves' ]]
	run -2 cmon-key --fragments <(tsv time url weight; tsv 1 / 10)
	[[ $output == *':2: column "weight": a sampled log has lost'* ]]
	{ tsv time url; seq 1 20000 | sed 's,.*,&\t/page/&?u=&,'; } >in
	run -2 cmon-key --fragments --mem 1M in
	[[ $output == *'take more than --mem: give it more, or a shorter part of the log' ]]
	run -0 --separate-stderr cmon-key --fragments in
	[ "$(row u keys)" = 20000 ]
}

@test "--fragments: URLs of many parameters are left out, and counted" {
	run -0 --separate-stderr cmon-key --fragments <(logged "miss:/?$(printf 'p%d=&' {1..100})" "miss:/?$(printf 'p%d=&' {1..99})x=1")
	[ "$stderr" = 'cmon-key: 1 rows with more than 100 parameters were left out' ]
	[ "$(row x requests)" = 1 ]
}

@test "--ttl, --keyed, --limit: where they mean nothing they are refused" {
	run -2 cmon-key --fragments --ttl 0 <(events /)
	[[ $output == *'--ttl: no copy is fresh for 0 s'* ]]
	run -2 cmon-key --ttl 5m <(events /)
	[[ $output == *'--ttl goes with --fragments'* ]]
	run -2 cmon-key --keyed <(events /)
	[[ $output == *'--keyed goes with --fragments'* ]]
	run -2 cmon-key --fragments -F <(events /)
	[[ $output == *'--fragments does not go with'* ]]
}
