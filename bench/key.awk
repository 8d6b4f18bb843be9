# The endpoint and the key of each event by rules of literal beginnings, as
# cmon-key writes them for URLs that are in normal form.  With counts set, the
# endpoints and how many events each has.
BEGIN {
	FS = OFS = "\t"
	getline <rules
	while ((getline <rules) > 0) {
		prefix[++n] = $1
		size[n] = length($1)
		endpoint[n] = $2
		key[n] = $3
		drop[n] = $4
	}
}
NR == 1 {
	for (i = 1; i <= NF; i++)
		if ($i == "url")
			url = i
	if (!counts)
		print $0, "endpoint", "key"
	next
}
{
	u = $url
	for (i = 1; i <= n && substr(u, 1, size[i]) != prefix[i]; i++)
		;
	if (counts) {
		events[endpoint[i]]++
		next
	}
	at = index(u, "?")
	path = at ? substr(u, 1, at - 1) : u
	query = at ? substr(u, at + 1) : ""
	if (query != "" && drop[i] != "") {
		if (drop[i] == "v")
			sub(/^v=[^&]*/, "", query)
		else if (query ~ /^utm_/)
			query = ""
	}
	k = key[i]
	if (k == "")
		k = query == "" ? path : path "?" query
	else if ((at = index(k, "${rest}")) > 0)
		k = substr(k, 1, at - 1) substr(path, size[i] + 1)
	else if ((at = index(k, "${query}")) > 0)
		k = substr(k, 1, at - 1) query
	print $0, endpoint[i], k
}
END {
	if (counts)
		for (e in events)
			print e, events[e]
}
