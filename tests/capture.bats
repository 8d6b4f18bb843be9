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

@test "capture: the example logs hold what a cache can do" {
	cd "$ROOT/examples"
	[ "$(wc -l <edge.log)" -ge 20000 ]
	for word in HIT MISS EXPIRED STALE UPDATING REVALIDATED BYPASS -; do
		[ "$(grep -c " cs=$word\$" edge.log)" -ge 5 ]
	done
	for status in 200 206 301 400 403 404 414 499 500 502 503 504; do
		grep -q "\" $status [0-9]* \"" edge.log
	done
	grep -q ' ut="[0-9.]*, [0-9.]*" ' edge.log
	[ "$(grep -c ' cs=HIT$' shield.log)" -ge 100 ]
	[ "$(jq -r .status nginx-json.log | wc -l)" -eq 200 ]
}
