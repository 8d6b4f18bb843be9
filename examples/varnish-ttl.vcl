# Varnish with the TTLs of cmon-promote.
#
#	cmon-promote --config ttl.tsv -x experiments.tsv \
#	    --write varnish=/etc/varnish/cmon-ttl.vcl verdicts.tsv && varnishreload
#
# Write the file once, before Varnish reads this:
#
#	cmon-promote --config ttl.tsv --emit varnish >/etc/varnish/cmon-ttl.vcl
vcl 4.1;

include "/etc/varnish/cmon-ttl.vcl";

backend default { .host = "127.0.0.1"; .port = "8080"; }

sub vcl_recv {
	# A client must not choose its own TTL.
	unset req.http.cmon-endpoint;
	if (req.url ~ "^/title/") { set req.http.cmon-endpoint = "title"; }
	if (req.url ~ "^/search/") { set req.http.cmon-endpoint = "search"; }
}

sub vcl_backend_response {
	if (beresp.status == 200) { call cmon_ttl; }
}
