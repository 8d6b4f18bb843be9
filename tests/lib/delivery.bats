load ../helper
load ../servers

teardown() { stop_servers; }

@test "delivery: an intent before each attempt, and after it what became of it, said and written down" {
	cd "$BATS_TEST_TMPDIR" && mkdir d
	start_server smtp_bad.py "$PWD/said" fine
	run -0 "$CMON_UNIT/delivery" d "smtp://localhost:$port"
	diff - <(echo "$output" | sed 's/: not now: Failed.*/: not now/; s/: cannot send: .*/: cannot send/') <<-'EOT'
	delivery: smtp://localhost:1: ops@example.test: not now
	delivery: ftp://localhost:1: ops@example.test: cannot send
	delivery: ops@example.test: a control character in a header
	delivery: foreign: not a ledger of this version: move it away to start a new one
	delivery: no/such/folder: No such file or directory
	EOT
	[ "$(grep -c '^Message-ID: <00000000000000000000000000000007@example.test>' said)" = 2 ]
	cut -f5 d/l.tsv >got
	printf '%s\n' status start intent retry intent retry intent sent intent | diff - got
}
