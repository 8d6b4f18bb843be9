#!/usr/bin/env python3
"""The worked example judged anew, from the log's lines and the papers' formulas alone.

usage: experiment-truth.py examples/experiment verdicts.tsv

Reads the logs of nginx, assigns their keys by MurmurHash2, adds them up, and compares
by delta method with CUPED; p by dealing the labels to the keys anew.  The verdicts, written
with --exact, must be the same.  What twice the TTL truly does to titles comes from the
arrivals: a cache without limit, replayed under both TTLs for all keys.

Prints what it found; exits 1 after saying what differs.
"""
import collections
import csv
import datetime
import gzip
import math
import pathlib
import random
import re
import sys

START = datetime.datetime(2026, 11, 9, tzinfo=datetime.timezone.utc).timestamp()
STRETCH = 7200
ROUNDS = 999
LINE = re.compile(r'(\d+) "GET (/(\w+)/\d+)(?:\?\S*)? HTTP/1.1" (\d{3}) (\d+) rt=([\d.]+) cs=(\w+) cohort=(\S+)$')
Row = collections.namedtuple("Row", "time key status ms hit")
wrong = []


def check(ok, what):
    if not ok:
        wrong.append(what)


def murmur2(data):
    """32 bits, seed 0: Austin Appleby's, as nginx' split_clients has it."""
    m, mask = 0x5bd1e995, 0xffffffff
    h, whole = len(data), len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def assign(key, name, pins):
    if key in pins:
        return "(pinned)"
    return "control" if murmur2((key + name).encode()) < 5000 * 0xffffffff // 10000 else "treatment"


def read(folder):
    """Rows by endpoint; the cohort that nginx logged is the one computed here."""
    rows, differ = collections.defaultdict(list), 0
    pins = {e: {r["key"] for r in csv.DictReader(open(folder / f"pins-{e}.tsv"), delimiter="\t")}
            for e in ("title", "list")}
    arms = {}
    for path in sorted(folder.glob("access.log-*.gz")):
        for line in gzip.open(path, "rt"):
            time, key, endpoint, status, _, seconds, word, cohort = LINE.match(line).groups()
            if key not in arms:
                arms[key] = assign(key, "ttl-" + endpoint, pins[endpoint])
            differ += cohort != arms[key]
            rows[endpoint].append(Row(int(time), key, int(status), 1000 * float(seconds), word == "HIT"))
    print(f"{sum(map(len, rows.values()))} lines, {differ} differ")
    check(differ == 0, "cohorts differ")
    return rows, arms


METRICS = {     # what a row adds to the numerator
    "hit_pct": (100, lambda r: r.hit),
    "error_pct": (100, lambda r: r.status >= 500),
    "latency_ms_avg": (1, lambda r: r.ms),
}


def totals(rows, arms, of):
    """By arm: (y, n, y before, n before) of each key that was asked for since the start."""
    keys = collections.defaultdict(lambda: [0, 0, 0, 0])
    for r in rows:
        at = 2 if r.time < START else 0
        keys[r.key][at] += of(r)
        keys[r.key][at + 1] += 1
    return [[v for k, v in keys.items() if arms[k] == arm and v[1]] for arm in ("control", "treatment")]


def cuped(c, t):
    """Difference, its standard error; formula F4 of Deng, Xu, Kohavi, Walker 2013 for ratios."""
    arms, diff, before = [], [], []
    for keys in (c, t):
        k = len(keys)
        y, n, y0, n0 = (sum(v[i] for v in keys) for i in range(4))
        diff.append(y / n)
        before.append(y0 / n0)
        arms.append(([(v[0] - y / n * v[1]) / (n / k) for v in keys],
                     [(v[2] - y0 / n0 * v[3]) / (n0 / k) for v in keys]))
    def cov(a, b):
        return sum(p * q for p, q in zip(a, b)) / (len(a) - 1) / len(a)
    theta = sum(cov(u, w) for u, w in arms) / sum(cov(w, w) for u, w in arms)
    var = 0
    for u, w in arms:
        e = [p - theta * q for p, q in zip(u, w)]
        var += cov(e, e)
    return diff[1] - diff[0] - theta * (before[1] - before[0]), math.sqrt(var)


def permute(c, t):
    """Share of labellings whose |t| is as large; and the |t| that a twentieth exceeds."""
    d, se = cuped(c, t)
    keys, dice, stats = c + t, random.Random(7), []
    for _ in range(ROUNDS):
        dice.shuffle(keys)
        e, s = cuped(keys[:len(c)], keys[len(c):])
        stats.append(abs(e) / s)
    stats.sort()
    return (1 + sum(x >= abs(d) / se for x in stats)) / (ROUNDS + 1), stats[int(0.95 * ROUNDS)]


def near(got, want, rtol):
    return abs(float(got) - want) <= rtol * abs(want) + 1e-12


def compare(verdict, c, t, scale, deal):
    name = f"{verdict['experiment']} {verdict['metric']}"
    d, se = cuped(c, t)
    d, se = scale * d, scale * se
    check(verdict["method"] == "cuped+perm", f"{name}: method {verdict['method']}")
    check(near(verdict["diff"], d, 1e-9), f"{name}: diff {verdict['diff']}, not {d}")
    check(near(verdict["se"], se, 1e-9), f"{name}: se {verdict['se']}, not {se}")
    check([int(verdict["keys_c"]), int(verdict["keys_t"])] == [len(c), len(t)], f"{name}: keys")
    check([int(verdict["n_c"]), int(verdict["n_t"])] == [sum(v[1] for v in a) for a in (c, t)], f"{name}: n")
    if not deal:
        return d
    p, critical = permute(c, t)
    off = 4 * math.sqrt(p * (1 - p) / ROUNDS) + 1 / ROUNDS
    check(abs(float(verdict["p"]) - p) <= off, f"{name}: p {verdict['p']}, not {p}")
    for end, sign in (("lo", -1), ("hi", 1)):
        check(abs(float(verdict[end]) - (d + sign * critical * se)) <= 0.25 * se,
              f"{name}: {end} {verdict[end]}, not {d + sign * critical * se}")
    print(f"{name}: {d:+.4f} se {se:.4f} p {p:.3f}")
    return d


def replay(rows, arms, ttl_s):
    """Hit ratio since the start of keys that are not pinned, had all had this TTL then."""
    fresh, hits, n = {}, 0, 0
    for r in rows:
        if arms[r.key] == "(pinned)":
            continue
        now = r.time / STRETCH
        hit = now < fresh.get(r.key, 0)
        if r.time >= START:
            hits += hit
            n += 1
        if not hit and r.status == 200:
            # nginx counts whole seconds, so a TTL of 5 is 5 to 6.
            fresh[r.key] = now + (ttl_s if r.time >= START else 5) + 0.5
    return 100 * hits / n


def main():
    folder = pathlib.Path(sys.argv[1])
    verdicts = list(csv.DictReader(open(sys.argv[2]), delimiter="\t"))
    rows, arms = read(folder)
    for v in verdicts:
        endpoint = v["experiment"].removeprefix("ttl-")
        scale, of = METRICS[v["metric"]]
        compare(v, *totals(rows[endpoint], arms, of), scale, v["metric"] == "hit_pct")
    truth = replay(rows["title"], arms, 10) - replay(rows["title"], arms, 5)
    print(f"titles truly gain {truth:.2f}")
    check(float(verdicts[0]["lo"]) < truth < float(verdicts[0]["hi"]), "the true gain is outside the interval")
    check(truth > 2, "titles do not gain")
    check(len(verdicts) == 6, "not six verdicts")
    for what in wrong:
        print("WRONG", what)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
