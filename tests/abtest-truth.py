#!/usr/bin/env python3
"""Known results through the whole program: each row of cases.tsv that cmon-abtest can answer.

usage: abtest-truth.py tests/data/stats/cases.tsv

A case's numbers become rows of the stream, and the verdict is held to the expected value at
the row's own tolerance.  The number of rows compared is printed for each function.
"""
import collections
import subprocess
import sys

COUNTS = "experiment\tcohort\tkey\ttime\twindow\trequests\thits\tmisses"
EVENTS = "time\texperiment\tcohort\tkey\tx"
# the case's output: the verdict's column, and what it is multiplied by
SHARE = {"R_c": ("est_c", 100), "R_t": ("est_t", 100), "diff": ("diff", 100), "se": ("se", 100),
         "lo": ("lo", 100), "hi": ("hi", 100), "t": ("stat", 1), "z": ("stat", 1), "df": ("df", 1),
         "p": ("p", 1), "rel": ("rel", 1), "n_eff_keys_c": ("neff_c", 1), "wald_lo": ("lo", 100),
         "wald_hi": ("hi", 100), "doc_confidence": ("confidence", 1)}
VALUE = {k: (c, 1) for k, (c, _) in SHARE.items()} | {"q_c": ("est_c", 1), "q_t": ("est_t", 1)}
SRM = {"p": ("srm_p", 1)}


def verdict(rows, *args):
    run = subprocess.run(["cmon-abtest", "--exact", "--min-keys", "0", *args], input="\n".join(rows) + "\n",
                         capture_output=True, text=True, check=True)
    head, row = run.stdout.splitlines()
    return dict(zip(head.split("\t"), row.split("\t")))


def counts(arm, n, hits):
    return [f"e\t{arm}\t{arm}{i}\t0\t60\t{a}\t{h}\t{a - h}" for i, (a, h) in enumerate(zip(n, hits))]


def events(arm, values, keys=None):
    return [f"{i}\te\t{arm}\t{arm}{keys[i] if keys else i}\t{v}" for i, v in enumerate(values)]


def ask(func, a):
    """The verdict on a case, and where its outputs stand; None: not for this program."""
    whole = lambda name: [int(float(x)) for x in a[name]]
    text = lambda name: [format(float(x), ".15g") for x in a[name]]
    if func == "ratio_cluster":
        rows = counts("control", whole("n_c"), whole("h_c")) + counts("treatment", whole("n_t"), whole("h_t"))
        return verdict([COUNTS] + rows, "--method", "delta"), SHARE
    if func in ("two_prop_z", "newcombe"):
        rows = []
        for arm, n, x in (("control", "n_c", "x_c"), ("treatment", "n_t", "x_t")):
            (n,), (x,) = whole(n), whole(x)
            k = min(n, 5)		# some keys, for one would be refused
            part = lambda total: [total // k + (i < total % k) for i in range(k)]
            rows += counts(arm, part(n), sorted(part(x), reverse=True))
        return verdict([COUNTS] + rows, "--method", "request-z" if func == "two_prop_z" else func), SHARE
    if func == "welch":
        rows = events("control", text("control")) + events("treatment", text("treatment"))
        return verdict([EVENTS] + rows, "--method", "welch", "--metrics", "x_avg"), VALUE
    if func == "quantile_diff_cluster":
        rows = events("control", text("control"), whole("key_c")) + \
            events("treatment", text("treatment"), whole("key_t"))
        p = format(float(a["nu"][0]) * 100, ".10g")
        return verdict([EVENTS] + rows, "--method", "delta", "--metrics", "x_p" + p), VALUE
    if func == "srm" and len(set(a["w"])) == 1 and sum(whole("n")) < 200000:
        rows = []
        for i, n in enumerate(whole("n")):
            rows += [f"e\t{'abcdef'[i]}\t{i}.{k}\t0\t60\t2\t{k % 3}\t{2 - k % 3}" for k in range(n)]
        head, *row = subprocess.run(["cmon-abtest", "--exact", "--control", "a"], capture_output=True, text=True,
                                    check=True, input="\n".join([COUNTS] + rows) + "\n").stdout.splitlines()
        return dict(zip(head.split("\t"), row[0].split("\t"))), SRM
    return None, None


def agrees(got, want, scale, rtol):
    if want == "NA" or got == "":
        return want == "NA" and got == ""
    want = float(want) * scale
    # a difference whose digits cancelled in decimal text is as exact as its parts
    return abs(float(got) - want) <= rtol * abs(want) + 1e-13 * scale


def main():
    compared, bad, last = collections.Counter(), 0, (None, None)
    for line in open(sys.argv[1]):
        case, func, inputs, output, expected, rtol, _ = line.rstrip("\n").split("\t")
        if case == "case":
            continue
        if last[0] != (func, inputs):
            a = {k: v.split(",") for k, v in (p.split("=") for p in inputs.split(";"))}
            last = ((func, inputs), ask(func, a))
        got, columns = last[1]
        if not got or output not in columns:
            continue
        column, scale = columns[output]
        compared[func] += 1
        if not agrees(got[column], expected, scale, float(rtol)):
            bad += 1
            print(f"{case} {func} {output}: {column} is {got[column]}, not {expected} x {scale}")
    print(" ".join(f"{f}:{n}" for f, n in sorted(compared.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
