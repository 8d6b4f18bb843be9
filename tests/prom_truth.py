#!/usr/bin/env python3
"""What the real node_exporter makes of text files, on a free loopback port.

    prom_truth.py cases CASES.tsv DIR       as many lines as verdicts that differ
    prom_truth.py arrives FILE...           every sample of ours comes out again
    prom_truth.py own CMON-PROM DIR         names of its own are refused
    prom_truth.py writes CMON-PROM PROMTOOL SEED N
                                            what we write is right, or nothing
    prom_truth.py fuzz CMON-PROM DIR SEED N what we let pass arrives; what it
                                            refuses we refuse
Prints what is wrong; the exit status says whether anything was.
"""
import math
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

EXPORTER = shutil.which('prometheus-node-exporter') or shutil.which('node_exporter')


def scrape(folder):
    """Two scrapes' second text, as the first's errors are counted there; None: it died."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    p = subprocess.Popen([EXPORTER, '--web.listen-address=127.0.0.1:%d' % port,
                          '--collector.disable-defaults', '--collector.textfile',
                          '--collector.textfile.directory=' + folder],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        text = None
        deadline = time.monotonic() + 20
        for _ in range(2):
            while True:
                try:
                    url = 'http://127.0.0.1:%d/metrics' % port
                    text = urllib.request.urlopen(url, timeout=20).read()
                    break
                except (urllib.error.URLError, ConnectionError, OSError):
                    if p.poll() is not None or time.monotonic() > deadline:
                        return None
                    time.sleep(0.02)
        return text
    finally:
        p.kill()
        p.wait()


LABEL = re.compile(rb'\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')


def number(s):
    try:
        v = float(s)
    except ValueError:
        return s
    return 'nan' if math.isnan(v) else v


def samples(text):
    """{(name, labels): value}; empty labels are none; le and quantile are numbers."""
    out = {}
    for line in text.split(b'\n'):
        line = line.lstrip(b' \t')
        if not line or line.startswith(b'#'):
            continue
        m = re.match(rb'([a-zA-Z_:][\w:]*)[ \t]*', line)
        name, rest, labels = m[1], line[m.end():], []
        if rest.startswith(b'{'):
            at = 1
            while True:
                m = LABEL.match(rest, at)
                if not m:
                    break
                v = number(m[2]) if m[1] in (b'le', b'quantile') and m[2] else m[2]
                if v != b'':
                    labels.append((m[1], v))
                at = m.end()
            rest = rest[rest.index(b'}', at) + 1:]
        out[name, tuple(sorted(labels, key=lambda kv: kv[0]))] = number(rest.split()[0])
    return out


def unescape(s):
    one = {b'n': b'\n', b't': b'\t', b'r': b'\r', b'\\': b'\\'}
    return re.sub(rb'\\(x..|.)', lambda m: one.get(m[1]) or bytes([int(m[1][1:], 16)]), s)


def read_cases(path):
    """name, what node_exporter does, body"""
    with open(path, 'rb') as f:
        rows = [line.split(b'\t') for line in f.read().split(b'\n')[1:] if line]
    return [(r[0].decode(), r[1].decode(), unescape(r[3])) for r in rows]


def write(folder, name, body):
    with open(os.path.join(folder, name), 'wb') as f:
        f.write(body)


def taken(text):
    """The files that were read without an error."""
    return {os.path.basename(dict(labels)[b'file'].decode())
            for (name, labels) in samples(text) if name == b'node_textfile_mtime_seconds'}


def cases(path, folder):
    bad, killers = 0, []
    for name, verdict, body in read_cases(path):
        if verdict == 'kills_exporter':
            killers.append((name, body))
        elif not name.startswith('claims_'):    # they would forge the answer
            write(folder, name + '.prom', body)
    text = scrape(folder)
    for name, verdict, body in read_cases(path):
        if os.path.exists(os.path.join(folder, name + '.prom')) and \
                (name + '.prom' in taken(text)) != (verdict == 'accepted'):
            print('node_exporter differs on', name)
            bad += 1
    for name, body in killers:
        alone = os.path.join(folder, name)
        os.mkdir(alone)
        write(alone, name + '.prom', body)
        if scrape(alone) is not None:
            print('node_exporter survives', name)
            bad += 1
    return bad


def lost(folder, files):
    """What is in our files and not in the exporter's answer."""
    text = scrape(folder)
    if text is None:
        return ['node_exporter died']
    got, bad = samples(text), []
    if got.get((b'node_textfile_scrape_error', ())) != 0:
        bad.append('node_textfile_scrape_error is not 0')
    if got.get((b'promhttp_metric_handler_errors_total', ((b'cause', b'gathering'),))):
        bad.append('errors while gathering')
    n = 0
    for path in files:
        with open(path, 'rb') as f:
            for key, v in samples(f.read()).items():
                n += 1
                if got.get(key) != v:
                    bad.append('%s: %r is %r, not %r' % (path, key, got.get(key), v))
    if n == 0:
        bad.append('no samples')
    return bad


