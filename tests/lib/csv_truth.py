#!/usr/bin/env python3
"""csv_truth.py - Python's csv as the second truth for lib/csv.c.

csv_truth.py make            small documents in hexadecimal, one a line, always the same
csv_truth.py check IN OUT    OUT is what the unit test printed for IN: is it right
"""
import csv
import io
import random
import re
import sys

VALID = re.compile(r'(?:(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n|\n|\r|\Z))*')
PIECES = ['a', 'bc', '', ' ', '\t', '"', '""', ',', '\n', '\r\n', '\r', '\0', '\xff', 'x,y', '"q"', "'", '\\']


def field(rnd, quoted):
    s = ''.join(rnd.choice(PIECES) for _ in range(rnd.randrange(4)))
    return '"' + s.replace('"', '""') + '"' if quoted or re.search('[",\r\n]', s) else s


def make():
    rnd = random.Random(2026)
    for _ in range(6000):
        end = rnd.choice(['\n', '\r\n'])
        quoted = rnd.random() < 0.3
        doc = end.join(','.join(field(rnd, quoted) for _ in range(rnd.randrange(5)))
                       for _ in range(rnd.randrange(1, 5))) + rnd.choice(['', end])
        if rnd.random() < 0.3:
            at = rnd.randrange(len(doc) + 1)
            doc = doc[:at] + rnd.choice(PIECES) + doc[at + rnd.randrange(2):]
        print(doc.encode('latin-1').hex())


def truth(doc):
    """(line, unended, fields) of each row; None where the text is not CSV."""
    if not VALID.fullmatch(doc):
        return None
    rows, line = [], 1
    reader = csv.reader(io.StringIO(doc, newline=''), strict=True)
    for row in reader:
        if row:
            rows.append((line, False, row))
        line = reader.line_num + 1
    if rows and row and doc[-1] not in '\r\n':
        rows[-1] = (rows[-1][0], True, row)
    return rows


def right(doc, printed):
    rows = []
    for text in printed.split('\t')[1:]:
        line, unended, fault, *fields = text.split(':')
        fields = [bytes.fromhex(f).decode('latin-1') for f in fields[0].split(',')] if fields else []
        rows.append((int(line), unended == '1', fields) if fault == '0' else None)
    want = truth(doc)
    if want is None:
        return None in rows
    if re.search('\r(?!\n)', doc):  # Python counts these as lines, we do not
        return [r and r[1:] for r in rows] == [w[1:] for w in want]
    return rows == want


def check(corpus, printed):
    docs = [bytes.fromhex(x).decode('latin-1') for x in open(corpus).read().split('\n')[:-1]]
    got = open(printed).read().split('\n')[:-1]
    wrong = [(d, g) for d, g in zip(docs, got) if not right(d, g)]
    for d, g in wrong[:10]:
        print(repr(d), g, truth(d), sep='\n\t')
    bad = sum(truth(d) is None for d in docs)
    print(f'{len(docs)} documents, {len(got)} answers, {bad} not CSV, {len(wrong)} wrong')
    sys.exit(len(docs) != len(got) or bool(wrong) or not 500 < bad < len(docs) - 3000)


if sys.argv[1] == 'make':
    make()
else:
    check(*sys.argv[2:])
