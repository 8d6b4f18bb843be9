#!/bin/sh
# A log of gen --format through Miller: cut at quotes, then at blanks.
exec mlr --inidx --ifs '"' --otsv --headerless-csv-output put -q '
 a = splitnv(strip($3)," "); r = splitax(strip($7)," "); rt = splitax(r[1],"=");
 emit1 {"cs": splitax(strip($9),"=")[2], "ms": float(rt[2])*1000, "b": a[2]}' \
 then stats1 -a count,mean,p50,p95,p99,sum -f ms,b -g cs "$1"
