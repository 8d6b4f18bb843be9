#!/usr/bin/env python3
"""smtp_bad.py - a mail server that goes wrong, on a free port, without TLS.

usage: smtp_bad.py LOG MODE

Appends what it is told to LOG.  Modes: where it goes wrong and how.

    fine       does not: takes everything
    silent     accepts the connection and says nothing
    garbage    greets with bytes that are no SMTP
    endless    greets with a line that has no end
    close-XXX  hangs up when it has read XXX: EHLO, MAIL, RCPT, DATA, or END of the message
    hang-XXX   falls silent there
    421-XXX    says 421 there
    twice      takes the message, and hangs up before it says so the first time
"""
import socket
import sys
import threading

log = open(sys.argv[1], 'ab', buffering=0)
how, _, where = sys.argv[2].partition('-')
seen = [0]


def trouble(conn):
    if how == 'hang':
        while conn.recv(4096):
            pass
    elif how == '421':
        conn.sendall(b'421 4.3.2 going down\r\n')
    raise ConnectionError


def talk(conn):
    lines = conn.makefile('rb')
    conn.sendall(b'220 localhost ESMTP\r\n')
    for line in lines:
        log.write(line)
        word = line[:4].decode('ascii', 'replace').upper().strip()
        if word == where:
            trouble(conn)
        if word == 'QUIT':
            conn.sendall(b'221 bye\r\n')
            return
        if word != 'DATA':
            conn.sendall(b'250 OK\r\n')
            continue
        conn.sendall(b'354 go on\r\n')
        for text in lines:
            log.write(text)
            if text == b'.\r\n':
                break
        seen[0] += 1
        if where == 'END' or (how == 'twice' and seen[0] == 1):
            trouble(conn)
        conn.sendall(b'250 taken\r\n')


def serve(conn):
    try:
        if how == 'silent':
            while conn.recv(4096):
                pass
        elif how == 'garbage':
            conn.sendall(bytes(range(256)) * 64 + b'\r\n')
        elif how == 'endless':
            while True:
                conn.sendall(b'x' * 65536)
        else:
            talk(conn)
    except OSError:
        pass
    conn.close()


with socket.create_server(('127.0.0.1', 0)) as s:
    print('ready', s.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
