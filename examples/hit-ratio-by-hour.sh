#!/bin/bash
# What was the hit ratio in each hour, by requests and by bytes, and may it be trusted?
#
# usage: hit-ratio-by-hour.sh access.log ...
set -o pipefail
cmon-parse "$@" |
	cmon-agg -w 1h -c requests,hit_pct,byte_hit_pct,offload_pct,coverage_pct |
	cmon-table
