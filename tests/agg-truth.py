#!/usr/bin/env python3
"""Recompute what cmon-agg printed, by other means, and say what differs.

usage: agg-truth.py EVENTS METRICS [label ...]

Reads both whole; fractions instead of scaled integers, sorting instead of
histograms.  Quantiles may be off by 1.1 %, all else must be the same text.
"""
import math
import sys
from fractions import Fraction

HITS = ("hit", "stale", "reval")
SERVED = HITS + ("miss", "pass")
WORDS = SERVED + ("synth", "error")


def rows(path):
    """A stream of rows, by whichever header came last."""
    header = None
    for line in open(path, encoding="utf-8"):
        fields = line.rstrip("\n").split("\t")
        if "time" in fields:
            header = fields
            continue
        yield dict(zip(header, fields))


def text(x, places):
    """x rounded, halves away from zero, without trailing zeros."""
    if x is None:
        return ""
    n = math.floor(abs(x) * 10**places + Fraction(1, 2))
    s = "%d" % (n // 10**places)
    if n % 10**places:
        s += (".%0*d" % (places, n % 10**places)).rstrip("0")
    return ("-" if x < 0 and n else "") + s


def ratio(a, b):
    return None if b == 0 else Fraction(a) / Fraction(b)


def unit(column):
    """Decimals of the column's kept unit."""
    for tail, scale in (("_us", 0), ("_ms", 3), ("_s", 6)):
        if column.endswith(tail):
            return scale
    return 0 if column == "bytes" or column.endswith("_bytes") else 6


class Group:
    def __init__(self):
        self.events = []

    def count(self, want=lambda e: True, of=lambda e: 1):
        return sum(int(e.get("weight") or 1) * of(e) for e in self.events if want(e))

    def words(self, words, of=lambda e: 1):
        return self.count(lambda e: e.get("cache") in words, of)

    def values(self, column):
        """(value, weight) of the events that have one."""
        return [(Fraction(e[column]), int(e.get("weight") or 1))
                for e in self.events if e.get(column)]

    def origin(self):
        def served(e):
            if e.get("cache") not in SERVED:
                return False
            return e["tier"] == "origin" if e.get("tier") else e["cache"] in ("miss", "pass")
        return self.count(served)


def quantile(values, q):
    rank, seen = max(1, math.ceil(q * sum(w for _, w in values))), 0
    for v, w in sorted(values):
        seen += w
        if seen >= rank:
            return v


def stat(g, column, what):
    values, scale = g.values(column), unit(column)
    n = sum(w for _, w in values)
    if what == "n":
        return str(n)
    if what == "sum":
        return text(sum(v * w for v, w in values), scale)
    if what == "sumsq":
        return text(sum(v * v * w for v, w in values), 2 * scale)
    if not values:
        return ""
    if what in ("min", "max"):
        return text({"min": min, "max": max}[what](v for v, _ in values), scale)
    if what == "avg":
        return text(ratio(sum(v * w for v, w in values), n), max(4, scale + 1))
    return quantile(values, Fraction(what[1:]) / 100)


def figure(g, name, width, of_window):
    size = lambda e: int(e.get("bytes") or 0)
    status = lambda e: int(e.get("status") or 0)
    pct = lambda a, b: text(ratio(100 * a, b), 4)
    rest = lambda a, b: "" if b == 0 else text(100 - Fraction(pct(a, b)), 4)
    hits, miss = g.words(HITS), g.words(("miss",))
    simple = {
        "requests": lambda: g.count(), "hits": lambda: hits, "misses": lambda: miss,
        "stale": lambda: g.words(("stale",)), "reval": lambda: g.words(("reval",)),
        "passes": lambda: g.words(("pass",)), "synths": lambda: g.words(("synth",)),
        "cache_errors": lambda: g.words(("error",)),
        "hit_pct": lambda: pct(hits, hits + miss),
        "miss_pct": lambda: rest(hits, hits + miss),
        "byte_hit_pct": lambda: pct(g.words(HITS, size), g.words(HITS + ("miss",), size)),
        "offload_pct": lambda: rest(g.origin(), g.words(SERVED)),
        "coverage_pct": lambda: pct(g.words(WORDS), g.count()),
        "share_pct": lambda: pct(g.count(), of_window),
        "errors": lambda: g.count(lambda e: status(e) >= 500),
        "error_pct": lambda: pct(g.count(lambda e: status(e) >= 500), g.count()),
        "bytes": lambda: g.count(of=size), "hit_bytes": lambda: g.words(HITS, size),
        "miss_bytes": lambda: g.words(["miss"], size), "origin": g.origin,
        "rps": lambda: text(ratio(g.count(), width), 4),
    }
    if name in simple:
        return str(simple[name]())
    if name[0] == "s" and name[2:] == "xx":
        return str(g.count(lambda e: status(e) // 100 == int(name[1])))
    column, what = name.rsplit("_", 1)
    return stat(g, column, what)


def close(got, want):
    if want is None or want == "":
        return got == ""
    return got != "" and abs(Fraction(got) - want) <= abs(want) * Fraction(11, 1000)


def main(events, metrics, labels):
    out = list(rows(metrics))
    header = open(metrics, encoding="utf-8").readline().rstrip("\n").split("\t")
    windows, groups, wrong = {}, {}, 0
    for r in out:
        windows[(int(r["time"]), int(r["window"]))] = Group()
        groups[(int(r["time"]), int(r["window"]), tuple(r[l] for l in labels))] = Group()
    order = sorted(windows)
    unplaced = 0
    for e in rows(events):
        if e.get("weight") == "0":
            continue
        at = [w for w in order if w[0] <= Fraction(e["time"]) < w[0] + w[1]]
        key = tuple(e.get(l) or "(none)" for l in labels)
        if len(at) != 1 or at[0] + (key,) not in groups:
            unplaced += 1
            continue
        windows[at[0]].events.append(e)
        groups[at[0] + (key,)].events.append(e)
    if unplaced:
        print("%d events are in no row" % unplaced)
        wrong += 1
    keys = []
    for r in out:
        w = (int(r["time"]), int(r["window"]))
        key = tuple(r[l] for l in labels)
        keys.append((w, key))
        total = labels and not any(key)
        g = windows[w] if total else groups[w + (key,)]
        for name in header[header.index("window") + 1:]:
            want = figure(g, name, w[1], windows[w].count())
            ok = want == r[name] if isinstance(want, str) else close(r[name], want)
            if not ok:
                print("%s %s %s: got %r, want %s" % (w, key, name, r[name], want))
                wrong += 1
    if keys != sorted(keys):
        print("rows are out of order")
        wrong += 1
    if not out:
        print("no rows")
        wrong += 1
    return 1 if wrong else 0


sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
