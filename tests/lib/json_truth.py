#!/usr/bin/env python3
"""json_truth.py - Python's json as the second truth for lib/json.c.

json_truth.py make            a corpus of lines, good and bad, always the same
json_truth.py check IN OUT    OUT is what the unit test printed for IN: is it right
"""
import json
import random
import re
import sys

PATHS = [["a"], ["b", "c"], ["b", "x.y"], ["d", 0], ["d", 2, "e"], ["f"], ['k"q'], ["d"], ["b"],
         ["request", "headers", "User-Agent", 0], ["client.ip"], ["status"]]
DEPTH_MAX = 64
ABSENT, NULL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT = range(8)

LINES = [
    rb'{}',
    rb'{"a":1,"b":{"c":"x","x.y":[true]},"d":[0,[],{"e":"\u00e9"}],"f":null,"k\"q":false}',
    rb' { "a" : -0.5e+3 , "b" : { "c" : { } } , "d" : [ { } , 1 , { "e" : [ ] } ] } ',
    rb'{"level":"info","ts":1703373474.8155608,"request":{"remote_ip":"1.2.3.4","uri":"\/beta\/",'
    rb'"headers":{"User-Agent":["Mozilla/5.0 (X11; Linux x86_64)"],"Accept":["*/*"]}},"status":200}',
    rb'{"client.ip":"5.148.132.132","req.url":"\/secret\/page.html","status":"404","time.elapsed.usec":4684}',
    rb'{"ts":"1795176163.272","ip":"127.0.0.1","uri":"/a?x=\"1\"","status":200,"bytes":100,"rt":0.002,"cache":"MISS"}',
    rb'{"a":{"b":1},"a":2,"b":{"c":1},"b":{"d":1},"d":[1,2,{"e":3}],"d":[4]}',
    rb'{"a":"\ud83d\ude00 \ud83d \ude00 \u0000 \\ \/ \b\f\n\r\t","b":"\x22\xff\v"}',
    '{"a":"grüße €","f":"\U0001f600"}'.encode(),
    b'{"a":"\xff\xfe\xc3","f":"\x7f"}',
    b'{"b":' + b'[' * 40 + b']' * 40 + b'}',
]
PIECES = [b'"', b'\\', b'{', b'}', b'[', b']', b',', b':', b' ', b'\t', b'\r', b'\0', b'\x1f', b'\x7f', b'\xff',
          b'\\u', b'\\u12', b'\\ud800', b'\\udc00', b'\\x4', b'\\x41', b'\\v', b'\\q', b'0', b'1', b'-', b'+', b'.', b'e', b'E5',
          b'true', b'false', b'null', b'NaN', b'Infinity', b'{}', b'[]', b'""', b'"a":', b',"a":1', b'//', b"'",
          b'[' * 30, b'{"b":' * 30, b'\xef\xbb\xbf', b'\xe2\x80\xa8', b'\x0b', b'\xc2\xa0']


def make():
    rnd = random.Random(2026)
    lines = list(LINES)
    for _ in range(8000):
        line = bytearray(rnd.choice(LINES))
        for _ in range(rnd.choice([1, 1, 1, 2, 3, 6])):
            at = rnd.randrange(len(line) + 1)
            to = min(len(line), at + rnd.choice([0, 1, 1, 2, 10]))
            line[at:to] = rnd.choice([b'', bytes([rnd.randrange(256)]), rnd.choice(PIECES), rnd.choice(PIECES),
                                      line[at:to] * 2, line[rnd.randrange(len(line) + 1):][:20]])
        lines.append(bytes(line).replace(b'\n', b' '))
    sys.stdout.buffer.write(b'\n'.join(lines) + b'\n')


class Number(str):
    pass


class Pairs(list):
    pass


def refuse(word):
    raise ValueError(word)


def our_escape(m):
    """Our two additions to JSON: \\xHH, and \\v."""
    e = m.group(1)
    return chr(0xf0000 + int(e[1:], 16)) if e[0] == 'x' else '\\u000b' if e == 'v' else m.group(0)


def parse(raw):
    """Bytes from 0x80 travel as private characters, so that they are told from escapes."""
    text = ''.join(chr(b if b < 0x80 else 0xf0000 + b) for b in raw)
    text = re.sub(r'\\(x[0-9a-fA-F]{2}|.)', our_escape, text, flags=re.DOTALL)
    return json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=refuse)


def depth(v):
    if isinstance(v, Pairs):
        return 1 + max([depth(x) for _, x in v], default=0)
    return 1 + max(map(depth, v), default=0) if isinstance(v, list) else 0


def to_bytes(s):
    out = b''
    for c in s:
        o = ord(c)
        out += (bytes([o - 0xf0000]) if 0xf0000 <= o < 0xf0100 else
                b'\xef\xbf\xbd' if 0xd800 <= o < 0xe000 else c.encode())
    return out


def find(v, path):
    for step in path:
        if isinstance(step, int):
            if not isinstance(v, list) or isinstance(v, Pairs) or step >= len(v):
                return None, False
            v = v[step]
        else:
            found = [x for k, x in v if to_bytes(k) == step.encode()] if isinstance(v, Pairs) else []
            if not found:
                return None, False
            v = found[-1]
    return v, True


def right(field, v, there=True):
    kind, text = field.split(':')
    kind, text = int(kind), bytes.fromhex(text)
    if not there:
        return kind == ABSENT
    if v is None or isinstance(v, bool):
        return kind == {None: NULL, False: FALSE, True: TRUE}[v] and text == json.dumps(v).encode()
    if isinstance(v, Number):
        return kind == NUMBER and text == v.encode()
    if isinstance(v, str):
        return kind == STRING and text == to_bytes(v)
    return kind == (OBJECT if isinstance(v, Pairs) else ARRAY) and parse(text) == v


def right_line(raw, fields):
    try:
        v = parse(raw)
    except ValueError:
        v = None
    if not isinstance(v, Pairs) or depth(v) > DEPTH_MAX:
        return fields == ['bad']
    if fields[0] != 'ok' or len(fields) != 1 + len(PATHS) + 2 * len(v):
        return False
    rest = fields[1 + len(PATHS):]
    return (all(right(f, *find(v, p)) for f, p in zip(fields[1:], PATHS)) and
            all(right(k, pair[0]) and right(f, pair[1]) for k, f, pair in zip(rest[::2], rest[1::2], v)))


def check(corpus, printed):
    lines = open(corpus, 'rb').read().split(b'\n')[:-1]
    got = open(printed).read().split('\n')[:-1]
    wrong = [(a, b) for a, b in zip(lines, got) if not right_line(a, b.split('\t'))]
    for a, b in wrong[:10]:
        print(a, b, sep='\n\t')
    good = sum(g != 'bad' for g in got)
    print(f'{len(lines)} lines, {len(got)} answers, {good} good, {len(wrong)} wrong')
    sys.exit(len(lines) != len(got) or bool(wrong) or not 1000 < good < len(lines) - 1000)


if sys.argv[1] == 'make':
    make()
else:
    check(*sys.argv[2:])
