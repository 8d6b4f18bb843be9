#!/bin/sh
# How much is in a bucket of an object store?  For the rule kv_size.
#
# usage: bucket.sh s3://BUCKET[/PREFIX]		needs the aws command line
#
# Listing a large bucket takes time and costs money: once an hour will do.
set -eu
url=${1:?usage: bucket.sh s3://BUCKET[/PREFIX]}
list=$(aws s3 ls --recursive --summarize "$url")
printf '%s\n' "$list" | awk -v now="$(date +%s)" '
	/^ *Total Objects:/ { objects = $3 }
	/^ *Total Size:/ { bytes = $3 }
	END {
		if (objects == "" || bytes == "") {
			print "bucket.sh: no summary from aws" >"/dev/stderr"
			exit 2
		}
		printf "time\twindow\tkv_objects\tkv_bytes\n%s\t0\t%s\t%s\n", now, objects, bytes
	}'
