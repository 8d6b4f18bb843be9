#!/usr/bin/env python3
"""capture-load.py - ask a cache as its users would, and note what came back.

    capture-load.py PORT REQUESTS SECONDS SEED polite|rude >client.tsv

Sends REQUESTS requests to 127.0.0.1:PORT within about SECONDS, at times and
for objects that SEED alone decides: objects by Zipf 0.9, arrivals by chance,
busiest halfway.  `rude` also hangs up on some of them.

Prints one row per request: what the client saw, not what the cache says.
`cache_raw` is the X-Cache header; the fields of a request that was abandoned
are empty.
"""
import bisect
import itertools
import math
import random
import socket
import sys
import threading
import time

PORT, REQUESTS = int(sys.argv[1]), int(sys.argv[2])
SECONDS, SEED, MANNERS = float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
WORKERS = 16
OBJECTS = REQUESTS // 15
ZIPF = 0.9
TIMEOUT_S = 30
HOST = "www.example.com"

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 "
    "Firefox/131.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
    "AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 "
    "Safari/537.36",
    "ExampleApp/7.2 (Android 14; Pixel 8)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; "
    "+http://www.google.com/bot.html)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    'odd "agent" \\ with\ttab \u00e9',
]
AGENT_WEIGHTS = [28, 26, 24, 12, 4, 3, 2.5, 0.5]
REFERERS = ["", f"https://{HOST}/", f"https://{HOST}/page/00017",
            "https://www.google.com/", "https://news.example.org/?a=1&b=2"]
REFERER_WEIGHTS = [40, 30, 15, 12, 3]


class Ask:
    """One request: when, for what, and how."""

    def __init__(self, at, url, method="GET", headers=(), body="", raw=None,
                 abandon=False):
        self.at, self.url, self.method = at, url, method
        self.headers, self.body = list(headers), body
        self.raw, self.abandon = raw, abandon

    def wire(self):
        if self.raw is not None:
            return self.raw
        lines = [f"{self.method} {self.url} HTTP/1.1", f"Host: {HOST}"]
        lines += [f"{name}: {value}" for name, value in self.headers if value]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines + ["", ""]) + self.body).encode("utf-8")


def object_url(rank):
    """The kinds of object are mixed evenly over popular and rare ones."""
    kind = rank * 7 % 20
    if kind < 10:
        return f"/static/img/{rank:05d}.webp"
    if kind < 12:
        return f"/static/js/app.{rank * 2654435761 % 2**32:08x}.js?v=3"
    if kind < 15:
        return f"/page/{rank:05d}"
    if kind < 18:
        return f"/api/v1/products/{rank}"
    if kind < 19:
        return f"/news/{rank}"
    return f"/video/{rank}.mp4"


