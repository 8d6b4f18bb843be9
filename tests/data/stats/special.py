#!/usr/bin/env python3
"""special.py - writes special.tsv: the special functions to 40 digits, by
mpmath, over the range that lib/stats.h promises.  Tails are integrated
numerically on the log-odds (log) scale, where both are smooth: another way than
the continued fractions and series they are compared with.
"""
import random
from mpmath import mp, mpf, exp, log, quad, gamma, loggamma, erfc, erfinv, findroot, sqrt, inf

mp.dps = 40
random.seed(1)
rows = []


def row(func, inputs, output, value, rtol='1e-11'):
    rows.append((func, ';'.join('%s=%.17g' % kv for kv in inputs), output, mp.nstr(value, 20), rtol))


def log_area(f, mode, scale, side):
    """Integral of exp(f) from mode to side * infinity, f falling: in steps of its own width."""
    total, at, step, top = mpf(0), mode, scale, f(mode)
    while True:
        # relative to the top: quad's own tolerance is absolute
        piece = quad(lambda s: exp(f(s) - top), [at, at + side * step])
        total += piece
        if abs(piece) < abs(total) * mpf(10) ** -30:
            return abs(total) * exp(top)
        at += side * step
        step *= mpf(5) / 4


def area(f, s, mode, scale, side):
    """Integral from s to side * infinity."""
    if (s - mode) * side >= 0:
        slope = abs(mp.diff(f, s))
        return log_area(f, s, min(scale, 3 / (slope + 1 / scale)), side)
    a, b = min(s, mode), max(s, mode)
    n = int((b - a) / scale) + 2
    top = f(mode)
    return log_area(f, mode, scale, side) + quad(lambda v: exp(f(v) - top), mp.linspace(a, b, n)) * exp(top)


def beta_tails(a, b, x, y=None):
    a, b, x = mpf(a), mpf(b), mpf(x)
    y = 1 - x if y is None else y
    c = loggamma(a + b) - loggamma(a) - loggamma(b)
    # a log x + b log y at x = 1 / (1 + exp(-s))
    f = lambda s: c - a * mp.log1p(exp(-s)) - b * mp.log1p(exp(s))
    mode, scale, s = log(a / b), sqrt(1 / a + 1 / b), log(x / y)
    return area(f, s, mode, scale, -1), area(f, s, mode, scale, 1)


def t_two_sided(t, df):
    t, df = mpf(t), mpf(df)
    return beta_tails(df / 2, mpf(1) / 2, df / (df + t * t), t * t / (df + t * t))[0]


def gamma_tails(a, x):
    a, x = mpf(a), mpf(x)
    c = loggamma(a)
    f = lambda s: a * s - exp(s) - c
    mode, scale, s = log(a), 1 / sqrt(a), log(x)
    return area(f, s, mode, scale, -1), area(f, s, mode, scale, 1)


for x in [1e-12, 1e-3, 0.3, 0.67, 0.68, 1.7, 5.5, 12.25, 25.5, 36.9]:
    for v in (x, -x):
        row('norm_cdf', [('x', v)], 'p', erfc(-mpf(v) / sqrt(2)) / 2, '1e-12')
    row('norm_cdf', [('x', x)], 'two_sided', erfc(mpf(x) / sqrt(2)), '1e-12')
for p in [1e-290, 1e-100, 1e-20, 1e-9, 0.0123, 0.2499, 0.25, 0.2501, 0.45, 0.4999999, 0.5 + 1e-15, 0.5 + 1e-9,
          0.6, 0.7499, 0.7501, 0.975, 0.9999, 1 - 1e-12, 1 - 2**-53]:
    if p < 1e-8:
        g = lambda x: log(erfc(-x / sqrt(2)) / 2) - log(mpf(p))
        value = findroot(g, -sqrt(-2 * log(mpf(p))))
    else:
        value = sqrt(mpf(2)) * erfinv(2 * mpf(p) - 1)
    row('norm_quantile', [('p', p)], 'x', value, '1e-12')

for df in [0.2, 0.7, 1, 3, 4.5, 17, 40, 333.3, 1e4, 1e5, 1e7, 1e9]:
    for t in [1e-6, 0.03, 0.7, 1.5, 2.5, 4, 9, 20, 1000.0]:
        value = t_two_sided(t, df)
        if value > mpf(10) ** -290:
            row('t_sf2', [('t', t), ('df', df)], 'p', value)
            if t < 30 and value > mpf(10) ** -12:
                p = float(1 - value / 2)
                # the quantile of the rounded p, one step from t: density by difference
                h = mpf(t) * mpf(10) ** -12
                slope = (t_two_sided(t - h, df) - t_two_sided(t + h, df)) / (4 * h)
                error = mpf(p) - (1 - value / 2)
                row('t_quantile', [('p', p), ('df', df)], 't', t + error / slope)

for df in [0.2, 0.5, 1, 2, 3.3, 7, 30, 101, 1e4, 1e6, 1e9]:
    for z in [-5, -2, -0.1, 0.1, 1, 3, 8, 20]:
        x = df * (1 - 2 / (9 * df) + z * (2 / (9 * df)) ** 0.5) ** 3
        if x <= 0:
            continue
        lower, upper = gamma_tails(mpf(df) / 2, mpf(x) / 2)
        row('chisq_sf', [('x', x), ('df', df)], 'p', upper)
        row('gamma_tails', [('a', df / 2), ('x', x / 2)], 'lower', lower)

for i in range(160):
    a = round(10 ** random.uniform(-1, random.choice([1, 2, 4, 9])), 3)
    b = round(10 ** random.uniform(-1, random.choice([1, 2, 4, 9])), 3)
    s = log(mpf(a) / b) + random.uniform(-8, 8) * sqrt(1 / mpf(a) + 1 / mpf(b))
    x = float(1 / (1 + exp(-s)))
    if not 1e-280 < x < 1 - 1e-9:
        continue
    lower, upper = beta_tails(a, b, x)
    if min(lower, upper) < mpf(10) ** -290:
        continue
    row('beta_cdf', [('a', a), ('b', b), ('x', x)], 'p', lower)
    row('beta_cdf', [('a', a), ('b', b), ('x', x)], 'q', upper)
    if lower < 0.99:
        row('beta_quantile', [('a', a), ('b', b), ('p', float(lower))], 'lower', mpf(x))
    if upper < 0.99:
        row('beta_quantile', [('a', a), ('b', b), ('p', float(upper))], 'upper', mpf(x))

with open('special.tsv', 'w') as out:
    print('case', 'func', 'inputs', 'output', 'expected', 'rtol', 'source', sep='\t', file=out)
    for i, r in enumerate(rows):
        print('S%04d' % i, *r, 'mpmath, 40 digits: special.py', sep='\t', file=out)
