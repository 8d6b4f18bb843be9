# The TSV of scripts/bench to one row for each url: requests, milliseconds, bytes.
BEGIN { FS = OFS = "\t" }
NR == 1 { next }
{ n[$2]++; ms[$2] += $5; bytes[$2] += $6 }
END { for (k in n) print k, n[k], ms[k], bytes[k] }
