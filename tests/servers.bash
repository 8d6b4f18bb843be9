# servers.bash - start and stop servers for the tests of what talks to some.
#
#	load servers			(after helper)
#	teardown() { stop_servers; }
#	start_server smtp_sink.py "$PWD/box" ok		sets $port
SERVERS=()

# The system's Python, which has the packages that Debian installs.
PYTHON=/usr/bin/python3
[ -x $PYTHON ] || PYTHON=python3

# start_server SCRIPT ARGS... - a script of tests/ that says "ready PORT".
start_server() {
	local ready
	ready=$(mktemp -u "$BATS_TEST_TMPDIR/ready.XXXXXX")
	mkfifo "$ready"
	"$PYTHON" "$ROOT/tests/$1" "${@:2}" >"$ready" 2>"$BATS_TEST_TMPDIR/server.err" 3>&- &
	SERVERS+=($!)
	read -r _ port <"$ready" || { cat "$BATS_TEST_TMPDIR/server.err"; return 1; }
	rm "$ready"
}

stop_servers() {
	local pid
	for pid in "${SERVERS[@]}"; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	SERVERS=()
	return 0
}

# A port that nobody had a moment ago.
free_port() {
	"$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_true COMMAND... - is true, but not for ever.
until_true() {
	for _ in $(seq 1200); do "$@" && return; sleep 0.05; done
	return 1
}

# certificate DIR [DAYS...] - DIR/cert.pem and key.pem for localhost, trusted by nobody else.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	    -keyout "$1/key.pem" -out "$1/cert.pem" -days 30 -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
}

need_aiosmtpd() { "$PYTHON" -c 'import aiosmtpd' 2>/dev/null || skip "no aiosmtpd"; }
