load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; DATA=$ROOT/tests/data/nginx; }

T='[20/Nov/2026:12:02:43 +0000]'	# is 1795176163
combined() { printf '192.0.2.1 - - %s "%s" 200 5 "-" "-"\n' "$T" "$1"; }

# column NAME [FILE] - one column of rows, without its header.
column() { awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i; next } { print $c }' "${2:--}"; }

# value NAME FORMAT LINE - what a column is for one line.
value() { printf '%s\n' "$3" | cmon-parse -f "$2" -c "$1" | column "$1"; }

# ---- what a row is

@test "cmon-parse: a line of nginx' cache log becomes an event" {
	head -n 2 "$DATA/nginx-cache-real.log" | cmon-parse -f nginx-cache >got
	diff got - <<-EOF
	$(tsv time client method url status bytes latency_ms origin_ms cache cache_raw referer agent remote_user)
	$(tsv 1795176163 127.0.0.1 GET /a 200 100 2 2 miss MISS '' curl/7.88.1 '')
	$(tsv 1795176163 127.0.0.1 GET /a 200 100 0 '' hit HIT '' curl/7.88.1 '')
	EOF
}

@test "cmon-parse: every line is read as Python reads it" {
	command -v python3 >/dev/null || skip "no python3"
	for log in edge shield; do
		cmon-parse -f nginx-cache "$ROOT/examples/$log.log" >got
		python3 "$ROOT/tests/parse_truth.py" read "$ROOT/examples/$log.log" >want
		cmp got want
	done
}

@test "cmon-parse: any bytes in request, referer, agent and user come through as Python says" {
	command -v python3 >/dev/null || skip "no python3"
	python3 "$ROOT/tests/parse_truth.py" make log want
	cmon-parse -f nginx-cache log >got
	cmp got want
}

@test "cmon-parse: the same requests in text and in JSON give the same figures" {
	for f in cache json; do
		cmon-parse -q -c method,url,status,bytes,latency_ms,origin_ms,cache,cache_raw,agent "$DATA/nginx-$f-real.log" |
			cut -f2- | awk -F'\t' '$3 != 400' >$f	# nginx leaves bad requests empty in JSON
	done
	diff cache json
}

@test "cmon-parse: with no lines there is a header and no rows" {
	run -0 --separate-stderr cmon-parse -f combined </dev/null
	[ "$output" = "$(tsv time client method url status bytes referer agent ident user)" ]
	for f in json csv tsv csv:time=a,x=b; do
		run -0 --separate-stderr cmon-parse -f $f -c time </dev/null
		[ "$output" = time ]
	done
}

