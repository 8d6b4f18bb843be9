#!/usr/bin/env python3
"""http_sink.py - a web server for tests, on a free port of this machine.

usage: http_sink.py LOG [DIR]

With DIR, under TLS with DIR/cert.pem and DIR/key.pem.
Appends each request to LOG as a line of JSON and answers as the path asks:

    /tx/v1/send      as MailChannels: 401 without X-Api-Key, 202 and a result with it
    /failed          202, but the result says it failed
    /status/NNN      that status; 3xx points to /moved; ?retry-after=X&date=Y
                     are fields of the answer
    /html            200, a page
    /big             200, 100 MB
    /hang            nothing
    /close           hangs up
    else             200, {}
"""
import http.server
import json
import ssl
import sys
import time
import urllib.parse

log = open(sys.argv[1], 'a', buffering=1)


def result(status):
    return json.dumps({'request_id': 'r1', 'results': [
        {'index': 0, 'message_id': '<x@mc>', 'status': status, 'reason': 'suppressed'}]}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        try:
            body = json.loads(body)
        except ValueError:
            body = body.decode('utf-8', 'replace')
        log.write(json.dumps({'method': self.command, 'path': self.path, 'body': body,
                              'headers': dict(self.headers.items())}) + '\n')
        path, _, query = self.path.partition('?')
        self.fields = dict(urllib.parse.parse_qsl(query))
        if path.startswith('/status/'):
            self.answer(int(path[8:11]), b'no', 'text/plain')
        elif path == '/tx/v1/send' and self.headers.get('X-Api-Key') != 'k3y':
            self.answer(401, b'<html>401 Authorization Required</html>', 'text/html')
        elif path == '/tx/v1/send':
            self.answer(202, result('sent'))
        elif path == '/failed':
            self.answer(202, result('failed'))
        elif path == '/html':
            self.answer(200, b'<html>Welcome to this hotel</html>', 'text/html')
        elif path == '/big':
            self.answer(200, b' ' * 100_000_000)
        elif path == '/hang':
            time.sleep(3600)
        elif path == '/close':
            self.close_connection = True
        else:
            self.answer(200, b'{}')

    def answer(self, code, body, kind='application/json'):
        self.send_response(code)
        if code // 100 == 3:
            self.send_header('Location', '/moved')
        if 'retry-after' in self.fields:
            self.send_header('Retry-After', self.fields['retry-after'])
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def date_time_string(self, timestamp=None):
        return self.fields.get('date') or super().date_time_string(timestamp)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
if len(sys.argv) > 2:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[2] + '/cert.pem', sys.argv[2] + '/key.pem')
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print('ready', server.server_address[1], flush=True)
server.serve_forever()
