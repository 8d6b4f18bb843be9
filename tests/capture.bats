load helper

# status, bytes and cache word of every line, sorted: from a log in our format
# and from what the clients noted.
outcomes() { sed -E 's/.*" ([0-9]{3}) ([0-9]+) ".* cs=([^ ]+)$/\1 \2 \3/' "$1" | sort; }
seen() { awk -F'\t' 'NR > 1 { print $3, $4, $5 == "" ? "-" : $5 }' "$1" | sort; }

@test "capture: nginx logs what its clients saw" {
	PATH=$PATH:/usr/sbin
	for need in nginx python3 jq; do
		command -v $need || skip "no $need"
	done
	"$ROOT/scripts/capture" --requests 300 "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	[ "$(wc -l <edge.log)" -eq 300 ]
	[ "$(jq -r .status edge.json | wc -l)" -eq 300 ]
	diff <(outcomes edge.log) <(seen client.tsv)
}
