#!/bin/bash
# How fast is a hit, and how slow is a miss?
#
# usage: percentiles-by-outcome.sh access.log ...
set -o pipefail
cmon-parse "$@" |
	cmon-agg -g cache -c requests,share_pct,latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_p99.9 |
	cmon-table
