#!/usr/bin/env python3
"""mime_truth.py - messages of the unit test `mime`, read by Python's parser.

usage: mime_truth.py PROGRAM COUNT

Makes COUNT random letters, has PROGRAM write each as a mail, and compares what
Python's email package reads from it with what was put in.
"""
import email
import email.policy
import random
import subprocess
import sys

program, count = sys.argv[1], int(sys.argv[2])
rng = random.Random(20261120)
alphabets = ['abc XYZ', 'a b=?_.', 'äöü €中文😀 a', ' .=\t', 'From \n.=', 'é' * 3 + ' ',
             ''.join(chr(c) for c in range(32, 127))]


def text(longest, newlines):
    letters = rng.choice(alphabets)
    s = ''.join(rng.choice(letters) for _ in range(rng.randrange(longest)))
    if newlines:
        return s
    return s.replace('\n', '').replace('\t', '')


def lines(s):
    """As a mail says it: every line ended."""
    return s if s == '' or s.endswith('\n') else s + '\n'


def check(what, got, want, raw):
    if got != want:
        sys.exit('%s: got %r, want %r in\n%s' % (what, got, want, raw[:2000].decode('latin-1')))


for i in range(count):
    subject, name = text(300, False), text(40, False).replace('"', '').replace('\\', '').strip()
    body, html = text(2000, True), text(2000, True)
    raw = subprocess.run([program, subject, name, body, html], stdout=subprocess.PIPE, check=True).stdout
    for line in raw.split(b'\r\n'):
        if len(line) > 76 or b'\n' in line or b'\r' in line or any(b > 126 for b in line):
            sys.exit('a bad line: %r' % line)
    m = email.message_from_bytes(raw, policy=email.policy.default)
    for part in m.walk():
        if part.defects:
            sys.exit('defects %r in\n%s' % (part.defects, raw.decode('latin-1')))
    # Between a colon and the first word, and at the end, blanks mean nothing, unless encoded.
    check('subject', m['Subject'].strip(' '), subject.strip(' '), raw)
    # Python puts a blank between encoded words of a name, which RFC 2047 6.2 says to drop.
    check('name', ''.join(m['From'].addresses[0].display_name.split()), ''.join(name.split()), raw)
    check('address', m['From'].addresses[0].addr_spec, 'cmon@example.test', raw)
    check('recipients', [a.addr_spec for a in m['To'].addresses],
          ['ops%d@example.test' % k for k in range(9)], raw)
    parts = list(m.iter_parts())
    check('parts', [p.get_content_type() for p in parts], ['text/plain', 'text/html'], raw)
    check('text', parts[0].get_payload(decode=True).decode().replace('\r\n', '\n'), lines(body), raw)
    check('html', parts[1].get_payload(decode=True).decode().replace('\r\n', '\n'), lines(html), raw)
