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
	[ "$(column time seconds)" = "$(column time got | tr , '\n' | cut -d. -f1 | paste -sd,)" ]
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
