#!/bin/bash
# Which query parameters split the cache, what would be gained by ignoring
# each, and does the response depend on it (same_pct near 100: it does not)?
#
# usage: what-splits-the-cache.sh access.log ...
set -o pipefail
cmon-parse "$@" |
	cmon-key --fragments -n 20 |
	cmon-table -c parameter,values,keys,keys_without,misses,hits_gained,hit_pct,hit_pct_without,same_pct
