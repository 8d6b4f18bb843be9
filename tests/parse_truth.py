#!/usr/bin/env python3
"""A second truth for cmon-parse: the same log, made and read in Python.

parse_truth.py make LOG TSV   writes a log as nginx would, from random requests
                              with any bytes in them, and the rows it must give
parse_truth.py read LOG       prints the rows of a log in nginx-cache format, by
                              regular expression and datetime
"""
import datetime
import random
import re
import sys

COLUMNS = ("time", "client", "method", "url", "status", "bytes", "latency_ms", "origin_ms",
           "cache", "cache_raw", "referer", "agent", "remote_user")
OUTCOME = {"HIT": "hit", "MISS": "miss", "EXPIRED": "miss", "BYPASS": "pass", "STALE": "stale",
           "UPDATING": "stale", "REVALIDATED": "reval", "-": ""}


def tsv(raw):
    """Bytes as cmon-tsv(5) writes them."""
    out = []
    at = 0
    while at < len(raw):
        for n in (1, 2, 3, 4):
            try:
                char = raw[at:at + n].decode("utf-8")
                break
            except UnicodeDecodeError:
                char = None
        if char is None or len(char) != 1:
            out.append("\\x%02X" % raw[at])
            at += 1
            continue
        code = ord(char)
        if char in "\t\n\r\\":
            out.append({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}[char])
        elif code < 0x20 or 0x7f <= code < 0xa0:
            out.append("".join("\\x%02X" % b for b in raw[at:at + n]))
        else:
            out.append(char)
        at += n
    return "".join(out)


def nginx(raw):
    """Bytes as nginx's escape=default writes them: ngx_http_log_escape."""
    if not raw:
        return b"-"
    return b"".join(b"\\x%02X" % c if c < 0x20 or c > 0x7e or c in b'"\\' else bytes((c,))
                    for c in raw)


def no_dash(text):
    return "" if text == "-" else text


def ms(seconds):
    """Seconds as text, in milliseconds, exactly; lists are summed."""
    if not seconds or seconds == "-":
        return ""
    total = 0
    some = False
    for item in re.split("[,:]", seconds):
        item = item.strip()
        if item and item != "-":
            whole, _, part = item.partition(".")
            total += int(whole) * 10**9 + int((part + "0" * 9)[:9])
            some = True
    if not some:
        return ""
    whole, part = divmod(total, 10**6)
    return ("%d.%06d" % (whole, part)).rstrip("0").rstrip(".")


def request(raw):
    m = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.+) (HTTP/[0-9][^ ]*)", raw, re.S)
    return (m[1], m[2]) if m else (b"", b"")


def random_bytes(rng, n, without=b""):
    return bytes(rng.choice([c for c in range(256) if c not in without]) for _ in range(n))


def some_text(rng):
    kind = rng.random()
    if kind < 0.3:
        return b""
    if kind < 0.5:
        return random_bytes(rng, rng.randint(1, 40))
    if kind < 0.7:
        return "é\u0085漢\U0001f600 \\x41 \"q\"\t".encode() * rng.randint(1, 3)
    return b"Mozilla/5.0 (X11; Linux x86_64) " + b"y" * rng.randint(0, 100)


def some_request(rng):
    kind = rng.random()
    if kind < 0.1:
        return some_text(rng)
    if kind < 0.3:
        return rng.choice([b"-", b"hello", b"- - - ", b"GET /", b"GET  HTTP/1.1", b"\x16\x03\x01",
                           b"GET /a", b"- http://host:80- -", b" HTTP/1.1", b"GET / HTTP/", b"G(T / HTTP/1.1",
                           b"<BADREQ>", b"GET /a b HTTP/1.1", b"M-SEARCH * HTTP/1.1", b"GET /x HTTP/2"])
    return rng.choice([b"GET", b"HEAD", b"PROPFIND"]) + b" /" + \
        random_bytes(rng, rng.randint(0, 60), b"\n") + b" HTTP/1.1"


def make(log_path, tsv_path):
    rng = random.Random(20261120)
    with open(log_path, "wb") as log, open(tsv_path, "w", encoding="utf-8", newline="\n") as out:
        out.write("\t".join(COLUMNS) + "\n")
        for _ in range(20000):
            second = rng.randint(0, 7289654399)
            zone = rng.choice([0, 60, -60, 330, -720, 840])
            stamp = datetime.datetime.fromtimestamp(second, datetime.timezone.utc) + \
                datetime.timedelta(minutes=zone)
            if stamp.year < 1970 or stamp.year > 2200:
                continue
            clf = stamp.strftime("%d/%b/%Y:%H:%M:%S ") + \
                "%s%02d%02d" % ("-" if zone < 0 else "+", abs(zone) // 60, abs(zone) % 60)
            req, ref, agent = some_request(rng), some_text(rng), some_text(rng)
            user = rng.choice([b"", b"bob", b"bob smith", b"x [y", b"x - y"])
            client = rng.choice(["192.0.2.1", "2001:db8::1", "unix:", "host.example.net"])
            status = rng.choice([200, 304, 404, 499, 502])
            sent = rng.choice([0, 1, 157, 10**9, 10**15 - 1])
            rt = rng.choice(["0.000", "0.001", "0.010", "0.123", "1.000", "10.200", "123.456", "86400.000"])
            ut = rng.choice(["-", "0.000", "0.001, 0.002", "0.001 : 0.250", "-, 0.004", "0.1, - : 2.500"])
            word = rng.choice(list(OUTCOME))
            log.write(b'%s - %s [%s] "%s" %d %d "%s" "%s" rt=%s ut="%s" cs=%s\n' % (
                client.encode(), nginx(user), clf.encode(), nginx(req), status, sent, nginx(ref), nginx(agent),
                rt.encode(), ut.encode(), word.encode()))
            method, url = request(req)
            out.write("\t".join((
                str(second), client, no_dash(tsv(method)), no_dash(tsv(url)), str(status), str(sent), ms(rt), ms(ut),
                OUTCOME[word], no_dash(word), no_dash(tsv(ref)), no_dash(tsv(agent)), no_dash(tsv(user)))) + "\n")


LINE = re.compile(r'(\S+) - (.*?) \[([^]]+)\] "((?:[^"\\]|\\.)*)" (\d+) (\d+) "((?:[^"\\]|\\.)*)" '
                  r'"((?:[^"\\]|\\.)*)" rt=(\S+) ut="([^"]*)" cs=(\S+)')


def plain(text):
    raw = re.sub(rb"\\x([0-9A-F]{2})", lambda m: bytes((int(m[1], 16),)), text.encode())
    return raw


def read(path):
    print("\t".join(COLUMNS))
    with open(path, encoding="utf-8") as log:
        for line in log:
            client, user, stamp, req, status, sent, ref, agent, rt, ut, word = LINE.fullmatch(line.rstrip("\n")).groups()
            when = datetime.datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z")
            method, url = request(plain(req))
            print("\t".join((
                str(int(when.timestamp())), client, tsv(method), tsv(url), status, sent, ms(rt), ms(ut), OUTCOME[word],
                no_dash(word), no_dash(tsv(plain(ref))), no_dash(tsv(plain(agent))), no_dash(user))))


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    read(sys.argv[2])
