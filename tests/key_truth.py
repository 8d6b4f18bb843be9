"""key_truth - what cmon-key must say, by brute force.

usage: key_truth.py normal <urls               the key without rules of each
       key_truth.py events SEED N              a made-up stream of events
       key_truth.py fragments [TTL] <events    the report of --fragments without rules

Written from man/cmon-keys.5 and man/cmon-key.1, with nothing of the program's.
"""
import random
import re
import sys
from fractions import Fraction

UNRESERVED = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def percent(s):
    def one(m):
        if not m.group(1):
            return "%25"
        c = int(m.group(1), 16)
        return chr(c) if c in UNRESERVED else "%%%02X" % c
    return re.sub("%([0-9A-Fa-f]{2})?", one, s)


def dots(p):
    out, parts = [], p.split("/")[1:]
    for i, s in enumerate(parts):
        if s == ".." and out:
            out.pop()
        if s in (".", ".."):
            if i == len(parts) - 1:
                out.append("")
        else:
            out.append(s)
    return "/" + "/".join(out)


def name(piece):
    return piece.partition("=")[0]


def split(url):
    path, _, query = url.partition("?")
    return path, [x for x in query.split("&") if x]


def join(path, pieces):
    return path + ("?" + "&".join(pieces) if pieces else "")


def encoding(url):
    path, pieces = split(url)
    return join(dots(re.sub("/+", "/", percent(path))), [percent(x) for x in pieces])


def order(url):
    path, pieces = split(url)
    return join(path, sorted(pieces, key=name))


def case(url):
    path, pieces = split(url)
    return join(re.sub("%..|[A-Z]", lambda m: m.group() if m.group()[0] == "%" else m.group().lower(), path), pieces)


def without(which):
    def change(url):
        path, pieces = split(url)
        return join(path, [x for x in pieces if "=" not in x or percent(name(x)) != which])
    return change


def no_bare(url):
    path, pieces = split(url)
    return join(path, [x for x in pieces if "=" in x])


def normal():
    for line in sys.stdin:
        url = line.rstrip("\n")
        print(order(encoding(url)) if url else "")


def events(seed, n):
    r = random.Random(seed)
    print("time", "url", "method", "status", "bytes", "cache", sep="\t")
    t = 1000
    for _ in range(n):
        t += r.choice([0, 1, 1, 2, 5])
        pieces = [f"{p}={r.randrange(k)}" for p, k in (("id", 6), ("utm", 4), ("u%74m", 2), ("v", 2), ("", 2))
                  if r.random() < 0.3] + [b for b in ("x", "y", "") if r.random() < 0.1]
        if r.random() < 0.3:
            r.shuffle(pieces)
        url = join(r.choice(["/a", "/a", "/b", "/A", "/%61", "//a"]), pieces)
        size = 100 + (hash_of(url) if "id" in url else 0)
        print(t, url, r.choice(["GET"] * 9 + ["HEAD"]), r.choice(["200"] * 8 + ["206", "404"]), size,
              r.choice(["hit"] * 4 + ["miss"] * 4 + ["stale", "reval", "pass", ""]), sep="\t")


def hash_of(url):
    found = re.search("id=(.)", url)
    return int(found.group(1)) if found else 0


KEPT = {"200", "203", "204", "300", "301", "308", "404", "405", "410", "414", "501"}


def pct(part, whole):
    if not whole:
        return ""
    q = (Fraction(part * 100 * 10000, whole) + Fraction(1, 2)).__floor__()
    return ("%d.%04d" % (q // 10000, q % 10000)).rstrip("0").rstrip(".")


def fragments(ttl):
    header, *rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
    logged = "cache" in header
    rows = [dict(zip(header, row)) for row in rows]
    times = [int(row["time"]) for row in rows]
    log, own = [], {}
    for row in rows:
        if logged and row["cache"] not in ("hit", "miss", "stale", "reval"):
            continue
        path, pieces = split(row["url"])
        key, t = join(path, pieces), int(row["time"])
        if not logged:
            fresh = key in own and (ttl is None or t - own[key] < ttl)
            row["cache"] = "hit" if fresh else "miss"
            if not fresh:
                own[key] = t
        log.append((t, key, row))
    parts = {("(order)",): order, ("(encoding)",): encoding, ("(case)",): case, ("(bare)",): no_bare}
    for _, key, _ in log:
        for x in split(key)[1]:
            if "=" in x:
                parts[(0, percent(name(x)))] = without(percent(name(x)))
    hits = sum(row["cache"] != "miss" for _, _, row in log)
    out = []
    for part, change in parts.items():
        having = [(key, row) for _, key, row in log if change(key) != key]
        if not having:
            continue
        keys = {key for key, _ in having}
        groups = {change(key) for key in keys}
        gained = replay(log, change, ttl)
        compared, same = responses(log, change, groups)
        label = part[0] if len(part) == 1 else part[1] or "(empty)"
        values = ""
        if len(part) == 2:
            values = len({percent(x.partition("=")[2]) for key in keys for x in split(key)[1]
                          if "=" in x and percent(name(x)) == part[1]})
        elif part == ("(bare)",):
            values = len({x for key in keys for x in split(key)[1] if "=" not in x})
        had = sum(row["cache"] != "miss" for _, row in having)
        out.append(["(none)", label, min(times), max(times) - min(times) + 1, len(having), values, len(keys),
                    len(groups), had, len(having) - had, gained, pct(hits, len(log)),
                    pct(hits + gained, len(log)), compared, pct(same, compared)])
    params = {part[1] or "(empty)" for part in parts if len(part) == 2}
    print("endpoint parameter time window requests values keys keys_without hits misses hits_gained hit_pct "
          "hit_pct_without compared same_pct".replace(" ", "\t"))
    for row in sorted(out, key=lambda x: (-x[10], -x[4], x[1] in params, x[1])):
        print(*row, sep="\t")


def replay(log, change, ttl):
    own, shared, gained = {}, {}, 0

    def fresh(copies, what, t):
        return what in copies and (ttl is None or t - copies[what] < ttl)
    for t, key, row in log:
        group, miss = change(key), row["cache"] == "miss"
        if miss and not fresh(own, key, t) and fresh(shared, group, t):
            gained += 1
        elif miss or row["cache"] == "reval" or ttl is None:
            shared[group] = t
        if miss or row["cache"] == "reval" or ttl is None:
            own[key] = t
    return gained


def responses(log, change, groups):
    first = {}
    for _, key, row in log:
        if row.get("method", "GET") == "GET" and row["status"] in KEPT:
            first.setdefault(key, (row["status"], row["bytes"]))
    by_group = {}
    for key, answer in first.items():
        by_group.setdefault(change(key), []).append(answer)
    many = [a for g, a in by_group.items() if g in groups and len(a) > 1]
    return len(many), sum(len(set(a)) == 1 for a in many)


if __name__ == "__main__":
    if sys.argv[1] == "normal":
        normal()
    elif sys.argv[1] == "events":
        events(int(sys.argv[2]), int(sys.argv[3]))
    else:
        fragments(int(sys.argv[2]) if len(sys.argv) > 2 else None)
