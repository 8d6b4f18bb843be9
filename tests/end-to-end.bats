# The real nginx before an origin that is stopped for a while: its log goes through
# examples/crontab, tick by tick, to a real mail server.
load helper
load servers
load cron

T=1795176000	# 2026-11-20 12:00:00

setup() {
	command -v nginx >/dev/null || skip "no nginx"
	command -v curl >/dev/null || skip "no curl"
	need_aiosmtpd
	cd "$BATS_TEST_TMPDIR" || exit 1
}
teardown() { stop_servers; }

# The log_format is what the README tells people to paste.
conf() {
	cat <<-END
	daemon off;
	master_process off;
	pid $PWD/nginx.pid;
	error_log $PWD/error.log;
	events { }
	http {
		client_body_temp_path $PWD/t; proxy_temp_path $PWD/t; fastcgi_temp_path $PWD/t;
		uwsgi_temp_path $PWD/t; scgi_temp_path $PWD/t;
		proxy_cache_path $PWD/cache keys_zone=c:1m;
		$(sed -n '/^    log_format cmon/,/;$/p' "$ROOT/README.md")
		access_log $PWD/real.log cmon;
		server {
			listen 127.0.0.1:$at;
			location / { proxy_cache c; proxy_pass http://127.0.0.1:$origin; }
		}
	}
	END
}

# start_origin [PORT] - its pid in $origin_pid.
start_origin() {
	start_server cache_origin.py "$@"
	origin=$port
	origin_pid=${SERVERS[-1]}
}
stop_origin() { kill "$origin_pid"; wait "$origin_pid" || :; }

start_nginx() {
	at=$(free_port)
	conf >nginx.conf
	nginx -p "$PWD" -c "$PWD/nginx.conf" >nginx.out 2>&1 3>&- &
	SERVERS+=($!)
	until_true curl -s -o /dev/null "http://127.0.0.1:$at/hot1" || { cat nginx.out error.log; return 1; }
}

lines() { wc -l <real.log; }
all_logged() { [ "$(lines)" -ge "$1" ]; }

# minutes N - five minutes of traffic, as their N-th: 60 requests for what the cache has, 40 for what
# it cannot have.  The lines are nginx's own but for the time, which is that of the test.
minutes() {
	local before stamp
	before=$(lines)
	curl -s "http://127.0.0.1:$at/hot[1-20]?[1-3]" "http://127.0.0.1:$at/new$1-[1-40]" >/dev/null
	until_true all_logged $((before + 100))
	stamp=$(LC_ALL=C date -u -d "@$((T + 300 * $1 + 150))" '+%d/%b/%Y:%H:%M:%S +0000')
	tail -n +$((before + 1)) real.log | sed "s#\[[^]]*\]#[$stamp]#" >window$1
	cat window$1 >>var/log/nginx/access.log
}

# header NAME FILE - of a mail.
header() { tr -d '\r' <"$2" | sed -n "s/^$1: //p" | head -n 1; }

@test "an origin that is down for 20 minutes: one mail that it fires, one that it is over, no more" {
	mkdir box
	start_server smtp_sink.py "$PWD/box" notls
	cron_install tab "$port" clock
	grep -E '^(id|error_critical)	' "$ROOT/examples/rules.tsv" >etc/cmon/rules.tsv
	[ "$(wc -l <etc/cmon/rules.tsv)" -eq 2 ]
	start_origin
	start_nginx
	for n in 0 1 2 3 4 5 6 7 8 9 10 11; do
		[ $n -ne 3 ] || stop_origin
		[ $n -ne 7 ] || start_origin "$origin"
		minutes $n
		run -0 --separate-stderr cron_at $((T + 300 * (n + 1)))
		[ "$output$stderr" = "" ]
		echo "$n: $(awk '{ print $9 }' window$n | sort | uniq -c | paste -sd ' ') $(to ops | wc -l) mails"
		# It went wrong in 3; 5 minutes more, and it is told; mended in 7, and told after 8.
		case $n in
		0 | 1 | 2 | 3) [ "$(to ops | wc -l)" -eq 0 ] ;;
		4 | 5 | 6 | 7) [ "$(to ops | wc -l)" -eq 1 ] ;;
		*) [ "$(to ops | wc -l)" -eq 2 ] ;;
		esac
	done
	# Who is paged hears the same.
	[ "$(to pager | wc -l)" -eq 2 ]
	fires=$(to ops | sed -n 1p) over=$(to ops | sed -n 2p)
	[ "$(header Subject "$fires")" = "[FIRING] error_critical critical: error_pct 40 % > 5 %" ]
	[ "$(header Subject "$over")" = "[RESOLVED] error_critical critical" ]
	[ "$(header References "$fires")" = "$(header References "$over")" ]
	# What the mail says is what nginx answered: 40 of 100 with 502; what was cached it still served.
	[ "$(awk '$9 == 502' window4 | wc -l)" -eq 40 ]
	[ "$(awk '$9 == 200 && /cs=HIT$/' window4 | wc -l)" -eq 60 ]
	tr -d '\r' <"$fires" | grep -q '^  Value now  *40 %$'
	# And Prometheus, a minute later.
	NOW=$((T + 3602)) run -0 --separate-stderr cron_run textfile
	cmon-prom --check var/lib/prometheus/node-exporter/*.prom
	grep -q '^cmon_error_ratio{window="5m"} 0$' var/lib/prometheus/node-exporter/cmon.prom
}
