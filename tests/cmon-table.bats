load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

metrics() {
	tsv tier time window requests hit_pct
	tsv '' 1795176000 300 125000 94.7
	tsv edge 1795176000 300 97750 ''
}

@test "cmon-table: columns are aligned, numbers to the right, gaps and totals said" {
	metrics | cmon-table >got
	diff - got <<-'EOF'
	tier   time                  window  requests  hit_pct
	(all)  2026-11-20T12:00:00Z     300    125000     94.7
	edge   2026-11-20T12:00:00Z     300     97750        -
	EOF
}

@test "cmon-table: -c chooses, --epoch leaves times" {
	metrics | cmon-table --epoch -c requests,time >got
	diff - got <<-'EOF'
	requests        time
	  125000  1795176000
	   97750  1795176000
	EOF
}

@test "cmon-table: --tz shows the clock of a place, summer and winter, and UTC without" {
	{ tsv time window n; tsv 1792792800 86400 1; tsv 1792965600 86400 2; tsv 1792879200.5 1 3; } >in
	cmon-table --tz Europe/Berlin in | awk 'NR > 1 { print $1 }' >got
	diff - got <<-'EOF'
	2026-10-24T00:00:00+02:00
	2026-10-25T23:00:00+01:00
	2026-10-25T00:00:00.5+02:00
	EOF
	cmon-table --tz America/St_Johns in | awk 'NR == 2 { print $1 }' >got
	[ "$(cat got)" = 2026-10-23T19:30:00-02:30 ]
	[ "$(cmon-table --tz UTC in)" = "$(cmon-table in)" ]
	{ tsv time; tsv 9223372036854; tsv -9223372036854; } | cmon-table --tz Asia/Tokyo
	run -2 cmon-table --tz Mars/Base in
	[[ $output == *'--tz: no such zone: "Mars/Base"'* ]]
}

@test "cmon-table: events have no totals: an empty field is a dash" {
	{ tsv time cache client; tsv 1 '' 192.0.2.1; tsv 2 hit ''; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  cache  client
	   1  -      192.0.2.1
	   2  hit    -
	EOF
}

@test "cmon-table: each header starts a table of its own" {
	{ tsv time a; tsv 1 x; tsv b time; tsv y 2; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  a
	   1  x

	b  time
	y     2
	EOF
}

@test "cmon-table: -n shows the first rows and says how many there were" {
	{ tsv time; seq 1 100; } | cmon-table --epoch -n 2 >got
	diff - got <<-'EOF'
	time
	   1
	   2
	... of 100 rows
	EOF
}

@test "cmon-table: UTF-8 takes a column a character" {
	{ tsv time a b; tsv 1 'grün' x; tsv 2 abcd y; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  a     b
	   1  grün  x
	   2  abcd  y
	EOF
}

@test "cmon-table: an unknown column is trouble and says where" {
	run -2 --separate-stderr cmon-table -c nope <<<"$(tsv time status)"
	[ "$output" = "" ]
	[ "$stderr" = 'cmon-table: -:1: no column "nope"' ]
}

@test "cmon-table: a header alone is a table of no rows" {
	run -0 cmon-table <<<"$(tsv time a)"
	[ "$output" = "time  a" ]
}

@test "cmon-table: the widest row there may be is shown" {
	{ tsv time a; printf '1\t%s\n' "$(head -c 1048000 /dev/zero | tr '\0' x)"; } | cmon-table >got
	[ "$(wc -c <got)" -gt 1048000 ]
}
