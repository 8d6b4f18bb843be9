#!/usr/bin/env python3
"""smtp_sink.py - a mail server for tests, on a free port of this machine.

usage: smtp_sink.py DIR [MODE]

Asks for STARTTLS and AUTH (alice, s3cret) with DIR/cert.pem and DIR/key.pem,
and keeps each message as DIR/N.eml, its envelope as DIR/N.env.  Says "ready
PORT" once it listens.  Modes:

    ok        takes everything, but tempfail@ (451) and nouser@ (550)
    data451   refuses every message for now
    data554   refuses every message for ever
    notls     offers no STARTTLS and asks for no AUTH
    noauth    STARTTLS, but no AUTH
"""
import json
import os
import socket
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

out = sys.argv[1]
mode = sys.argv[2] if len(sys.argv) > 2 else 'ok'


class Handler:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('tempfail'):
            return '451 4.3.0 try later'
        if address.startswith('nouser'):
            return '550 5.1.1 no such user'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        if mode == 'data451':
            return '451 4.3.0 greylisted'
        if mode == 'data554':
            return '554 5.7.1 rejected'
        self.count += 1
        path = '%s/%d' % (out, self.count)
        with open(path + '.env', 'w') as f:
            json.dump({'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                       'tls': bool(session.ssl), 'auth': bool(session.authenticated),
                       'helo': session.host_name, 'options': envelope.mail_options}, f)
        with open(path + '.tmp', 'wb') as f:
            f.write(envelope.original_content)
        os.rename(path + '.tmp', path + '.eml')
        return '250 OK queued as %d' % self.count


def check(server, session, envelope, mechanism, data):
    good = (isinstance(data, LoginPassword)
            and data.login == b'alice' and data.password == b's3cret')
    return AuthResult(success=good, handled=good)


class Server(Controller):
    def factory(self):
        if mode == 'notls':
            return SMTP(self.handler, hostname='localhost')
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(out + '/cert.pem', out + '/key.pem')
        return SMTP(self.handler, hostname='localhost', tls_context=tls, require_starttls=True,
                    authenticator=check, auth_required=mode != 'noauth')


with socket.socket() as s:
    s.bind(('127.0.0.1', 0))
    port = s.getsockname()[1]
server = Server(Handler(), hostname='127.0.0.1', port=port)
server.start()
print('ready', port, flush=True)
while True:
    time.sleep(3600)
