# What holds for the programs of a pipeline together, whatever is done to them.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

pipeline() {
	cmon-parse -q -f nginx-cache "$ROOT/examples/edge.log" | head -n 3001 | tee events |
	    cmon-agg -w 1m -g cache -T --tz Europe/Berlin | tee metrics | cmon-table
	cmon-prom -T metrics
}

@test "TZ and the locale change not a byte" {
	pipeline >want
	for zone in Asia/Kathmandu right/UTC ':/etc/passwd' '' XXX-99; do
		for locale in C de_DE.UTF-8 tr_TR no-such; do
			TZ=$zone LC_ALL=$locale LANG=$locale LC_NUMERIC=$locale pipeline | cmp - want
		done
	done
}

@test "a line of 200 MB costs no memory, and the lines around it count" {
	[ -z "$CMON_SANITIZED" ] || skip "sanitizers take all addresses"
	line='10.0.0.1 - - [20/Nov/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"'
	{ echo "$line"; head -c 200000000 /dev/zero | tr '\0' x; printf '\n%s\n' "$line"; } |
	    (ulimit -v 20000; cmon-parse -f combined -E 40 2>err) | wc -l >rows
	[ "$(cat rows)" -eq 3 ]
	grep -q '3 lines: 2 records, 1 rejected (over --max-line: 1)' err
	{ tsv time a; head -c 200000000 /dev/zero; } | (ulimit -v 20000; run -2 cmon-agg; [[ $output == *'over 1048576 bytes' ]])
}

@test "many keys within little memory are the same bytes as within much" {
	[ -z "$CMON_SANITIZED" ] || skip "too slow under sanitizers"
	{ tsv time url bytes; seq 200000 | awk '{ printf "%d\t/%d\t%d\n", $1 % 7000, $1 * 7919 % 150001, $1 }'; } >ev
	cmon-agg -w 1h -g url -a bytes:sum ev | cksum >want
	[ "$(cmon-agg -w 1h -g url -a bytes:sum --mem 4M ev | cksum)" = "$(cat want)" ]
}

# Text that runs backwards on a terminal: RLO, LRI, PDI, RLM, ALM, and a line separator.
turned=$'a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x81\xa9d\xe2\x80\x8fe\xd8\x9cf\xe2\x80\xa8g'
replaced=$'a\xef\xbf\xbdb\xef\xbf\xbdc\xef\xbf\xbdd\xef\xbf\xbde\xef\xbf\xbdf\xef\xbf\xbdg'
# harmless FILE - holds no sign that turns text, and no control but newlines.
harmless() {
	[ -s "$1" ]
	"$PYTHON" - "$1" <<-'EOF'
	import sys, unicodedata
	text = open(sys.argv[1], 'rb').read().decode('utf-8')
	bad = [hex(ord(c)) for c in text if c != '\n' and (unicodedata.category(c) in ('Cc', 'Zl', 'Zp') or
	       unicodedata.bidirectional(c) in ('LRE', 'RLE', 'PDF', 'LRO', 'RLO', 'LRI', 'RLI', 'FSI', 'PDI') or c in '\u200e\u200f\u061c')]
	sys.exit('%s: %s' % (sys.argv[1], bad) if bad else 0)
	EOF
}

@test "nothing that a person reads turns its direction: messages, tables, explanations; the stream keeps each byte" {
	PYTHON=/usr/bin/python3; [ -x $PYTHON ] || PYTHON=python3
	# Messages on stderr.
	cmon-table -c "$turned" <<<"$(tsv time a)" 2>err || [ $? -eq 2 ]
	harmless err
	grep -q 'no column "a?b?c?d?e?f?g"' err
	# Tables: fields and headers, each sign as one character.
	{ tsv time "$turned" b; tsv 1 "$turned" x; tsv 2 "$turned$turned" y; } >in
	cmon-table --epoch in >table
	harmless table
	grep -qF "$replaced$replaced" table
	grep -q "^time  $replaced" table
	# One line of a log, a URL and an alert explained.
	line="10.0.0.1 - - [20/Nov/2026:12:00:00 +0000] \"GET /$turned HTTP/1.1\" 200 12 \"-\" \"$turned\""
	cmon-parse --explain -f combined <<<"$line" >parsed
	harmless parsed
	grep -qF "$replaced" parsed
	cmon-parse --explain -f combined <<<"$turned" >parsed || [ $? -eq 1 ]
	harmless parsed
	grep -qF "$replaced" parsed
	cmon-key --explain "/$turned" >key || [ $? -eq 1 ]
	harmless key
	grep -qF "$replaced" key
	printf 'id\tseverity\tcondition\nh\tcritical\tx{h=*} > 15 & x{h!="%s"} > 1\n' "$turned" >r
	{ tsv h time window x; tsv "$turned" 1795176000 0 20; tsv "h$turned" 1795176000 0 20; } >in
	cmon-alert -r r -s state --now 1795176000 in >alerts
	grep -qF "$turned" alerts
	cmon-alert -r r -s state --now 1795176000 --explain h in >why
	harmless why
	grep -qF "$replaced" why
	cmon-alert -r r -s nagios.state --now 1795176000 --nagios in >line || [ $? -eq 2 ]
	harmless line
	grep -q '^CRITICAL - h/a_b_c_d_e_f_g' line || grep -q '^CRITICAL - h/ha_b_c_d_e_f_g' line
	{ tsv experiment cohort key time window requests hits
	  for k in $(seq 40); do for c in control "$turned"; do tsv "$turned" "$c" "$c$k" 1795176000 60 100 $((50 + k % 9)); done; done; } >totals
	cmon-abtest --start 1795176000 --control control --metrics hit_pct --explain totals >verdict
	harmless verdict
	grep -qF "$replaced" verdict
	# The stream itself: every byte as it came.
	cmon-parse -q -f combined -c time,url,agent <<<"$line" >events
	[ "$(sed -n 2p events)" = "$(tsv 1795176000 "/$turned" "$turned")" ]
}
