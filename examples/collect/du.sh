#!/bin/sh
# How much room does a cache's folder take?  A gauge for cmon-alert and cmon-prom.
#
# usage: du.sh FOLDER [COLUMN]		COLUMN is cache_bytes unless you say
#
# Columns that end in "bytes" may be compared with 1GB or 900MiB in rules.
set -eu
folder=${1:?usage: du.sh FOLDER [COLUMN]}
used=$(du -sk -- "$folder")
bytes=$((1024 * ${used%%[!0-9]*}))
printf 'time\twindow\t%s\n%s\t0\t%s\n' "${2:-cache_bytes}" "$(date +%s)" "$bytes"
