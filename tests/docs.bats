# What the README and the examples say is what happens.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	ln -s "$ROOT/examples" examples
}

# The README's indented blocks that start with a cmon program.
readme_blocks() {
	awk '
		/^    / { block = block substr($0, 5) "\n"; next }
		block { if (block ~ /^(\{ )?cmon-/) printf "%s%c", block, 0; block = "" }
	' "$ROOT/README.md"
}

@test "README: its five pipelines work when pasted" {
	local n=0 block
	while IFS= read -r -d '' block; do
		n=$((n + 1))
		run -0 --separate-stderr bash -o pipefail -c "$block"
		[ -n "$output" ] || [ -s cmon.prom ]
	done < <(readme_blocks)
	[ "$n" -eq 5 ]
}

@test "examples: each script answers its question on the real log" {
	for e in hit-ratio-by-hour slowest-misses errors-by-column-name percentiles-by-outcome two-machines what-splits-the-cache; do
		run -0 --separate-stderr "examples/$e.sh" examples/edge.log
		[ "${#lines[@]}" -ge 2 ]
	done
}

@test "examples: two machines' partials add up to the figures of one place" {
	examples/two-machines.sh examples/edge.log examples/shield.log >two 2>/dev/null
	for f in edge shield; do cmon-parse -q -c time,status,bytes,latency_ms,cache examples/$f.log; done 2>/dev/null |
		cmon-agg -w 5m | cmon-table >one
	diff one two
}

# Every manual's "Dl $ ..." line, and every command behind a "$ " in its
# displays, which ends where its last line ends in no "|" or backslash.
manual_examples() {
	awk '
		sub(/^\.Dl \$ /, "") { print; next }
		sub(/^\$ /, "") || more { more = /(\||\\e)$/; sub(/\\e$/, ""); printf "%s%s", $0, more ? " " : "\n" }
	' "$ROOT"/man/*.[157]
}

@test "manuals: each example behind a \$ is a command of ours, and runs" {
	local n=0 line
	cp examples/edge.log access.log
	echo '127.0.0.1 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8" 1000' >access_log
	echo '127.0.0.1 [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 0.001 HIT' >my.log
	printf '%s\n' '{"at":"2026-11-20T12:00:00Z","obj":{"id":"k"},"result":"kv_hit","took":0.01}' >app.log
	awk '/^log_format mine/ { on = 1 } on { print } /;$/ { on = 0 }' "$ROOT/man/cmon-parse.1" >my.format
	printf '#!/bin/sh\necho '\''1.1.1.1 - - [20/Nov/2026:12:00:00 +0000] "GET http://h/ HTTP/1.1" 200 5 1000 hit'\''\n' >varnishncsa
	chmod +x varnishncsa
	PATH=$PWD:$PATH
	while IFS= read -r line; do
		n=$((n + 1))
		# shellcheck disable=SC2001
		line=$(sed 's/\\e/\\/g' <<<"$line")
		bash -o pipefail -c "$line" >out 2>err || { echo "$line"; cat err; return 1; }
	done < <(manual_examples)
	[ "$n" -ge 14 ]
}

@test "make install puts programs, manuals and examples below DESTDIR and PREFIX, and nothing elsewhere" {
	make -s -C "$ROOT" install DESTDIR="$PWD/d" PREFIX=/opt/cmon BIN="$CMON_BIN" >/dev/null
	[ "$(ls d)" = opt ]
	for p in "$ROOT"/bin/cmon-*.c; do
		p=$(basename "$p" .c)
		d/opt/cmon/bin/"$p" -V | grep -q "^$p "
		[ -f d/opt/cmon/share/man/man1/"$p".1 ]
	done
	[ -f d/opt/cmon/share/man/man7/cmon.7 ]
	# What README.md and the crontab point at.
	[ -f d/opt/cmon/share/doc/cmon/docs/alerts.md ]
	[ -x d/opt/cmon/share/doc/cmon/examples/slowest-misses.sh ]
	# shellcheck source=/dev/null
	. d/opt/cmon/share/bash-completion/completions/cmon-table
	COMP_WORDS=(cmon-table --co) COMP_CWORD=1
	_cmon cmon-table
	[ "${COMPREPLY[*]}" = "--columns --count" ]
}