@test "cmon-parse: of a log without a byte the format need not be told: a header and no rows" {
	: >access.log; : >access.log.1
	run -0 --separate-stderr cmon-parse access.log.1 access.log
	[ "$output" = "$(awk '/^\.Ss Events/ { on = 1 } /^\.El/ { on = 0 }
		on && sub(/^\.It /, "") && !/^Em/ { sub(/ Ta .*/, ""); gsub(/, /, "\n"); print }' \
		"$ROOT/man/cmon-tsv.5" | paste -s)" ]
	[[ $stderr = *"no line to tell the format by: a header and no rows" ]]
	run -0 --separate-stderr cmon-parse -q -c status,mine access.log
	[ "$output$stderr" = "$(tsv time status mine)" ]
	# All that cmon-agg can be asked for is there.
	cmon-parse -q access.log | cmon-agg -w 5m -g tier -T -c requests,hit_pct,error_pct,bytes -a latency_ms >out
	[ "$(wc -l <out)" -eq 1 ]
	# One with lines behind it is read as ever; one with half a line is not told.
	echo '1.2.3.4 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"' >access.log
	run -0 --separate-stderr cmon-parse access.log.1 access.log
	[[ $stderr = *"reading as combined"* ]]
	printf '1.2.3.4 - - [20/Nov/2026' >access.log
	run -2 --separate-stderr cmon-parse access.log
	[[ $stderr = *"name it with -f" ]]
}

# ---- requests, in every state

@test "cmon-parse: the URL is what stands between the first and the last blank" {
	[ "$(value url combined "$(combined 'GET /a b c HTTP/1.1')")" = '/a b c' ]
}

@test "cmon-parse: what is no request line is a record with empty method and url" {
	while IFS= read -r request; do combined "$request"; done >log <<-'EOF'

	-
	hello
	- - - 
	- http://host:80- -
	<BADREQ>
	\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03
	\x00\x00\x00T\xFFSMBr\x00\x00\x00\x00
	SSH-2.0-Go
	\x03\x00\x00/*\xE0\x00\x00\x00\x00\x00Cookie: mstshash=Administr
	MGLNDD_192.0.2.9_443
	GET /
	GET  HTTP/1.1
	 HTTP/1.1
	GET / FTP/1.1
	EOF
	cmon-parse -f combined -c method,url log >got
	[ "$(sort -u got)" = "$(tsv 1795176163 '' ''; tsv time method url)" ]
	[ "$(wc -l <got)" -eq 16 ]
}

@test "cmon-parse: HTTP/0.9 to 3, new methods and raw bytes in the target are requests" {
	{ combined 'GET / HTTP/0.9'; combined 'GET / HTTP/1.2'; combined 'GET / HTTP/2.1'; combined 'QUERY /x HTTP/3.0'
		combined 'M-SEARCH * HTTP/1.1'; combined $'GET /\xa4\xa4\xa4\xe5 HTTP/1.1'; } |
		cmon-parse -f combined -c method,url,protocol | cut -f2- >got
	diff - got <<-'EOF'
	method	url	protocol
	GET	/	HTTP/0.9
	GET	/	HTTP/1.2
	GET	/	HTTP/2.1
	QUERY	/x	HTTP/3.0
	M-SEARCH	*	HTTP/1.1
	GET	/\xA4\xA4\xA4\xE5	HTTP/1.1
	EOF
}

@test "cmon-parse: the real bad lines are seventeen records and one reject" {
	cmon-parse -f combined -E 10 -R rej "$DATA/bad-lines.log" >got 2>err
	[ "$(wc -l <got)" -eq 18 ]
	grep -q 'first at .*bad-lines.log:16)' err
	sed -n 16p "$DATA/bad-lines.log" | cmp - rej
	[ "$(column client got | sed -n 10,12p | tr '\n' ' ')" = '2001:db8::1 unix: host.example.net ' ]
	[ "$(column user got | sed -n 9p)" = 'bob smith' ]
	[ "$(column agent got | sed -n 7,8p)" = 'agent "quoted" x
agent "q" x' ]
	[ "$(column status got | sed -n 14,15p | tr '\n' ' ')" = '499 0 ' ]
	[ "$(column bytes got | sed -n 3p)" = '' ]
	[ "$(column url got | sed -n 17p | wc -c)" -gt 5000 ]
	[ "$(column time got | sed -n 13p)" -eq 1795149012 ]	# +0530
}

# ---- fields

@test "cmon-parse: status 000, 0, 499 and - are 0, 0, 499 and nothing" {
	for s in 000 0 499 -; do echo "$T $s"; done | cmon-parse -f '[$time_local] $status' >got
	[ "$(column status got | tr '\n' ,)" = 0,0,499,, ]
}

@test "cmon-parse: bytes that are - are nothing, and all under a petabyte are a number" {
	for b in - 0 007 999999999999999; do echo "$T $b"; done | cmon-parse -f '[$time_local] $body_bytes_sent' >got
	[ "$(column bytes got | tr '\n' ,)" = ,0,7,999999999999999, ]
}

@test "cmon-parse: a number that is none rejects its line, if anybody asks for it" {
	echo "$T 12k" >log
	run -2 cmon-parse -f '[$time_local] $body_bytes_sent' log
	[[ "$output" == *'"body_bytes_sent": not a whole number'* ]]
	for b in -2 99999999999999999999 1e99 0x10 ''; do
		printf '%s %s\n%s 1\n' "$T" "$b" "$T" | cmon-parse -q -E 60 -f '[$time_local] $body_bytes_sent' | column bytes >got
		[ -z "$b" ] || [ "$(cat got)" = 1 ]
	done
	[ "$(cmon-parse -f '[$time_local] $body_bytes_sent' -c time log)" = $'time\n1795176163' ]
}

@test "cmon-parse: one line's status or bytes out of range is rejected, and does not stop cmon-agg" {
	for s in '200 5' '1000 5' '20023 5' '18446744073709551616 5' '200 1000000000000000' '200 9223372036854775807'; do
		echo "$T $s"
	done >log
	cmon-parse -E 90 -f '[$time_local] $status $body_bytes_sent' log 2>err | cmon-agg -c requests,bytes >got
	[ "$(tail -n 1 got | cut -f 3,4)" = $'1\t5' ]
	grep -q '1 record, 5 rejected ("status": not a status: 3; "body_bytes_sent": not a whole number in range: 2;' err
}

@test "cmon-parse: a record that is over 1 MiB when escaped is rejected, and does not stop cmon-agg" {
	local wide
	wide=$(head -c 300000 /dev/zero | tr '\0' '\1')
	printf '%s\n' time,url "1,$wide" 2,/ok >log
	cmon-parse -f csv -E 50 log 2>err | cmon-agg -c requests >got
	[ "$(tail -n 1 got | cut -f 3)" -eq 1 ]
	grep -q '1 rejected (escaped, it is a row of over 1 MiB: 1' err
}

@test "cmon-parse: durations of any unit are milliseconds with their decimals" {
	[ "$(value latency_ms '[$time_local] $request_time' "$T 0.002")" = 2 ]
	[ "$(value latency_ms '[$time_local] $request_time' "$T 0.0123")" = 12.3 ]
	[ "$(value latency_ms '[$time_local] $request_time' "$T 12.345")" = 12345 ]
	[ "$(value latency_ms '[$time_local] $request_time' "$T 100.000")" = 100000 ]
	[ "$(value latency_ms '%t %D' "$T 412")" = 0.412 ]
	[ "$(value latency_ms '%t %T' "$T 3")" = 3000 ]
	[ "$(value latency_ms '%t %{ms}T' "$T 17")" = 17 ]
	[ "$(value latency_ms '%t %{us}T' "$T 17")" = 0.017 ]
	[ "$(value ttfb_ms '%t %{Varnish:time_firstbyte}x' "$T 0.000187")" = 0.187 ]
	[ "$(value latency_ms json:time=t,latency_ms=d:ns '{"t":1,"d":24814}')" = 0.024814 ]
	[ "$(value latency_ms json:time=t,latency_ms=d '{"t":1,"d":"3ms"}')" = 3 ]
	[ "$(value latency_ms json:time=t,latency_ms=d '{"t":1,"d":"0.000977s"}')" = 0.977 ]
}

@test "cmon-parse: upstream lists are summed, - and -1 are no part of it" {
	f='[$time_local] "$upstream_response_time"'
	while IFS='|' read -r list want; do
		[ "$(value origin_ms "$f" "$T \"$list\"")" = "$want" ] || { echo "$list"; false; }
	done <<-'EOF'
	0.001|1
	0.001, 0.002|3
	0.001 : 0.002|3
	0.001, - : 0.003|4
	-, 0.004|4
	-|
	-, -|
	-1|
	|
	EOF
}

@test "cmon-parse: lists outside of quotes are not cut at their blanks" {
	echo "$T 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 1, 2 : 3 0.001, 0.002 : 0.003 502, 502 : 200" |
		cmon-parse -f '[$time_local] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status' >got
	diff got - <<-EOF
	$(tsv time origin_ms upstream_addr upstream_response_length upstream_status)
	$(tsv 1795176163 6 '10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80' '1, 2 : 3' '502, 502 : 200')
	EOF
}

@test "cmon-parse: the client is the first address of a list, without port and brackets" {
	while IFS='|' read -r text want; do
		got=$(value client '$remote_addr [$time_local]' "$text $T") || { echo "$text"; false; }
		[ "$got" = "$want" ] || { echo "$text: $got"; false; }
	done <<-'EOF'
	192.0.2.1|192.0.2.1
	192.0.2.1, 10.0.0.1, 10.0.0.2|192.0.2.1
	192.0.2.1:4711|192.0.2.1
	[2001:db8::1]:443|2001:db8::1
	2001:db8::1|2001:db8::1
	::1%0|::1%0
	unix:|unix:
	unix:/run/x.sock|unix:/run/x.sock
	host.example.net|host.example.net
	"192.0.2.1, 10.0.0.1", 10.0.0.2|192.0.2.1
	-|
	EOF
}

@test "cmon-parse: a user with blanks and brackets hides nothing and shifts nothing" {
	for user in 'bob smith' 'x [y' 'x - y' '[20/Nov/2020:00:00:00 +0000' '[20/Nov/2020:00:00:00 +0000] ' 'x ['; do
		for f in nginx combined; do
			echo "192.0.2.1 - $user $T \"GET /a HTTP/1.1\" 200 5 \"-\" \"-\"" | cmon-parse -f $f -c time,client,url,status >got
			[ "$(tail -n 1 got)" = "$(tsv 1795176163 192.0.2.1 /a 200)" ]
		done
	done
}

@test "cmon-parse: absolute URLs stay, and give the host where nothing else does" {
	combined 'GET http://www.example.com:8080/a HTTP/1.1' | cmon-parse -f varnish -c vhost,url >got
	[ "$(tail -n 1 got)" = "$(tsv 1795176163 www.example.com http://www.example.com:8080/a)" ]
	combined 'GET /a?u=http://other/ HTTP/1.1' | cmon-parse -f varnish -c vhost,url >got
	[ "$(column vhost got)" = '' ]
	[ "$(head -n 1 "$DATA/nginx-combined-real.log" | cmon-parse -f varnish | head -n 1 | cut -f2)" = vhost ]
}

@test "cmon-parse: - and \"\" are no value" {
	cmon-parse -f combined <<<"- - - $T \"-\" - - \"\" \"-\"" | tail -n 1 >got
	diff got <(tsv 1795176163 '' '' '' '' '' '' '' '' '')
}

# ---- escapes

@test "cmon-parse: the server's escapes are undone, then ours are put on" {
	agent='\x22q\x22 \"Q\" \\ \x5C x\x09tab \t \n \xC3\xA9 \xFF \x1b[31m \u00e9 \q'
	[ "$(value agent combined "192.0.2.1 - - $T \"GET / HTTP/1.1\" 200 5 \"-\" \"$agent\"")" = \
		'"q" "Q" \\ \\ x\ttab \t \n é \xFF \x1B[31m é \\q' ]
}

@test "cmon-parse: escape=none leaves backslashes alone" {
	[ "$(value http_x "log_format x escape=none '[\$time_local] \$http_x';" "$T \\x41")" = '\\x41' ]
}

@test "cmon-parse: a header or a row inside a field stays in its field" {
	combined 'GET /\x0Atime\x09url\x0A1\x09/forged HTTP/1.1' | cmon-parse -f combined -c time,url >got
	diff got - <<-'EOF'
	time	url
	1795176163	/\ntime\turl\n1\t/forged
	EOF
	printf '{"ts":1,"url":"\\ntime\\turl\\n2\\t/forged"}\n' | cmon-parse -f json -c time,url >got
	[ "$(wc -l <got)" -eq 2 ]
}

@test "cmon-parse: every byte value in every field makes one row of valid UTF-8 without controls" {
	for ((b = 0; b < 256; b++)); do
		[ $b -eq 10 ] && continue
		h=$(printf '\\x%02x' $b)
		for where in client user request status referer agent; do
			c=192.0.2.1 u=- r='GET / HTTP/1.1' s=200 ref=- a=-
			case $where in
			client) c="a${h}b" ;; user) u="a${h}b" ;; request) r="GET /a${h}b HTTP/1.1" ;;
			status) s="2${h}0" ;; referer) ref="a${h}b" ;; agent) a="a${h}b" ;;
			esac
			printf '%b' "$c - $u $T \"$r\" $s 5 \"$ref\" \"$a\"\\n"
		done
	done >log
	cmon-parse -q -E 100 -R rej -f combined log >got
	[ $(($(wc -l <got) - 1 + $(wc -l <rej))) -eq $((255 * 6)) ]
	run ! grep -nP '[\x00-\x08\x0b-\x1f\x7f]' got
	iconv -f UTF-8 -t UTF-8 got >/dev/null
	[ "$(awk -F'\t' '{ print NF }' got | sort -u)" = 10 ]
	# Bytes in text spoil nothing; in the status, and a few in the client, they do.
	[ "$(wc -l <rej)" -lt 300 ]
}

# ---- formats

@test "cmon-parse: a log_format may be pasted as it stands in nginx.conf" {
	format="log_format cmon '\$remote_addr - \$remote_user [\$time_local] '
	    '\"\$request\" \$status \$body_bytes_sent \"\$http_referer\" '
	    '\"\$http_user_agent\" rt=\${request_time} '
	    'ut=\"\$upstream_response_time\" cs=\$upstream_cache_status';"
	diff <(cmon-parse -f "$format" "$DATA/nginx-cache-real.log") <(cmon-parse -f nginx-cache "$DATA/nginx-cache-real.log")
	diff <(cmon-parse -f "${format#log_format cmon }" "$DATA/nginx-cache-real.log") \
		<(cmon-parse -f nginx-cache "$DATA/nginx-cache-real.log")
}

@test "cmon-parse: a log_format that writes JSON reads as what it is" {
	format=$(sed -n "s/^ *log_format j escape=json/escape=json/p" "$DATA/ngx.conf")
	diff <(cmon-parse -f "$format" -c method,url,status,latency_ms,cache,agent "$DATA/nginx-json-real.log") \
		<(cmon-parse -f json -c method,url,status,latency_ms,cache,agent "$DATA/nginx-json-real.log")
}

@test "cmon-parse: a LogFormat may be pasted with its quotes and its backslashes" {
	line="192.0.2.1 - - $T \"GET / HTTP/1.1\" 200 5 \"-\" \"x\""
	for f in 'LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"" combined' \
		'%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"' \
		'%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"' \
		'%h %l %u %t "%r" %<s %!200,304b "%200{Referer}i" "%{User-Agent}i"'; do
		diff <(echo "$line" | cmon-parse -f "$f") <(echo "$line" | cmon-parse -f combined)
	done
}

@test "cmon-parse: names, and the lines they were made for" {
	while IFS='|' read -r name line want; do
		got=$(printf '%b\n' "$line" | cmon-parse -f "$name" -c client,url,status,bytes,latency_ms,cache | tail -n 1 | tr '\t' ' ')
		[ "$got" = "$want" ] || { echo "$name: $got"; false; }
		# And each is told from the others.
		printf '%b\n' "$line" >log
		run -0 --separate-stderr cmon-parse log
		[[ "$stderr" == *"reading as $name (1 of 1 lines)"* ]] || { echo "$stderr"; false; }
	done <<-'EOF'
	common|127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326|971211336 127.0.0.1 /apache_pb.gif 200 2326  
	combined|10.112.72.172 - - [11/Feb/2013:06:43:36 +0000] "GET /client/ HTTP/1.1" 200 5778 "-" "Mozilla/5.0 (X11)"|1360565016 10.112.72.172 /client/ 200 5778  
	combinedio|192.0.2.1 - - [20/Nov/2026:12:02:43 +0000] "GET / HTTP/1.1" 200 5 "-" "-" 100 200|1795176163 192.0.2.1 / 200 5  
	vhost_combined|www.example.com:443 1.2.3.4 - theuser [10/Feb/2012:16:42:07 -0500] "GET / HTTP/1.0" 301 368 "-" "Mozilla/5.0"|1328910127 1.2.3.4 / 301 368  
	vhost_common|www.example.com 1.2.3.4 - - [10/Feb/2012:16:42:07 -0500] "GET / HTTP/1.0" 301 368 "-" "Mozilla/5.0"|1328910127 1.2.3.4 / 301 368  
	nginx-main|10.0.0.1 - - [20/Nov/2026:12:02:43 +0000] "GET / HTTP/1.1" 200 5 "-" "-" "1.2.3.4, 5.6.7.8"|1795176163 10.0.0.1 / 200 5  
	nginx-cache|127.0.0.1 - - [20/Nov/2026:12:02:46 +0000] "GET /reval HTTP/1.1" 200 100 "-" "curl/7.88.1" rt=0.002 ut="0.000, 0.002" cs=REVALIDATED|1795176166 127.0.0.1 /reval 200 100 2 reval
	nginx-ingress|10.0.0.1 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/2.0" 200 12 "-" "curl/8" 350 0.004 [default-web-80] [] 10.1.2.3:8080 12 0.004 200 3f0c|1795176000 10.0.0.1 / 200 12 4 
	varnish-cache|192.0.2.7 - - [20/Nov/2026:12:00:00 +0000] "GET http://www.example.com/a HTTP/1.1" 200 100 "-" "curl/8.5.0" 412 0.000187 hit|1795176000 192.0.2.7 http://www.example.com/a 200 100 0.412 hit
	EOF
}

@test "cmon-parse: every documented variable of nginx and Apache is known or passes under its name" {
	echo "$T abc" | cmon-parse -f '[$time_local] $ssl_curves' | cmp - <(tsv time ssl_curves; tsv 1795176163 abc)
	while read -r directive name; do
		[ "$(printf '%s abc\n' "$T" | cmon-parse -f "%t $directive" | head -n 1)" = "$(tsv time "$name")" ] ||
			{ echo "$directive"; false; }
	done <<-'EOF'
	%A local_addr
	%{session}C cookie_session
	%{HTTPS}e env_https
	%f filename
	%H protocol
	%{Accept-Language}i req_accept_language
	%I bytes_in
	%k keepalives
	%l ident
	%{c}L conn_log_id
	%{mod_php}n note_mod_php
	%{Vary}o resp_vary
	%p port
	%{local}p port_local
	%P pid
	%{tid}P tid
	%q query
	%R handler
	%S bytes_total
	%u user
	%X connection
	%{SSL_PROTOCOL}x ssl_protocol
	%{VCL_Log:backend}x vcl_log_backend
	%{VSL:Begin[2]}x vsl_begin_2_
	%{Varnish:hitmiss}x varnish_hitmiss
	%{x}^ti trailer_x
	%{x}^to resp_trailer_x
	EOF
}

@test "cmon-parse: of several sources the best fills the column, the others keep their names" {
	echo "$T 1795176163.272 10.0.0.1 1.2.3.4 5 205" |
		cmon-parse -f '[$time_local] $msec $remote_addr $http_x_forwarded_for $body_bytes_sent $bytes_sent' >got
	diff got - <<-EOF
	$(tsv time client bytes time_local http_x_forwarded_for bytes_sent)
	$(tsv 1795176163.272 10.0.0.1 5 '20/Nov/2026:12:02:43 +0000' 1.2.3.4 205)
	EOF
}

@test "cmon-parse: path and query that a format writes side by side are one URL" {
	[ "$(value url '%t %U%q' "$T /a?b=c")" = '/a?b=c' ]
	[ "$(value url '[$time_local] $uri$is_args$args' "$T /a?b=c")" = '/a?b=c' ]
	echo "$T https://www.example.com/a?b" | cmon-parse -f '[$time_local] $scheme://$host$request_uri' -c vhost,url |
		cmp - <(tsv time vhost url; tsv 1795176163 www.example.com '/a?b')
}

@test "cmon-parse: two fields with nothing between them are refused" {
	run -2 cmon-parse -f '[$time_local] $status$bytes_sent' </dev/null
	[[ "$output" == *'nothing stands between "status"'* ]]
}

@test "cmon-parse: a format that is none says why" {
	for f in 'nonsense' '%t %Y' '%{x' '${x' '$' 'text $ x' '' "'\$a" '$remote_addr $status' '%{%T}t'; do
		run -2 --separate-stderr cmon-parse -f "$f" </dev/null
		[ -n "$stderr" ] && [ -z "$output" ]
	done
	run -2 cmon-parse -f ngnix-cache </dev/null
	[[ "$output" == *nginx-cache* ]]
}

# ---- times

@test "cmon-parse: times of nginx and Apache, with offsets, leap days and leap seconds" {
	while IFS='|' read -r format text want; do
		got=$(value time "$format" "$text") || { echo "$format $text"; false; }
		[ "$got" = "$want" ] || { echo "$format $text: $got"; false; }
	done <<-'EOF'
	%t|[20/Nov/2026:12:02:43 +0530]|1795156363
	%t|[29/Feb/2024:23:59:60 +0000]|1709251200
	%t|[01/Jan/1970:00:00:00 +0000]|0
	%t|[31/Dec/2200:23:59:59 +0000]|7289654399
	$time_iso8601|2026-11-20T12:02:43+01:00|1795172563
	$msec|1795176163.272|1795176163.272
	%{sec}t|1795176163|1795176163
	%{msec}t|1795176163272|1795176163.272
	%{usec}t|1795176163272123|1795176163.272123
	%{begin:msec}t|1795176163272|1795176163.272
	%{%Y-%m-%dT%H:%M:%S%z}t|2026-11-20T12:02:43+0000|1795176163
	%{%d/%b/%Y}t %{%T}t|20/Nov/2026 12:02:43|1795176163
	[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]|[20/Nov/2026:12:02:43.272 +0000]|1795176163.272
	EOF
}

@test "cmon-parse: a day that does not exist rejects its line" {
	for t in 30/Feb/2026:00:00:00 29/Feb/2100:00:00:00 20/Nov/2026:24:00:00 20/Nov/1969:00:00:00; do
		run -2 cmon-parse -f %t <<<"[$t +0000]"
		[[ "$output" == *'"time": not a time'* ]]
	done
}

@test "cmon-parse: -S and -U take what lies between, from the first to before the last" {
	for s in 41 42 43 44; do echo "[20/Nov/2026:12:02:$s +0000]"; done >log
	[ "$(cmon-parse -f %t -S 1795176162 -U 2026-11-20T12:02:44Z log | tr '\n' ' ')" = 'time 1795176162 1795176163 ' ]
	[ "$(cmon-parse -f %t --now 1795176164 -S -1s log | tr '\n' ' ')" = 'time 1795176163 1795176164 ' ]
	run -2 cmon-parse -f %t -S tomorrow log
}

# ---- JSON, CSV, TSV

@test "cmon-parse: events of an application cache in JSON, with tiers, experiment and cohort" {
	cat >log <<-'EOF'
	{"timestamp":"2026-11-20T12:02:43.5Z","event":"edge_hit","key":"a","latency_ms":1.5,"experiment":"ttl","cohort":"B","endpoint":"/u"}
	{"timestamp":"2026-11-20T12:02:44Z","event":"kv_hit","key":"b","latency_ms":"12","experiment":null,"cohort":"","endpoint":"/u"}
	{"timestamp":"2026-11-20T12:02:45Z","event":"r2_rehydrated","key":"c","latency_ms":80,"endpoint":"/u"}
	{"timestamp":"2026-11-20T12:02:46Z","event":"api_miss","key":"d","latency_ms":200,"endpoint":"/u"}
	EOF
	cmon-parse -f json log >got
	diff got - <<-EOF
	$(tsv time latency_ms tier cache cache_raw endpoint key experiment cohort)
	$(tsv 1795176163.5 1.5 edge hit edge_hit /u a ttl B)
	$(tsv 1795176164 12 kv hit kv_hit /u b '' '')
	$(tsv 1795176165 80 r2_cold miss r2_rehydrated /u c '' '')
	$(tsv 1795176166 200 origin miss api_miss /u d '' '')
	EOF
}

@test "cmon-parse: json:SPEC takes nested keys, indexes, units and time formats" {
	cat >log <<-'EOF'
	{"a":{"at":"20.11.2026 12:02:43"},"r":{"uri":"/x","h":{"X-Cache":["HIT from a","MISS"]}},"took":0.25,"shard":"s,1"}
	EOF
	cmon-parse -f 'json:time=.a.at:%d.%m.%Y %H:%M:%S,url=.r.uri,cache=.r.h["X-Cache"][0],latency_ms=.took:s,shard=.shard' log >got
	diff got - <<-EOF
	$(tsv time url latency_ms cache cache_raw shard)
	$(tsv 1795176163 /x 250 hit 'HIT from a' s,1)
	EOF
}

@test "cmon-parse: JSON times may be RFC 3339, seconds, milliseconds, microseconds or nanoseconds, text or number" {
	for t in '"2026-11-20T12:02:43Z"' 1795176163 '"1795176163"' 1795176163000 '"1795176163000000"' 1795176163000000000; do
		echo "{\"ts\":$t}"
	done | cmon-parse -f json >got
	[ "$(sort -u got | tr '\n' ' ')" = '1795176163 time ' ]
}

@test "cmon-parse: invalid JSON rejects its line with the reason, and text in between is passed over" {
	printf '%s\n' '{"ts":1,"url":"/a"}' '{"ts":2,"url":}' 'starting up' '{"ts":3,"url":"/b"' '{"ts":4}' >log
	run -0 --separate-stderr cmon-parse -E 70 -f json log
	[ "$(wc -l <<<"$output")" -eq 3 ]
	[[ "$stderr" == *'5 lines: 2 records, 3 rejected'*'first at log:2'* ]]
}

@test "cmon-parse: JSON without a time that is known is told so, and the key can be named" {
	echo '{"at":1795176163,"url":"/a"}' >log
	run -2 cmon-parse log
	[[ "$output" == *'json is closest and reads 0 of 1 lines; line 1: "time": missing'* ]]
	run -2 cmon-parse -f json log
	[[ "$output" == *'"time": missing: 1'* ]]
	run -0 cmon-parse -f json:time=.at,url=.url log
}

@test "cmon-parse: keys of Caddy, Cloudflare and nginx are known" {
	echo '{"level":"info","ts":1703373474.8155608,"request":{"remote_ip":"1.2.3.4","client_ip":"1.2.3.5","method":"GET","host":"example.com","uri":"/beta/","headers":{"User-Agent":["Mozilla"]}},"duration":0.001335486,"size":3609,"status":200,"resp_headers":{"Content-Type":["text/html"]}}' |
		cmon-parse -f json >got
	diff got - <<-EOF
	$(tsv time vhost client method url status bytes latency_ms type agent)
	$(tsv 1703373474.81556 example.com 1.2.3.5 GET /beta/ 200 3609 1.335486 text/html Mozilla)
	EOF
	echo '{"CacheCacheStatus":"dynamic","ClientIP":"175.16.199.0","ClientRequestHost":"xyz.example.com","ClientRequestMethod":"POST","ClientRequestURI":"/s/","EdgeStartTimestamp":"2022-05-25T13:25:26Z","EdgeResponseBytes":981308,"EdgeResponseStatus":200,"EdgeTimeToFirstByteMs":5333,"OriginResponseDurationMs":5319,"RayID":"710e98d9367f357d"}' |
		cmon-parse -f json >got
	[ "$(tail -n 1 got)" = "$(tsv 1653485126 xyz.example.com 175.16.199.0 POST /s/ 200 981308 5333 5319 pass dynamic 710e98d9367f357d)" ]
}

@test "cmon-parse: CSV has quotes, commas and newlines in fields; well-known names fill columns" {
	printf 'timestamp,url,status,request_time,note\r\n2026-11-20T12:02:43Z,"/a,b",200,0.5,"x ""y""\nz"\r\n2026-11-20 12:02:44,/c,404,,\r\n' >log
	cmon-parse -f csv log >got
	diff got - <<-EOF
	$(tsv time url status latency_ms note)
	$(tsv 1795176163 /a,b 200 500 'x "y"\nz')
	$(tsv 1795176164 /c 404 '' '')
	EOF
	cmon-parse -f 'csv:time=timestamp,latency_ms=request_time:ms,what=note' log >got
	[ "$(sed -n 2p got)" = "$(tsv 1795176163 0.5 'x "y"\nz')" ]
}

@test "cmon-parse: rows of CSV with a wrong quote or a wrong number of fields are rejected" {
	printf 'ts,url\n1,/a\n2,/b"c\n3\n4,/d,x\n5,/e\n' >log
	run -0 --separate-stderr cmon-parse -f csv -E 80 log
	[ "$output" = $'time\turl\n1\t/a\n5\t/e' ]
	[[ "$stderr" == *'6 lines: 2 records, 1 blank or no record, 3 rejected'*'first at log:3'* ]]
}

@test "cmon-parse: what it has written it reads, as TSV" {
	cmon-parse -f nginx-cache "$DATA/nginx-cache-real.log" >once
	cmon-parse -f tsv once >twice
	diff once twice
}

@test "cmon-parse: every input of a table has the same header" {
	printf 'ts,url\n1,/a\n' >a
	printf 'ts,status\n1,200\n' >b
	[ "$(cmon-parse -f csv a a | wc -l)" -eq 3 ]
	run -2 cmon-parse -f csv a b
	[[ "$output" == *'b:1: other columns'* ]]
	run -2 cmon-parse -f csv:time=ts,url=path a
	[[ "$output" == *'no column "path"'* ]]
}

@test "cmon-parse: a key that was named and is in no line is told, for it may be misspelt" {
	printf '%s\n' '{"ts":1795176000,"took":5,"r":{"o":"kv_hit"},"n":null}' '{"ts":1795176001,"took":6,"rare":1}' >log
	run -0 --separate-stderr cmon-parse -f 'json:time=.ts,latency_ms=.tok:ms,cache=.r.outcome,n=.n,rare=.rare' log
	[ "$stderr" = 'cmon-parse: 2 lines: 2 records; in no line: ".tok", ".r.outcome"' ]
	[ "$(head -n 2 <<<"$output" | tail -n 1)" = "$(tsv 1795176000 '' '' '' '' '')" ]
	run -0 --separate-stderr cmon-parse -f json -c time,took,tok log
	[[ $stderr = *'; in no line: "tok"' ]]
	# What is there, if only now and then or as null; what is nobody's; no line at all.
	run -0 --separate-stderr cmon-parse -f 'json:time=.ts,latency_ms=.took:ms,cache=.r.o,n=.n,rare=.rare' log
	[ "$stderr" = "" ]
	run -0 --separate-stderr cmon-parse -f json -c time,cache,country log
	[ "$stderr" = "" ]
	run -0 --separate-stderr cmon-parse -f json:time=.ts,x=.y </dev/null
	[ "$stderr" = "" ]
	run -0 --separate-stderr cmon-parse -q -f json:time=.ts,x=.y log
	[ "$stderr" = "" ]
}

# ---- detection and --explain

@test "cmon-parse: the format is told from the log and announced, -q keeps quiet" {
	run -0 --separate-stderr cmon-parse "$DATA/nginx-cache-real.log"
	[[ "$stderr" == *': reading as nginx-cache (23 of 23 lines)' ]]
	run -0 --separate-stderr cmon-parse -q "$DATA/nginx-cache-real.log"
	[ -z "$stderr" ]
	run -0 --separate-stderr cmon-parse <"$DATA/nginx-json-real.log"
	[[ "$stderr" == *'-: reading as json (23 of 23 lines)' ]]
}

@test "cmon-parse: below 90 % nothing is written, and the closest format and its failure are named" {
	{ for _ in 1 2 3 4; do combined 'GET / HTTP/1.1'; done; echo garbage; } >log
	run -2 --separate-stderr cmon-parse log
	[ -z "$output" ]
	[[ "$stderr" == *'log: not in any format'*'combined is closest and reads 4 of 5 lines; line 5: '*--explain* ]]
	echo garbage >log
	run -2 --separate-stderr cmon-parse log
	[[ "$stderr" == *'known by name: give the server'*'with -f'* ]]
	echo "$(combined 'GET / HTTP/1.1') 1000" >log
	run -2 --separate-stderr cmon-parse log
	[[ "$stderr" == *'name: '*' comes furthest; line 1, byte '*'with -f'* ]]
}

@test "cmon-parse: of JSON whose keys are its own, what to say is said; an absent time is told from a wrong one" {
	echo '{"ts":1,"result":{"outcome":"edge_hit"}}' >log
	run -0 --separate-stderr cmon-parse log
	[[ "$stderr" == *'only well-known key: name the others, as in -f json:'* ]]
	run -0 --separate-stderr cmon-parse -q log
	[ -z "$stderr" ]
	run -0 --separate-stderr cmon-parse -f json:time=.ts,cache=.result.outcome log
	[ -z "$stderr" ]
	run -0 cmon-parse --host a --explain -f json:time=.ts,cache=.result.outcome log
	[[ "${lines[*]: -1}" == *' host=a  tier=edge' ]]
	run -2 cmon-parse -f json:time=.at log
	[[ "$output" == *'"time": missing'*'--explain shows'* ]]
}

@test "cmon-parse: a host name in front is not taken for the client" {
	echo "www.example.com 192.0.2.1 - - $T \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"" >log
	run -2 cmon-parse -f combined log
	[[ "$output" == *'a field more stands in front'* ]]
	run -2 cmon-parse -f nginx log
}

@test "cmon-parse: what syslog, containers and quotes put around a line is passed by" {
	l="192.0.2.1 - - $T \"GET / HTTP/1.1\" 200 5 \"-\" \"-\""
	for f in combined nginx; do
		for line in "  $l" "\"$l\"" "2026-11-20T12:00:00.123456789Z stdout F $l" "proxy-1  | $l" \
			"<190>Nov 20 12:00:00 web1 nginx: $l" "Nov  2 12:00:00 web1 nginx[47]: $l" \
			"2026-11-20T12:00:00+01:00 web1 nginx: $l" "<190>1 2026-11-20T12:00:00Z web1 nginx 4711 - - $l"; do
			[ "$(value client $f "$line")" = 192.0.2.1 ] || { echo "$f $line"; false; }
		done
	done
	[ "$(value url json 'web-1  | {"ts":1,"url":"/a"}')" = /a ]
}

@test "cmon-parse: --explain shows every field and the columns it fills" {
	run -0 --separate-stderr cmon-parse --explain "$DATA/nginx-cache-real.log"
	[[ "$output" == *'format: nginx-cache'* ]]
	grep -qE '^request_time +0\.002 +latency_ms=2$' <<<"$output"
	grep -qE '^upstream_cache_status +MISS +cache=miss  cache_raw=MISS$' <<<"$output"
	grep -qE '^request +GET /a HTTP/1.1 +method=GET  url=/a$' <<<"$output"
}

@test "cmon-parse: --explain marks where a line does not read, and ends with 1" {
	run -1 --separate-stderr cmon-parse --explain -f combined <<<"$(sed -n 16p "$DATA/bad-lines.log")"
	grep -qE '^request +GET /trunc HTTP/1.1$' <<<"$output"
	line=$(grep -n '200$' <<<"$output" | cut -d: -f1)
	text=$(sed -n "${line}p" <<<"$output")
	mark=$(sed -n "$((line + 1))p" <<<"$output")
	[ "${mark%%^*}" = "$(printf '%*s' ${#text} '')" ]	# right below the end
	run -1 cmon-parse --explain -f json <<<'{"ts":1,"url":}'
	[[ "$output" == *'^ no JSON value'* ]]
	run -1 cmon-parse --explain -f %t <<<'[30/Feb/2026:00:00:00 +0000]'
	[[ "$output" == *'^ not a time'* ]]
	run -1 cmon-parse --explain <<<'garbage'
}

@test "cmon-parse: a quote in CSV that is never closed is a reject if it took lines in, else incomplete" {
	printf '%s\n' time,url 1,a '2,"b' 3,c 4,d >log
	cmon-parse -f csv -E 50 log 2>err | column url | cmp - <(echo a)
	grep -q '3 lines: 1 record, .*1 rejected (a quote that is never closed: 1; first at log:3)' err
	printf 'time,url\n1,a\n2,"b' >log
	cmon-parse -f csv log 2>err | column url | cmp - <(echo a)
	grep -q '1 record, .*1 incomplete' err
}

@test "cmon-parse: --redact and --tier with what would never match are refused" {
	for names in '' ',' '?token' 'token=' '%74oken' 'a&b'; do
		run -2 cmon-parse -f combined --redact "$names" "$DATA/bad-lines.log"
		[[ $output == 'cmon-parse: --redact: '* ]]
	done
	run -2 cmon-parse -f combined --tier edge,kv,origin "$DATA/bad-lines.log"
	[[ $output == 'cmon-parse: --tier: '* ]]
}

@test "cmon-parse: rejected lines never go where the rows go" {
	echo old >rows
	run -2 cmon-parse -f combined -o rows -R rows "$DATA/bad-lines.log"
	[ "$(cat rows)" = old ]
	run -2 --separate-stderr cmon-parse -f combined -R - "$DATA/bad-lines.log"
	[ -z "$output" ]
	cmon-parse -q -f combined -E 10 -o rows -R - "$DATA/bad-lines.log" >got
	sed -n 16p "$DATA/bad-lines.log" | cmp - got
}

@test "cmon-parse: --explain tells what is wrong in a row of CSV, and no more than that" {
	printf '%s\n' time,status,url 1,x,/ | { run -1 cmon-parse --explain -f csv
		[ "${lines[-1]}" = 'status: not a status' ]; }
}

# ---- cache words and tiers

@test "cmon-parse: cache words of nginx, Varnish, Apache and headers have their outcome" {
	while IFS='|' read -r word want; do
		got=$(value cache '[$time_local] "$upstream_cache_status"' "$T \"$word\"")
		[ "$got" = "$want" ] || { echo "$word: $got"; false; }
	done <<-'EOF'
	HIT|hit
	MISS|miss
	EXPIRED|miss
	BYPASS|pass
	STALE|stale
	UPDATING|stale
	REVALIDATED|reval
	-|
	|
	hitmiss|pass
	hitpass|pass
	pipe|pass
	synth|synth
	cache hit|hit
	cache hit: 502 status; stale content returned|stale
	conditional cache hit: entity refreshed|reval
	conditional cache miss: entity refreshed|miss
	cache miss: attempting entity save|miss
	cache invalidated by POST|pass
	HIT from proxy.example.net|hit
	TCP_MEM_HIT/200|hit
	TCP_MISS_ABORTED:HIER_DIRECT|miss
	NONE_NONE/000|
	RefreshHit from cloudfront|reval
	edge_hit|hit
	EOF
}

@test "cmon-parse: words that are not known are listed, and kept in cache_raw" {
	for w in HIT FOO FOO BAR; do echo "$T $w"; done >log
	run -0 --separate-stderr cmon-parse -f '[$time_local] $upstream_cache_status' log
	[ "$(tail -n 1 <<<"$output")" = "$(tsv 1795176163 '' BAR)" ]
	[[ "$stderr" == *'4 lines: 4 records; unknown cache words: FOO 2, BAR 1' ]]
}

@test "cmon-parse: --words adds words and changes them" {
	{ tsv word outcome tier; tsv FOO hit ram; tsv hit miss ''; tsv nothing '' ''; } >words
	for w in foo HIT nothing; do echo "$T $w"; done >log
	cmon-parse -f '[$time_local] $upstream_cache_status' --words words -c tier,cache log >got
	diff got - <<-EOF
	$(tsv time tier cache)
	$(tsv 1795176163 ram hit)
	$(tsv 1795176163 '' miss)
	$(tsv 1795176163 '' '')
	EOF
}

@test "cmon-parse: a mistake in --words is told by path and line" {
	while IFS='|' read -r text want; do
		printf '%b' "$text" >words
		run -2 cmon-parse -f %t --words words </dev/null
		[[ "$output" == *"words:$want"* ]] || { echo "$text: $output"; false; }
	done <<-'EOF'
	word\toutcome\nx\thot\n|2: no outcome: "hot"
	word\toutcome\n\nx\n|3: a row has 2 fields
	word\tclass\n|1: the header has word, outcome and tier, not "class"
	word\n|1: the header needs
	word\toutcome\n\thit\n|2: a word has 1 to 64 bytes
	|0: the header is missing
	EOF
	run -2 cmon-parse -f %t --words nowhere </dev/null
}

@test "cmon-parse: --tier names the layer that served the body, and what is behind it" {
	for w in HIT STALE MISS BYPASS - kv_hit; do echo "$T $w"; done >log
	f='[$time_local] $upstream_cache_status'
	[ "$(cmon-parse -f "$f" --tier edge log | column tier | tr '\n' ' ')" = 'edge edge origin origin edge kv ' ]
	[ "$(cmon-parse -f "$f" --tier edge,shield log | column tier | tr '\n' ' ')" = 'edge edge shield shield edge kv ' ]
	[ "$(cmon-parse -f %t --tier edge --host web1 <<<"$T" | tail -n 1)" = "$(tsv 1795176163 web1 edge)" ]
}

# ---- columns

@test "cmon-parse: -c chooses and orders; time comes first unless it is placed" {
	head -n 1 "$DATA/nginx-cache-real.log" >log
	[ "$(cmon-parse -f nginx-cache -c status,url log | head -n 1)" = "$(tsv time status url)" ]
	[ "$(cmon-parse -f nginx-cache -c status,time,url log | head -n 1)" = "$(tsv status time url)" ]
	[ "$(cmon-parse -f nginx-cache -c country,remote_user,request,protocol log | tail -n 1)" = \
		"$(tsv 1795176163 '' '' 'GET /a HTTP/1.1' HTTP/1.1)" ]
}

@test "cmon-parse: a column that is neither ours nor the format's is a mistake" {
	run -2 cmon-parse -f nginx-cache -c time,tmie </dev/null
	[[ "$output" == *'this format has no "tmie"'* ]]
	run -2 cmon-parse -f nginx-cache -c url,url </dev/null
	run -2 cmon-parse -f nginx-cache -c url,,status </dev/null
	run -2 cmon-parse -f '$status $bytes_sent' </dev/null
	[[ "$output" == *'the format has no time'* ]]
}

# ---- privacy, sampling

@test "cmon-parse: --anonymize cut keeps /24 and /48, in every field with addresses" {
	while IFS='|' read -r text want; do
		got=$(echo "$text $T" | cmon-parse -f '$remote_addr [$time_local]' --anonymize cut -c client | tail -n 1 | cut -f2)
		[ "$got" = "$want" ] || { echo "$text: $got"; false; }
	done <<-'EOF'
	192.0.2.77|192.0.2.0
	2001:db8:1:2:3:4:5:6|2001:db8:1::
	::ffff:192.0.2.77|::ffff:192.0.2.0
	fe80::1%eth0|fe80::
	dsl-192-0-2-77.example.net|
	unix:|unix:
	-|
	EOF
	echo "10.0.0.1 $T 192.0.2.77, 10.0.0.2" | cmon-parse -f '$remote_addr [$time_local] $http_x_forwarded_for' --anonymize cut |
		cmp - <(tsv time client http_x_forwarded_for; tsv 1795176163 10.0.0.0 192.0.2.0)
}

@test "cmon-parse: --anonymize hash needs a secret that others cannot read" {
	printf 0123456789abcdef >secret
	chmod 644 secret
	echo "192.0.2.77 $T" >log
	run -2 cmon-parse -f '$remote_addr [$time_local]' --anonymize hash:secret log
	[[ "$output" == *'chmod 600'* ]]
	chmod 600 secret
	a=$(cmon-parse -f '$remote_addr [$time_local]' --anonymize hash:secret log | tail -n 1 | cut -f2)
	[[ "$a" =~ ^[0-9a-f]{16}$ ]]
	printf 0123456789abcdeF >secret
	[ "$a" != "$(cmon-parse -f '$remote_addr [$time_local]' --anonymize hash:secret log | tail -n 1 | cut -f2)" ]
	printf short >secret
	run -2 cmon-parse -f '$remote_addr [$time_local]' --anonymize hash:secret log
	run -2 cmon-parse -f '$remote_addr [$time_local]' --anonymize none log
}

@test "cmon-parse: --redact hides parameters and user info, wherever URLs are" {
	echo "192.0.2.1 - - $T \"GET /a?Token=s1&x=1&%74oken=s2;sid=s3 HTTP/1.1\" 200 5 \"http://me:s4@h/?sid=s5#token=s6\" \"-\"" |
		cmon-parse -f combined --redact token,sid -c url,referer,request >got
	[ "$(tail -n 1 got)" = "$(tsv 1795176163 '/a?Token=redacted&x=1&%74oken=redacted;sid=redacted' \
		'http://redacted@h/?sid=redacted#token=redacted' \
		'GET /a?Token=redacted&x=1&%74oken=redacted;sid=redacted HTTP/1.1')" ]
	[ "$(echo "$T token=s1&b=2" | cmon-parse -f '[$time_local] $args' --redact token -c args | tail -n 1 | cut -f2)" = 'token=redacted&b=2' ]
}

@test "cmon-parse: --sample keeps all requests of one in N keys, weighted, the same in text and JSON" {
	for i in $(seq 400); do combined "GET /k$((i % 100)) HTTP/1.1"; done >log
	for i in $(seq 400); do echo "{\"ts\":1,\"url\":\"\\/k$((i % 100))\"}"; done >json
	cmon-parse -f combined --sample 4 -c url,weight log | cut -f2- >got
	cmon-parse -f json --sample 4 -c url,weight json | cut -f2- | cmp got -
	[ "$(column weight got | sort -u)" = 4 ]
	n=$(column url got | sort -u | wc -l)
	[ "$n" -gt 10 ] && [ "$n" -lt 45 ]
	[ "$(column url got | wc -l)" -eq $((4 * n)) ]
}

@test "cmon-parse: a logged weight is kept, and fractions are rounded without bias" {
	seq 4000 | awk '{ printf "{\"ts\":%d,\"weight\":2.25}\n", $1 }' | cmon-parse -f json | column weight >got
	[ "$(sort -u got | tr '\n' ' ')" = '2 3 ' ]
	awk '{ s += $1 } END { exit !(s > 8840 && s < 9160) }' got	# 9000, five sigma
}

# ---- accounting

@test "cmon-parse: lines = records + left out + blank + incomplete + rejected" {
	{ combined 'GET /a HTTP/1.1'; combined 'GET /b HTTP/1.1'; echo; echo '#Fields: x'; echo broken
		head -c 300 /dev/zero | tr '\0' x; echo; combined 'GET /c HTTP/1.1' | tr -d '\n'; } >log
	run -0 --separate-stderr cmon-parse -f combined --max-line 200 -E 60 log
	[ "$(wc -l <<<"$output")" -eq 3 ]
	[[ "$stderr" == *'7 lines: 2 records, 2 blank or no record, 1 incomplete (no newline at the end), 2 rejected ('*'over --max-line: 1; first at log:5)' ]]
	run -0 --separate-stderr cmon-parse -f combined --max-line 200 -E 60 -S 2030-01-01 -v log
	[[ "$stderr" == *'7 lines: 0 records, 2 left out, 2 blank or no record, 1 incomplete (no newline at the end), 2 rejected'* ]]
}

@test "cmon-parse: nothing to say is not said" {
	run -0 --separate-stderr cmon-parse -f nginx-cache "$DATA/nginx-cache-real.log"
	[ -z "$stderr" ]
}

@test "cmon-parse: rejects over -E fail and leave the stream cut" {
	{ for i in $(seq 99); do combined "GET /$i HTTP/1.1"; done; echo broken; } >log
	cmon-parse -q -f combined log >got
	[ "$(wc -l <got)" -eq 100 ]
	echo broken >>log
	rc=0; cmon-parse -q -f combined log >got 2>err || rc=$?
	[ $rc -eq 2 ] && grep -q 'over the 1 % of --max-rejects: without --quiet it says why$' err
	[ -z "$(tail -c 1 got | tr -d '\n')" ] && [ ! -s got ] || [ "$(tail -c 1 got)" != '' ]
	run -0 cmon-parse -q -f combined -E 2 log
}

@test "cmon-parse: no line that reads is trouble, whatever -E says" {
	run -2 cmon-parse -q -E 100 -f combined <<<'broken'
	[[ "$output" == *'no line was read as combined'* ]]
}

@test "cmon-parse: -R keeps rejects as they came, and they can be read again" {
	{ combined 'GET /a HTTP/1.1'; echo '{"ts":1,"url":"/b"}'; printf 'x\0y\r\n'; } >log
	cmon-parse -q -E 80 -R rej -f combined log >/dev/null
	printf '{"ts":1,"url":"/b"}\nx\0y\n' | cmp - rej
	run -0 cmon-parse -q -E 80 -f json -c url rej
	[ "${lines[1]}" = "$(tsv 1 /b)" ]
}

@test "cmon-parse: -o replaces the file only when all has gone well" {
	echo old >out
	run -2 cmon-parse -q -f combined -o out <<<broken
	[ "$(cat out)" = old ]
	combined 'GET / HTTP/1.1' | cmon-parse -f combined -c url -o out
	[ "$(cat out)" = "$(tsv time url; tsv 1795176163 /)" ]
}

@test "cmon-parse: CRLF, a byte order mark and NUL spoil nothing" {
	{ printf '\xef\xbb\xbf'; combined 'GET /a HTTP/1.1' | sed 's/$/\r/'; printf '192.0.2.1 - - %s "GET /\0 HTTP/1.1" 200 5 "-" "-"\n' "$T"; } |
		cmon-parse -f combined -c client,url >got
	diff got - <<-EOF
	$(tsv time client url)
	$(tsv 1795176163 192.0.2.1 /a)
	$(tsv 1795176163 192.0.2.1 '/\x00')
	EOF
}

# ---- as a filter

@test "cmon-parse: -F writes rows when the input pauses" {
	mkfifo in
	cmon-parse -F -f '[$time_local] $status' <in >got &
	pid=$!
	exec 7>in
	echo "$T 200" >&7
	until [ "$(wc -l <got)" -eq 2 ]; do sleep 0.01; done
	exec 7>&-
	wait $pid
}

@test "cmon-parse: several files are one log" {
	combined 'GET /a HTTP/1.1' >a
	combined 'GET /b HTTP/1.1' >b
	[ "$(cmon-parse -f combined -c url a - <b | column url | tr '\n' ' ')" = '/a /b ' ]
}

@test "cmon-parse: memory stays flat over a long line, many lines and many words" {
	ulimit -v 60000	# sanitizers cannot live in this; the figures are glibc's
	cmon-parse --version >/dev/null 2>&1 || skip "built with sanitizers"
	{ combined 'GET /a HTTP/1.1'; head -c 1000000000 /dev/zero; echo; combined 'GET /b HTTP/1.1'; } |
		cmon-parse -q -E 60 -f combined -c url | cmp - <(tsv time url; tsv 1795176163 /a; tsv 1795176163 /b)
	{ combined 'GET /a HTTP/1.1'; head -c 10000000 /dev/zero | tr '\0' '\n'; } |
		cmon-parse -v -f combined -c url 2>err | wc -l | grep -qx 2
	grep -q '10000001 lines: 1 record, 10000000 blank' err
	seq 300000 | awk -v t="$T" '{ print t, "w" $1 }' | cmon-parse -f '[$time_local] $upstream_cache_status' -c cache 2>err | wc -l | grep -qx 300001
	grep -q 'others 299900$' err
}