def arrives(files):
    bad = lost(os.path.dirname(os.path.abspath(files[0])), files)
    print('\n'.join(bad), end='')
    return len(bad)


SEEDS = [
    b'# HELP m Help.\n# TYPE m gauge\nm{a="b",c="d"} 1\nm{a="x"} 2.5e3\n',
    b'# HELP m_total Help.\n# TYPE m_total counter\nm_total{code="2xx"} 12\nm_total 3\n',
    b'# HELP m Help.\n# TYPE m histogram\nm_bucket{a="b",le="0.1"} 1\nm_bucket{a="b",le="+Inf"} 2\n'
    b'm_sum{a="b"} 1\nm_count{a="b"} 2\n',
    b'# HELP m Help.\n# TYPE m summary\nm{quantile="0.5"} 1\nm{quantile="0.99"} 2\nm_sum 1\nm_count 2\n',
    b'm{a="q\\"b\\\\n\\nz"} 1\nm NaN\n',
    b'# HELP m Help.\n# TYPE m gauge\nm 1\n# HELP m_n N.\n# TYPE m_n gauge\nm_n -Inf\n',
]
PIECES = [b' ', b'\t', b'\r', b'\n', b'"', b'\\', b'{', b'}', b',', b'=', b'#', b'_', b'__', b'0',
          b'1', b'.', b'e', b'-', b'+', b'x', b'\xff', b'\xc3\xa9', b'\0', b'm', b'le', b'quantile',
          b'_count', b'_sum', b'_bucket', b'# TYPE ', b'# HELP ', b' 17', b'NaN', b'inf', b':', b'"0.1"']


def mutate(rnd, body):
    for _ in range(rnd.choice((1, 1, 1, 2, 3))):
        at = rnd.randrange(len(body) + 1)
        end = min(len(body), at + rnd.choice((0, 0, 1, 1, 2, 5)))
        how = rnd.randrange(5)
        if how < 3:
            body = body[:at] + rnd.choice(PIECES) + body[end:]
        elif how == 3:
            body = body[:at] + body[end:]
        else:
            lines = body.split(b'\n')
            k, j = rnd.randrange(len(lines)), rnd.randrange(len(lines))
            if rnd.randrange(2):
                lines[k], lines[j] = lines[j], lines[k]
            else:
                lines.insert(k, lines[j])
            body = b'\n'.join(lines)
    return body


def check(prog, files):
    p = subprocess.run([prog, '--check'] + files, stderr=subprocess.PIPE)
    if p.returncode not in (0, 1) or (p.returncode == 1) != bool(p.stderr):
        sys.exit('cmon-prom --check: exit %d: %r' % (p.returncode, p.stderr))
    return p.stderr.decode()


def fuzz(prog, folder, seed, n):
    rnd, bad = random.Random(seed), []
    every, passed = os.path.join(folder, 'every'), os.path.join(folder, 'passed')
    os.mkdir(every)
    os.mkdir(passed)
    said = {}
    for i in range(n):
        # A name of its own for each file's metric, before the mistakes.
        body = re.sub(rb'\bm(?=[_ {])', b'f%d_m' % i, rnd.choice(SEEDS))
        name = '%05d.prom' % i
        write(every, name, mutate(rnd, body))
        said[name] = check(prog, [os.path.join(every, name)])
    for name, text in said.items():
        if not text:
            shutil.copy(os.path.join(every, name), passed)
        if 'node_exporter dies' in text:
            os.remove(os.path.join(every, name))
    text = scrape(every)
    if text is None:
        return 1, ['node_exporter died of what we let pass']
    fine = taken(text)
    for name in os.listdir(every):
        if name not in fine and not said[name]:
            bad.append('%s: refused by node_exporter, not by us' % name)
    # Names that mistakes made equal: of files that clash the later goes.
    while True:
        files = sorted(os.path.join(passed, f) for f in os.listdir(passed))
        clash = re.findall(r'^cmon-prom: (\S+?):', check(prog, files), re.M)
        if not clash:
            break
        for f in set(clash):
            os.remove(f)
    bad += lost(passed, files)
    print('%d files, %d refused by node_exporter, %d by us, %d arrived' %
          (n, n - len(fine), sum(map(bool, said.values())), len(files)))
    return len(bad), bad


