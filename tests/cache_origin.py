"""An origin for the tests of real caches: a hundred bytes for everybody.

usage: cache_origin.py [PORT]

/z...  must be revalidated each time;  else good for a minute
"""
import http.server
import sys


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Cache-Control", "max-age=0" if self.path.startswith("/z") else "max-age=60")
        if not known:
            self.send_header("Content-Length", "100")
        self.end_headers()
        if not known:
            self.wfile.write(b"x" * 100)

    do_POST = do_GET


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Origin)
print("ready", server.server_address[1])
sys.stdout.flush()
server.serve_forever()
