#!/bin/bash
# Which clients see the most server errors?  In awk, by the names of columns,
# whatever their order: the three lines to copy into any script.
#
# usage: errors-by-column-name.sh access.log ...
set -o pipefail
cmon-parse "$@" |
	awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
		$col["status"] >= 500 { errors[$col["client"]]++ }
		END { for (c in errors) print errors[c] "\t" c }' |
	sort -t "$(printf '\t')" -k1,1nr -k2,2 |
	awk 'NR <= 10'
