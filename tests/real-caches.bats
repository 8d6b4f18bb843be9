# The real Apache and the real Varnish, asked by the real curl: what they log is
# what cmon-parse reads.  nginx has capture.bats and the logs in examples/.
load helper
load servers

# start_server says the port of the origin in it.
port=

# Servers started by root give it up, and then may not look into bats' folder.
setup() {
	dir=$(mktemp -d /tmp/cmon-caches.XXXXXX) && chmod 755 "$dir" && cd "$dir" || exit 1
	command -v curl >/dev/null || skip "no curl"
}
teardown() {
	[ ! -s pid ] || kill "$(cat pid)" || :
	stop_servers
	rm -rf "$dir"
}

# ask PATH CURL-ARGS... - of the server at $at; says the status.
ask() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$at$1" "${@:2}"; }

answers() { curl -s -o /dev/null "http://127.0.0.1:$at/ready"; }
has_lines() { [ -f "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

# column NAME FILE - one column of rows, on one line, without its header.
column() {
	awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i; next }
		{ printf "%s%s", (NR > 2 ? "," : ""), $c }' "$2"
}

# Every directive of mod_log_config and mod_logio, each in the form that has text.
ALL='%a|%A|%B|%b|%{x}C|%D|"%{cache-status}e"|%f|%h|%{c}h|%H|"%{Accept}i"|%I|%k|%l|%L|%m|%{x}n|"%{X-Cache}o"|%O|%p|%{local}p|%{remote}p|%P|%{tid}P|"%q"|"%r"|%R|%s|%>s|%S|%t|[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]|%{usec}t|%{end:sec}t|%T|%{ms}T|%{us}T|%u|"%U"|%v|%V|%X|%{x}^ti|%{x}^to|%!200{Referer}i|%%'

apache_conf() {
	local modules=/usr/lib/apache2/modules m
	mkdir -m 777 cache logs
	cat <<-END
	ServerRoot "$PWD"
	ServerName www.example.com
	Listen 127.0.0.1:$at
	PidFile "$PWD/pid"
	Mutex file:$PWD/logs default
	ErrorLog "$PWD/logs/error"
	CacheRoot "$PWD/cache"
	CacheEnable disk /
	CacheHeader on
	CacheQuickHandler off
	ProxyPass / http://127.0.0.1:$port/
	LogFormat "${ALL//\"/\\\"}" all
	LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined
	CustomLog "$PWD/logs/all" all
	CustomLog "$PWD/logs/vhost" vhost_combined
	END
	[ "$(id -u)" -ne 0 ] || printf 'User nobody\nGroup nogroup\n'
	for m in mpm_event authz_core cache cache_disk proxy proxy_http logio; do
		[ ! -f $modules/mod_$m.so ] || echo "LoadModule ${m}_module $modules/mod_$m.so"
	done
}

@test "Apache: each directive of its log reads, and its cache does what it says" {
	command -v apache2 >/dev/null && [ -d /usr/lib/apache2/modules ] || skip "no apache2"
	start_server cache_origin.py
	at=$(free_port)
	apache_conf >httpd.conf
	apache2 -f "$PWD/httpd.conf" -k start 3>&- || { cat logs/error; false; }
	until_true answers
	status=
	for path in '/a' '/a' '/a?x=1' '/z' '/z'; do status+=$(ask "$path"),; done
	status+=$(ask /a -X POST -d x),
	status+=$(ask /q -A $'q "x" \\ \xc3\xa9' -H 'Referer: http://x/"y"')
	until_true has_lines logs/all 8
	kill "$(cat pid)" && rm -f pid

	tail -n 7 logs/all >log
	cmon-parse -f "LogFormat \"${ALL//\"/\\\"}\" all" log >got 2>err
	[ ! -s err ] || { cat err; false; }
	[ "$(column status got)" = "$status" ]
	[ "$(column url got)" = '/a,/a,/a?x=1,/z,/z,/a,/q' ]
	[ "$(column cache got)" = miss,hit,miss,miss,reval,pass,miss ] || { column cache_raw got; false; }
	[ "$(column bytes got)" = 100,100,100,100,100,100,100 ]
	[ "$(column method got | tr , '\n' | sort | uniq -c | tr -s ' \n' ' ')" = ' 6 GET 1 POST ' ]
	# The same duration in %D, %{us}T and %{ms}T; the same time in four forms.
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		{ us = $c["latency_ms"] * 1000 }
		int(us + 0.5) != $c["duration_us"] || int(us / 1000) != $c["duration_ms"] { exit 1 }' got
	# %t alone, without the more exact ones behind it, is the same second.
	sed 's/\].*/]/' log | cmon-parse -f "${ALL%%|\[*}" -c time >seconds
	[ "$(column time seconds)" = "$(column time got | tr , '\n' | cut -d. -f1 | tr -d " " | paste -sd,)" ]
	tail -n 7 logs/vhost | cmon-parse >vhost 2>err
	grep -q 'reading as vhost_combined (7 of 7 lines)' err
	[ "$(column agent vhost | sed 's/.*,//')" = 'q "x" \\ é' ]
	[ "$(column referer vhost | sed 's/.*,//')" = 'http://x/"y"' ]
	[ "$(column vhost vhost | sed 's/.*,//')" = www.example.com ]
}

varnish_vcl() {
	cat <<-END
	vcl 4.1;
	import std;
	backend origin { .host = "127.0.0.1"; .port = "$port"; }
	sub vcl_recv {
		std.log("k:a value");
		if (req.url ~ "^/synth") { return (synth(403, "no")); }
		if (req.url ~ "^/pass") { return (pass); }
		if (req.url ~ "^/pipe") { return (pipe); }
		return (hash);
	}
	END
}

@test "Varnish: what varnishncsa logs by the recommended format, by its default and by every extended variable reads" {
	command -v varnishd >/dev/null && command -v varnishncsa >/dev/null || skip "no varnish"
	cache='%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-agent}i" %D %{Varnish:time_firstbyte}x %{Varnish:handling}x'
	every='%h|%b|%D|%H|%I|%{Host}i|%l|%m|%{Age}o|%O|%q|%r|%s|%t|%{%d/%b/%Y}t %{%T}t.%{usec_frac}t|%{usec}t|%T|%{us}T|%U|%u|%{Varnish:time_firstbyte}x|%{Varnish:hitmiss}x|%{Varnish:handling}x|%{Varnish:side}x|%{Varnish:vxid}x|%{VCL_Log:k}x|%{VSL:Begin[2]}x'
	start_server cache_origin.py
	at=$(free_port)
	varnish_vcl >vcl
	varnishd -n "$PWD/n" -a "127.0.0.1:$at" -f "$PWD/vcl" -P "$PWD/pid" >varnishd.out 2>&1 3>&- ||
		{ cat varnishd.out; skip "varnishd does not start here"; }
	until_true answers
	varnishncsa -n "$PWD/n" -F "$cache" -w cache.log 3>&- & SERVERS+=($!)
	varnishncsa -n "$PWD/n" -F "$every" -w every.log 3>&- & SERVERS+=($!)
	varnishncsa -n "$PWD/n" -w default.log 3>&- & SERVERS+=($!)
	until_true eval 'ask /warm >/dev/null; [ -s cache.log ] && [ -s every.log ] && [ -s default.log ]'
	for path in /a /a /synth /pass /pipe '/b?x=1'; do ask "$path" -A 'q "x"' >/dev/null; done
	until_true eval 'grep -q /b cache.log && grep -q /b every.log && grep -q /b default.log'
	kill "${SERVERS[@]:1}"

	sed '/warm/d' cache.log | cmon-parse >got 2>err
	grep -q 'reading as varnish-cache (6 of 6 lines)' err
	[ "$(column cache got)" = miss,hit,synth,pass,pass,miss ]
	[ "$(column cache_raw got)" = miss,hit,synth,pass,pipe,miss ]
	[ "$(column vhost got)" = 127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 ]
	[ "$(column agent got | cut -d, -f1)" = 'q "x"' ]
	sed '/warm/d' default.log | cmon-parse -f varnish >default 2>err
	[ ! -s err ] || { cat err; false; }
	[ "$(column url default)" = "$(column url got)" ]
	sed '/warm/d' every.log | cmon-parse -f "$every" >all 2>err
	[ ! -s err ] || { cat err; false; }
	[ "$(column cache all)" = "$(column cache got)" ]
	[ "$(column latency_ms all)" = "$(column latency_ms got)" ]
	[ "$(column vcl_log_k all | cut -d, -f1)" = 'a value' ]
	[[ "$(column time all | cut -d, -f1)" =~ ^[0-9]{10}\.[0-9]{1,6}$ ]]
}

# --- the TTLs of cmon-promote ---

# verdict_for TTL SECONDS - a verdict for title in the experiment x, from 1s to that TTL.
verdict_for() {
	tsv name endpoint cohorts start duration status >x.tsv
	tsv x title "control:50:1s,treatment:50:$1" 2026-11-20 14d running >>x.tsv
	tsv time experiment cohort endpoint key status cache |
	    cmon-abtest -x x.tsv --decide --now 2026-12-04 |
	    awk -F'\t' -v OFS='\t' -v t="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; print; next }
		{ $c["treatment"] = "treatment"; $c["status"] = "treatment"; $c["decision"] = "promote"; $c["ttl_s"] = t; print }'
}
ttls() { printf 'endpoint\tttl\n\t7s\ntitle\t%s\nsearch\t9s\n' "$1" >ttl.tsv; }
header() { curl -s -D - -o /dev/null "http://127.0.0.1:$at$1" "${@:3}" | tr -d '\r' | awk -F': ' -v h="$2" 'tolower($1) == tolower(h) { print $2 }'; }
x_cache() { [ "$(header "$1" X-Cache)" = "$2" ]; }

# life KEY - for how long nginx keeps what has this key: of its file, valid_sec
# less date (ngx_http_cache.h, version 5).
life() {
	local f
	f=$(grep -la "^KEY: $1\$" cache/*)
	[ "$(od -An -t d8 -N 8 "$f" | tr -d ' ')" = 5 ] || { echo unknown; return; }
	echo $(($(od -An -t d8 -j 8 -N 8 "$f") - $(od -An -t d8 -j 40 -N 8 "$f")))
}
is_life() { case $(life "$1") in "$2" | unknown) ;; *) life "$1"; return 1 ;; esac; }

# nginx_conf LINE... - nginx.conf with these in its http block.
nginx_conf() {
	local p=$PWD/logs
	printf '%s\n' "pid $PWD/pid;" "error_log $p/error;" 'events { worker_connections 64; }' 'http {' 'access_log off;' \
	    "client_body_temp_path $p/b; proxy_temp_path $p/p; fastcgi_temp_path $p/f;" \
	    "uwsgi_temp_path $p/u; scgi_temp_path $p/s;" "$@" '}' >nginx.conf
}

# reload_nginx - when it returns, no worker of the old configuration is left: the
# master lets both serve side by side for a while, on one cache.
reload_nginx() {
	local old
	nginx -p "$PWD" -c "$PWD/nginx.conf" -t 2>err || { cat err; return 1; }
	old=$(ps -o pid= --ppid "$(cat pid)" | tr -d " " | paste -sd,)
	[ -n "$old" ] || { echo "no worker"; return 1; }
	nginx -p "$PWD" -c "$PWD/nginx.conf" -s reload
	old_is_gone() { ! ps -o pid= -p "$old" >/dev/null; }
	until_true old_is_gone
}

@test "nginx: what cmon-promote writes is what a cache's life is, in both ways of the example" {
	PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip "no nginx"
	start_server cache_origin.py
	ttls 1s
	mkdir -m 777 cache logs
	a=$(free_port) b=$(free_port) c=$(free_port)
	forms=(--write nginx:title="$PWD/title.conf" --write nginx:="$PWD/others.conf" --write nginx-map="$PWD/map.conf")
	for f in nginx:title:title nginx::others nginx-map:-:map; do
		form=${f%:*}
		cmon-promote --config ttl.tsv --emit "${form%:-}" >"${f##*:}.conf"
	done
	sed "s|/var/cache/nginx/ttl|$PWD/cache|; s|/etc/nginx/cmon/|$PWD/|; s/:8080/:$port/; s/:8081/:$a/; s/:8082/:$b/; s/:8083/:$c/
	    s|^\tlisten .*$a;|&\n\tadd_header X-TTL \$cmon_ttl_s always;|" "$ROOT/examples/nginx-ttl.conf" >ttl.conf
	nginx_conf "include $PWD/ttl.conf;"
	nginx -p "$PWD" -c "$PWD/nginx.conf" -t 2>err || { cat err; false; }
	nginx -p "$PWD" -c "$PWD/nginx.conf" 3>&-
	at=$a
	until_true answers
	# A second is over soon, in both ways; seven are the life of all others.
	for way in "$a http://127.0.0.1:$port" "$b mapped"; do
		read -r at key <<<"$way"
		x_cache /title/1 MISS
		is_life "$key/title/1" 1
		until_true x_cache /title/1 EXPIRED
		x_cache /any MISS
		is_life "$key/any" 7
	done
	at=$b
	x_cache /search/1 MISS
	is_life mapped/search/1 9

	verdict_for 1h 3600 >v
	cmon-promote --config ttl.tsv -x x.tsv --now 2026-12-04 "${forms[@]}" v >rows
	reload_nginx
	at=$a
	[ "$(header /title/x X-TTL)" = 3600 ]
	for way in "$a http://127.0.0.1:$port" "$b mapped"; do
		read -r at key <<<"$way"
		x_cache /title/2 MISS
		x_cache /title/2 HIT
		is_life "$key/title/2" 3600
		x_cache /else MISS
		is_life "$key/else" 7
	done

	# And 0 is not cached at all.
	cmon-promote --config ttl.tsv --undo --now 2026-12-04 "${forms[@]}" >rows
	verdict_for 0 0 >v
	sed -i 's/^x\t/y\t/' x.tsv
	sed -i 's/\tx\t/\ty\t/; s/salt=x/salt=y/' v
	cmon-promote --config ttl.tsv -x x.tsv --now 2026-12-04 "${forms[@]}" v >rows
	reload_nginx
	at=$a
	[ "$(header /title/x X-TTL)" = 0 ]
	for at in $a $b; do
		x_cache /title/3 MISS
		x_cache /title/3 MISS
	done
}

# Endpoints that a configuration could choke on, as they are in a header.
hostile=('a"b' "a'b" 'a;b' 'a}b' 'a{b' '$uri' 'a#b' '*/' '/*' 'a\b' '~^x' default volatile 'x y' '\x41' $'\xc3\xa9' TITLE '.*' '[a' '(?i)x' '@ttl_s@')

@test "nginx: each hostile endpoint reads back as itself, and none as another" {
	PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip "no nginx"
	mkdir logs
	{ tsv endpoint ttl; for i in "${!hostile[@]}"; do tsv "${hostile[i]//\\/\\\\}" "$((i + 100))s"; done; } >ttl.tsv
	cmon-promote --config ttl.tsv --emit nginx-map >map.conf
	at=$(free_port)
	# shellcheck disable=SC2016
	nginx_conf 'map $http_x_endpoint $cmon_endpoint { default $http_x_endpoint; }' "include $PWD/map.conf;" \
	    "server { listen 127.0.0.1:$at;" 'location / { add_header X-TTL "<$cmon_ttl_s>"; return 204; } }'
	nginx -p "$PWD" -c "$PWD/nginx.conf" 2>err 3>&- || { cat err; false; }
	until_true answers
	for i in "${!hostile[@]}"; do
		[ "$(header / X-TTL -H "X-Endpoint: ${hostile[i]}")" = "<$((i + 100))>" ] || { echo "${hostile[i]}"; false; }
	done
	for e in a aXb title Title X A '' 'DEFAULT' "${hostile[0]}x" "x${hostile[0]}"; do
		[ "$(header / X-TTL -H "X-Endpoint: $e")" = "<>" ] || { echo "$e"; false; }
	done
}

@test "Varnish: what cmon-promote writes is the life of an object, as the example includes it; hostile endpoints are themselves" {
	command -v varnishd >/dev/null && command -v varnishadm >/dev/null || skip "no varnish"
	start_server cache_origin.py
	at=$(free_port)
	ttls 1s
	# VCL has no way to say a quote; the table must not have it.
	for i in "${!hostile[@]}"; do
		[ "${hostile[i]}" = 'a"b' ] || tsv "${hostile[i]//\\/\\\\}" "$((i + 100))s" >>ttl.tsv
	done
	cmon-promote --config ttl.tsv --emit varnish >cmon-ttl.vcl
	{
		sed "s|/etc/varnish/|$PWD/|; s/8080/$port/" "$ROOT/examples/varnish-ttl.vcl"
		cat <<-'END'
		sub vcl_recv { if (req.http.x-endpoint) { set req.http.cmon-endpoint = req.http.x-endpoint; } }
		sub vcl_deliver { set resp.http.X-TTL = obj.ttl; set resp.http.X-Hits = obj.hits; }
		END
	} >vcl
	varnishd -C -f "$PWD/vcl" >compiled 2>&1 || { tail -n 20 compiled; false; }
	varnishd -n "$PWD/n" -a "127.0.0.1:$at" -f "$PWD/vcl" -P "$PWD/pid" >varnishd.out 2>&1 3>&- ||
		{ cat varnishd.out; skip "varnishd does not start here"; }
	until_true answers
	# Of what was fetched just now, all of its life is left, but for the time that we took.
	ttl_is() { awk -v t="$(header "$1" X-TTL "${@:3}")" -v want="$2" 'BEGIN { exit !(t <= want && t > want - 0.9) }'; }
	ttl_is /title/1 1
	ttl_is /search/1 9
	ttl_is /any 7
	for i in "${!hostile[@]}"; do
		[ "${hostile[i]}" = 'a"b' ] || ttl_is "/h/$i" "$((i + 100))" -H "X-Endpoint: ${hostile[i]}" || { echo "${hostile[i]}"; false; }
	done
	ttl_is /h/title 7 -H 'X-Endpoint: Title'

	verdict_for 1h 3600 >v
	cmon-promote --config ttl.tsv -x x.tsv --now 2026-12-04 --write varnish=cmon-ttl.vcl v >rows
	reload() { varnishadm -n "$PWD/n" vcl.load "$1" "$PWD/vcl" >said 2>&1 && varnishadm -n "$PWD/n" vcl.use "$1" >>said 2>&1 || { cat said; false; }; }
	reload promoted
	ttl_is /title/2 3600
	[ "$(header /title/2 X-Hits)" = 1 ]
	ttl_is /search/2 9

	sed -i 's/^title\t1h/title\t0/' ttl.tsv
	cmon-promote --config ttl.tsv --emit varnish >cmon-ttl.vcl
	reload zero
	for _ in 1 2 3; do [ "$(header /title/3 X-Hits)" = 0 ]; done
}
