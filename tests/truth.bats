# The demo's numbers against an independent reading of the same log.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# A second truth in another language: python's re and exact arithmetic.
truth() {
	python3 - "$1" "$2" <<'EOF'
import collections, datetime, math, re, sys
from fractions import Fraction
line = re.compile(r'(\S+) - (.*?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\S+) (\S+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)" rt=(\S+) ut="([^"]*)" cs=(\S+)$')
kind = {'HIT': 'hit', 'STALE': 'stale', 'UPDATING': 'stale', 'REVALIDATED': 'reval', 'MISS': 'miss', 'EXPIRED': 'miss', 'BYPASS': 'pass'}
path, width = sys.argv[1], int(sys.argv[2])
cells = collections.defaultdict(list)
for raw in open(path, encoding='latin-1'):
    m = line.match(raw.rstrip('\n'))
    if not m: sys.exit('truth: cannot read: ' + raw)
    t = int(datetime.datetime.strptime(m[3], '%d/%b/%Y:%H:%M:%S %z').timestamp())
    cells[t - t % width].append((kind.get(m[11], ''), int(m[5]), int(m[6]), Fraction(m[9]) * 1000))
def pct(a, b):
    if not b: return ''
    x = Fraction(100 * a, b) * 10000
    return repr(float(math.floor(x + Fraction(1, 2)) / 10000)).removesuffix('.0')
print('time', 'requests', 'hit_pct', 'byte_hit_pct', 'error_pct', 'coverage_pct', 'p50', 'p95', 'p99', sep='\t')
for t in sorted(cells):
    rows = cells[t]
    n = collections.Counter(r[0] for r in rows)
    by = collections.Counter()
    for r in rows: by[r[0]] += r[2]
    hits = n['hit'] + n['stale'] + n['reval']; hb = by['hit'] + by['stale'] + by['reval']
    lat = sorted(r[3] for r in rows)
    q = [float(lat[max(1, math.ceil(Fraction(p, 100) * len(lat))) - 1]) for p in (50, 95, 99)]
    print(t, len(rows), pct(hits, hits + n['miss']), pct(hb, hb + by['miss']), pct(sum(r[1] >= 500 for r in rows), len(rows)),
          pct(sum(c for k, c in n.items() if k), len(rows)), *q, sep='\t')
EOF
}

# same TRUTH OURS - counts and ratios to the last digit, quantiles to 1.1 %.
same() {
	[ "$(wc -l <"$1")" -eq "$(wc -l <"$2")" ]
	paste "$1" "$2" | awk -F'\t' 'NR > 1 {
		for (i = 1; i <= 6; i++) if ($i "" != $(i + 9) "") { print "line " NR ": " $i " is not " $(i + 9); bad = 1 }
		for (i = 7; i <= 9; i++) { d = $(i + 9) - $i; if (d < 0) d = -d
			if (d > 0.011 * $i) { print "line " NR ": quantile " $i " is not " $(i + 9); bad = 1 } }
	} END { exit bad }'
}

ours() {
	cmon-parse -q "$ROOT/examples/$1" 2>/dev/null |
		cmon-agg -w "$2" -c requests,hit_pct,byte_hit_pct,error_pct,coverage_pct,latency_ms_p50,latency_ms_p95,latency_ms_p99 |
		cut -f1,3-
}

@test "the edge's figures per 5 minutes are those of an independent reading" {
	truth "$ROOT/examples/edge.log" 300 >want
	ours edge.log 5m >got
	same want got
}

@test "the shield's figures per minute are those of an independent reading" {
	truth "$ROOT/examples/shield.log" 60 >want
	ours shield.log 1m >got
	same want got
}

@test "the log is real: at least 20,000 lines, with hits, misses, stale, revalidation, bypass, errors, retries" {
	[ "$(wc -l <"$ROOT/examples/edge.log")" -ge 20000 ]
	for word in HIT MISS STALE UPDATING REVALIDATED EXPIRED BYPASS -; do
		grep -q " cs=$word\$" "$ROOT/examples/edge.log" "$ROOT/examples/shield.log"
	done
	grep -qE ' ut="[0-9.]+, [0-9.]+"' "$ROOT/examples/edge.log" "$ROOT/examples/shield.log"
	grep -qE '" 50[24] ' "$ROOT/examples/edge.log"
}