def own(prog, folder):
    """A file that takes a name of the exporter's own is refused."""
    bad = 0
    for name in {name for (name, labels) in samples(scrape(folder))}:
        path = os.path.join(folder, 'x.prom')
        write(folder, 'x.prom', name + b' 1\n')
        if 'node_exporter itself' not in check(prog, [path]):
            print(name.decode(), 'is let pass')
            bad += 1
    return bad


COLUMNS = ['hits', 'Hits', 'hit_pct', 'latency_ms_p95', 'latency_ms_p99.9', 'latency_s_p95', 'queueDepth',
           'queue_depth', 'x_total', 'x_count', 'y_sum', 'bytes', 'bytes_p50', 's2xx', 'rps', 'uniq_ip', 'wait_us',
           'kb_used', 'a.b', 'a-b', 'été', 'le', 'p50', '_', '__', '9', 'x_info', 'x_created', 'state_ratio', 'http_2xx']
LABELS = ['tier', 'job', 'instance', 'http.host', 'Host', 'q', 'code', 'file', 'le', '__a', 'path']
VALUES = ['', 'a', 'b', '(none)', 'x"y', 'a\\\\b', 'c\\n', '\\xFF', 'é', '\\x00', '{}', ',', '=', '#', ' ']
NUMBERS = ['', '0', '1', '-1', '2.5', '1e-7', '99.99', '1E+20', '.5', '5.', '+3', '123456789012345678', '1e308']


def some(rnd, words, most):
    return rnd.sample(words, rnd.randint(0, most))


def table(rnd):
    out = []
    for _ in range(rnd.choice((1, 1, 2))):
        labels, columns = some(rnd, LABELS, 2), some(rnd, COLUMNS, 4)
        out.append(labels + ['time', 'window'] + columns)
        for _ in range(rnd.randint(0, 8)):
            out.append([rnd.choice(VALUES) for _ in labels] +
                       [str(rnd.randint(0, 3)), rnd.choice(('0', '60', '300', '0.5'))] +
                       [rnd.choice(NUMBERS) for _ in columns])
    return ''.join('\t'.join(r) + '\n' for r in out).encode()


def writes(prog, promtool, seed, n):
    """Random tables: exit 2 and no byte, or text that passes both checks."""
    rnd, bad, written = random.Random(int(seed)), 0, 0
    for i in range(int(n)):
        rows = table(rnd)
        args = [prog] + some(rnd, ['-T', '--label=dc=x', '--prefix=p_'], 2)
        p = subprocess.run(args, input=rows, capture_output=True)
        if p.returncode == 2 and not p.stdout and p.stderr:
            continue
        written += 1
        q = subprocess.run([prog, '--check'], input=p.stdout, capture_output=True)
        wrong = p.returncode or q.returncode or q.stderr
        if promtool != '-' and written % 8 == 0:
            q = subprocess.run([promtool, 'check', 'metrics'], input=p.stdout, capture_output=True)
            wrong = wrong or q.returncode or q.stderr
        if wrong:
            print(args, rows, p, q)
            bad += 1
    print('%s tables, %d written' % (n, written))
    return bad or written < int(n) // 10


def main():
    what, args = sys.argv[1], sys.argv[2:]
    if what == 'cases':
        return cases(*args)
    if what == 'arrives':
        return arrives(args)
    if what == 'writes':
        return writes(*args)
    if what == 'own':
        return own(*args)
    n, bad = fuzz(args[0], args[1], int(args[2]), int(args[3]))
    for line in bad:
        print(line)
    return n


sys.exit(1 if main() else 0)