def odd_ask(at, rnd):
    """What a log reader must survive."""
    return rnd.choice([
        lambda: Ask(at, "/page/a%20b%22c%22?q=%E2%82%AC"),
        lambda: Ask(at, '/page/"quoted"?x="y"'),
        lambda: Ask(at, "/page/caf\u00e9/\u4e2d\u6587"),
        lambda: Ask(at, "/page/back\\slash"),
        lambda: Ask(at, "/page/long?" + "a" * 3000),
        lambda: Ask(at, "/page/too-long?" + "a" * 9000),
        lambda: Ask(at, "/page/a b c"),
        lambda: Ask(at, "/page/00001", method="PROPFIND"),
        lambda: Ask(at, "", raw=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n"),
        lambda: Ask(at, "", raw=b"MGLNDD_192.0.2.9_443\n"),
        lambda: Ask(at, "", raw=b"GET / HTTP/1.0\r\n\r\n"),
    ])()


def make_ask(at, url, rnd):
    """Mostly plain GETs; a few per cent of everything else."""
    dice = rnd.random() * 100
    if dice < 2.0:
        return Ask(at, url, method="HEAD")
    if dice < 3.5:
        return Ask(at, "/api/v1/cart", method="POST",
                   body='{"item":%d}' % rnd.randrange(1000))
    if dice < 5.0:
        return Ask(at, f"/account/{rnd.randrange(300)}",
                   headers=[("Cookie", f"session={rnd.getrandbits(64):x}")])
    if dice < 5.8:
        return Ask(at, url.split("?")[0] + "?nocache=1")
    if dice < 6.8:
        return Ask(at, f"/old/{rnd.randrange(100)}")
    if dice < 7.5:
        return Ask(at, f"/missing/{rnd.randrange(60)}.php")
    if dice < 7.8:
        return Ask(at, "/.env")
    if dice < 8.1:
        return Ask(at, f"/broken/{rnd.randrange(5)}")
    if dice < 8.5:
        return Ask(at, f"/slow/report?day={rnd.randrange(30)}")
    if dice < 8.6:
        return Ask(at, f"/lost/{rnd.randrange(9)}")
    if dice < 9.0:
        return odd_ask(at, rnd)
    if dice < 9.2 and MANNERS == "rude":
        return Ask(at, "/slow/upload", method="POST", body="x", abandon=True)
    if url.startswith("/video/") and dice < 60:
        first = rnd.randrange(4) * 16384
        return Ask(at, url, headers=[("Range", f"bytes={first}-{first+16383}")])
    if url.startswith("/page/") and dice < 15:
        return Ask(at, url + rnd.choice(["?utm_source=newsletter",
                                         "?utm_source=feed&utm_medium=rss"]))
    if dice > 98.5:
        return Ask(at, "/healthz")
    return Ask(at, url)


def plan(rnd):
    weights = itertools.accumulate(r ** -ZIPF for r in range(1, OBJECTS + 1))
    weights = list(weights)
    asks = []
    for x in sorted(rnd.random() for _ in range(REQUESTS)):
        at = SECONDS * (x + 0.05 * math.sin(2 * math.pi * x))
        rank = bisect.bisect(weights, rnd.random() * weights[-1])
        ask = make_ask(at, object_url(rank), rnd)
        agent, = rnd.choices(AGENTS, AGENT_WEIGHTS)
        referer, = rnd.choices(REFERERS, REFERER_WEIGHTS)
        ask.headers += [("User-Agent", agent), ("Referer", referer)]
        asks.append(ask)
    return asks


class Connection:
    """A client: one address, one connection kept alive."""

    def __init__(self, address):
        self.socket = socket.create_connection(("127.0.0.1", PORT), TIMEOUT_S,
                                               source_address=(address, 0))
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def answer(self, ask):
        """(status, body bytes, X-Cache, stays open)"""
        self.socket.sendall(ask.wire())
        status = int(self.file.readline().split()[1])
        head = {}
        while (line := self.file.readline().strip()):
            name, value = line.decode("latin-1").split(":", 1)
            head[name.lower()] = value.strip()
        want = int(head.get("content-length", 0))
        if ask.method == "HEAD" or status == 304:
            want = 0
        got = len(self.file.read(want))
        if got != want:
            raise OSError(f"{ask.url}: {got} bytes of {want}")
        return (status, got, head.get("x-cache", ""),
                head.get("connection") != "close")


def client_address(rnd):
    """Linux answers for all of 127/8; where only 127.0.0.1 exists, use it."""
    address = f"127.0.0.{rnd.randrange(2, 250)}"
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return "127.0.0.1"
    return address


def work(number, asks, lock, start):
    rnd = random.Random(SEED * 1000 + number)
    connection = None
    while True:
        with lock:
            ask = next(asks, None)
        if ask is None:
            break
        time.sleep(max(0, start + ask.at - time.monotonic()))
        if connection and rnd.random() < 0.05:
            connection.close()
            connection = None
        connection = connection or Connection(client_address(rnd))
        status, size, cache, keep = "", "", "", False
        if ask.abandon:
            connection.socket.sendall(ask.wire())
            time.sleep(0.1)
        else:
            status, size, cache, keep = connection.answer(ask)
        if not keep:
            connection.close()
            connection = None
        with lock:
            print(f"{time.time():.3f}", ask.method, status, size, cache,
                  sep="\t")
    if connection:
        connection.close()


def main():
    asks, lock, failed = iter(plan(random.Random(SEED))), threading.Lock(), []
    threading.excepthook = lambda args: failed.append(args.exc_value)
    print("time", "method", "status", "bytes", "cache_raw", sep="\t")
    start = time.monotonic()
    threads = [threading.Thread(target=work, args=(n, asks, lock, start))
               for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"capture-load: {failed[0]!r}")


main()
