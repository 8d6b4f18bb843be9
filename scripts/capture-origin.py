#!/usr/bin/env python3
"""capture-origin.py - the web site behind the caches that scripts/capture runs.

    capture-origin.py TTL_SCALE OUTAGE_FROM OUTAGE_TO

Listens on a free port of 127.0.0.1, prints its number, and serves until it is
killed.  The first part of the path says how an answer behaves: how long it
may be kept, how big and how slow it is, whether it has an ETag.  Lifetimes are multiplied by TTL_SCALE, but are never
under a second.  From OUTAGE_FROM to OUTAGE_TO seconds after the start, all
but /static and /video answers 503.

The edge obeys Cache-Control and the shield X-Accel-Expires, which is three
times as long, so that the shield still has what the edge has let go.
"""
import random
import sys
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TTL_SCALE, OUTAGE_FROM, OUTAGE_TO = map(float, sys.argv[1:4])
START = time.monotonic()
BODY_MAX = 256 * 1024
BODY = b"0123456789abcde\n" * (BODY_MAX // 16)

#       first part  max-age_s  body_bytes  delay_ms  seconds one ETag lasts
SITE = {
    "static":      (3600,      12000,      4,        1e9),
    "video":       (3600,      BODY_MAX,   9,        1e9),
    "page":        (60,        9000,       120,      0),
    "news":        (30,        6000,       50,       0),
    "api":         (15,        900,        60,       45),
    "account":     (0,         1500,       90,       0),
    "slow":        (0,         300,        600,      0),
}


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write per answer: two would wait for each other's acknowledgement.
    wbufsize = BODY_MAX + 4096

    def log_message(self, *_):
        pass

    def reply(self, status, size=0, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(BODY[:size])

    def do_GET(self):
        kind = self.path.split("?")[0].split("/")[1]
        now = time.monotonic() - START
        if kind not in SITE:
            # /broken is a bug of the site, anything else does not exist.
            self.reply(500 if kind == "broken" else 404, 150)
            return
        if OUTAGE_FROM <= now < OUTAGE_TO and kind not in ("static", "video"):
            self.reply(503, 90)
            return
        age_s, size, delay_ms, etag_s = SITE[kind]
        time.sleep(min(2.0, delay_ms / 1e3 * random.lognormvariate(0, 0.6)))
        keep = {"Cache_Control": "private, no-store"}
        if age_s:
            ttl = max(1, round(age_s * TTL_SCALE))
            keep = {"Cache_Control": f"max-age={ttl}",
                    "X_Accel_Expires": str(3 * ttl), "Accept_Ranges": "bytes"}
        path = self.path.encode("latin-1")
        if etag_s:
            version = int(now / etag_s).to_bytes(4, "big")
            keep["ETag"] = f'"{zlib.crc32(version, zlib.crc32(path)):08x}"'
            if self.headers.get("If-None-Match") == keep["ETag"]:
                self.reply(304, **keep)
                return
        # A path keeps its size over runs.
        spread = random.Random(zlib.crc32(path)).lognormvariate(0, 0.8)
        self.reply(200, min(BODY_MAX, round(size * spread)), **keep)

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(0.5 if self.path.startswith("/slow/") else 0.02)
        self.reply(201, 40)


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_):
        pass        # a cache that gave up waiting is no news


server = Server(("127.0.0.1", 0), Site)
print(server.server_port, flush=True)
server.serve_forever()
