#!/usr/bin/env python3
"""Events of experiments whose latencies come in steps: whole milliseconds, hits and misses.

    ties.py EXPERIMENTS KEYS REQUESTS CONTROL TREATMENT [HITS_C HITS_T] >events

CONTROL and TREATMENT are value:up_to,...: 10:.8,20:.95,40:1 is 10 ms in 80 of 100 cases,
and its 95th percentile is 20.  One number instead is a mean: whole milliseconds,
exponential, and some keys slower than others.  Half of the keys are in treatment.
"""
import random
import sys

START, DAYS = 1795132800, 2  # 2026-11-20


def drawn(spec, slow):
    u = random.random()
    if ":" not in spec:
        return int(random.expovariate(1 / (float(spec) * slow)))
    for step in spec.split(","):
        x, up_to = step.split(":")
        if u < float(up_to):
            return x


def main():
    experiments, keys, requests = map(int, sys.argv[1:4])
    spec = {"control": sys.argv[4], "treatment": sys.argv[5]}
    hits = dict(zip(spec, map(float, sys.argv[6:8] or (0.5, 0.5))))
    random.seed(1)
    print("time", "latency_ms", "cache", "experiment", "cohort", "key", sep="\t")
    for e in range(1, experiments + 1):
        for k in range(keys):
            cohort = "control" if k % 2 else "treatment"
            slow = random.lognormvariate(0, 0.3)
            for i in range(requests):
                print(START + i * 86400 * DAYS // requests, drawn(spec[cohort], slow),
                      "hit" if random.random() < hits[cohort] else "miss", e, cohort, k, sep="\t")


main()
