# cron.bash - run the lines of a crontab as cron would, at a time of the test's own.
#
#	load cron			(after helper)
#	cron_read FILE			false, and why: cron would refuse it, or take it for something else
#	cron_at TIME			run what is due at this minute, Unix seconds, as if late by 2 s
#	cron_run 'figures'		run the command that has this word, now
#
# Each command gets the file's settings and cron's own HOME, LOGNAME, SHELL and PATH, and no
# other variable but NOW.  With programs of cron_clock in front of the PATH, NOW is their clock.
CRON_LINE_MAX=998	# bytes of a command or a setting that cron of Debian keeps
CRON_LATE=2

cron_read() {
	local line five
	CRON_ENV=() CRON_WHEN=() CRON_COMMAND=()
	while IFS= read -r line; do
		[[ $line =~ ^[[:space:]]*(#|$) ]] && continue
		[ "${#line}" -le $CRON_LINE_MAX ] || { echo "too long: $line"; return 1; }
		if [[ $line =~ ^[[:space:]]*([A-Za-z_]+)[[:space:]]*=[[:space:]]*(.*)$ ]]; then
			CRON_ENV+=("${BASH_REMATCH[1]}=${BASH_REMATCH[2]}")
			continue
		fi
		five='^(([-0-9*/,]+[[:space:]]+){5})([^[:space:]].*)$'
		[[ $line =~ $five ]] || { echo "not five times and a command: $line"; return 1; }
		CRON_WHEN+=("${BASH_REMATCH[1]}")
		CRON_COMMAND+=("${BASH_REMATCH[3]}")
	done <"$1"
}

# cron_start COMMAND - a % is a newline, and what follows the first is the standard input; \% is %.
cron_start() {
	local rest=$1 text='' input='' part=text c
	while [ -n "$rest" ]; do
		c=${rest:0:1}
		if [ "${rest:0:2}" = '\%' ]; then c=% rest=${rest:1}; elif [ "$c" = % ]; then
			rest=${rest:1}
			if [ $part = text ]; then part=input; else input+=$'\n'; fi
			continue
		fi
		if [ $part = text ]; then text+=$c; else input+=$c; fi
		rest=${rest:1}
	done
	(cd "$BATS_TEST_TMPDIR" && printf %s "$input" |
		env -i HOME="$PWD" LOGNAME=ops PATH=/usr/bin:/bin SHELL=/bin/sh "${CRON_ENV[@]}" \
		    ${NOW:+NOW="$NOW"} bash -c 'exec "$SHELL" -c "$1"' - "$text")
}

# cron_is_due WHEN TIME
cron_is_due() {
	awk -v when="$1" -v t="$2" '
		function due(field, n,	k, list, span, step, i) {
			for (k = split(field, list, ","); k; k--) {
				step = split(list[k], span, "/") > 1 ? span[2] : 1
				if (span[1] == "*") { if (n % step == 0) return 1; continue }
				if (split(span[1], i, "-") == 1) i[2] = i[1]
				if (n >= i[1] && n <= i[2] && (n - i[1]) % step == 0) return 1
			}
			return 0
		}
		BEGIN {
			split(when, f, " ")
			if (f[3] f[4] f[5] != "***") exit 2
			exit !(due(f[1], int(t / 60) % 60) && due(f[2], int(t / 3600) % 24))
		}'
}

cron_at() {
	local i
	for i in "${!CRON_COMMAND[@]}"; do
		! cron_is_due "${CRON_WHEN[i]}" "$1" || NOW=$(($1 + CRON_LATE)) cron_start "${CRON_COMMAND[i]}"
	done
}

cron_run() {
	local i
	for i in "${!CRON_COMMAND[@]}"; do
		[[ ${CRON_COMMAND[i]} != *"$1"* ]] || { cron_start "${CRON_COMMAND[i]}"; return; }
	done
	echo "no command has \"$1\""; return 1
}

# cron_clock DIR - programs of ours in DIR that take NOW for the time.
cron_clock() {
	local p
	mkdir -p "$1"
	for p in job parse agg alert mail prom; do
		printf '#!/bin/sh\nexec %s/cmon-%s --now "$NOW" "$@"\n' "$CMON_BIN" $p >"$1/cmon-$p"
	done
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nexec /bin/date -d "@$NOW" "$@"\n' >"$1/date"
	chmod +x "$1"/*
}

# cron_install FILE PORT [CLOCK] - the crontab of examples as FILE, its folders below here, its mail
# to a server on this port; with CLOCK, time is NOW.
cron_install() {
	local path=$CMON_BIN
	[ -z "${3-}" ] || { cron_clock "$PWD/clock"; path=$PWD/clock:$CMON_BIN; }
	mkdir -p var/log/nginx etc/cmon var/lib/cmon var/lib/prometheus/node-exporter
	cp "$ROOT"/examples/{rules,targets}.tsv etc/cmon
	sed -e "s#/usr/local/bin#$path#" -e "s#/usr/local/share/doc/cmon/examples#$ROOT/examples#" \
	    -e "s#/var/l#$PWD&#g; s#/var/cache#$PWD&#g; s#/etc/cmon#$PWD&#g" \
	    -e "s#smtp://localhost:25#smtp://127.0.0.1:$2#" "$ROOT/examples/crontab" >"$1"
	cron_read "$1"
}

# nginx_lines FROM TO [NAME=VALUE]... - requests of these seconds, evenly, in the format nginx-cache;
# cut -f 2- of it: in front stands the Unix time.
#   rate		requests a second, 1
#   miss err slow	the part of them that misses, fails with 503, takes slowms; 0
#   oms slowms		milliseconds of the origin, 90; of what is slow, 1000
nginx_lines() {
	awk -v a="$1" -v b="$2" -v args="${*:3}" '
		# Days to dates: Hinnant, "chrono-compatible low-level date algorithms".
		function day(z,	era, doe, yoe, doy, mp, m) {
			z += 719468; era = int(z / 146097); doe = z - era * 146097
			yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
			doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
			m = mp < 10 ? mp + 3 : mp - 9
			return sprintf("%02d/%s/%d", doy - int((153 * mp + 2) / 5) + 1,
			    substr("JanFebMarAprMayJunJulAugSepOctNovDec", 3 * m - 2, 3), yoe + era * 400 + (m <= 2))
		}
		# True for the part p of all i, evenly.
		function part(p) { return int((i + 1) * p + 1e-9) > int(i * p + 1e-9) }
		BEGIN {
			p["rate"] = 1; p["miss"] = p["err"] = p["slow"] = 0; p["oms"] = 90; p["slowms"] = 1000
			n = split(args, w, " ")
			for (k = 1; k <= n; k++) { split(w[k], x, "="); p[x[1]] = x[2] }
			for (t = a; t < b; t++) {
				stamp = day(int(t / 86400)) sprintf(":%02d:%02d:%02d +0000",
				    t % 86400 / 3600, t % 3600 / 60, t % 60)
				for (k = 0; k < p["rate"]; k++) {
					i = (t - a) * p["rate"] + k
					miss = part(p["miss"])
					ms = part(p["slow"]) ? p["slowms"] : miss ? p["oms"] : 5
					printf("%d\t192.0.2.1 - - [%s] \"GET /%d HTTP/1.1\" %d 100 \"-\" \"curl/8\" rt=%.3f ut=\"-\" cs=%s\n",
					    t, stamp, i % 50, part(p["err"]) ? 503 : 200, ms / 1000, miss ? "MISS" : "HIT")
				}
			}
		}'
}

# to NAME - the mails in box/ that came to NAME@example.org, in their order.
to() { find box -name '*.eml' -exec grep -l "^To: .*$1@example.org" {} + | sort -V; }
