load ../helper
load ../servers

setup() { cd "$BATS_TEST_TMPDIR" && mkdir box && certificate box; }
teardown() { stop_servers; }

# The limit is far above every time-out asked for, and far below libcurl's own.
net() { timeout 30 "$CMON_UNIT/net" "$@"; }

@test "net: addresses, secrets and their files are judged before any call" { unit net; }

@test "net: a mail goes through STARTTLS and AUTH, its dots kept" {
	need_aiosmtpd
	start_server smtp_sink.py box ok
	run -0 net mail "smtp://localhost:$port" user=alice secret=s3cret ca=box/cert.pem
	[ "$output" = "sent up 250 SMTP 250" ]
	printf 'Subject: x\r\n\r\none\r\n.\r\n..two\r\n' | cmp - box/1.eml
	jq -e '.tls and .auth and .from == "cmon@example.test" and .to == ["ops@example.test"]' box/1.env
}

@test "net: a refusal is told by its class, in the server's words" {
	need_aiosmtpd
	start_server smtp_sink.py box ok
	local url=smtp://localhost:$port
	run -0 net mail "$url" user=alice secret=wrong ca=box/cert.pem
	[[ $output == "config down 535 535 "* ]]
	run -0 net mail "$url" ca=box/cert.pem
	[[ $output == "config down 530 530 "* ]]
	run -0 net mail "$url" user=alice secret=s3cret ca=box/cert.pem to=tempfail@example.test
	[ "$output" = "retry up 451 451 4.3.0 try later" ]
	run -0 net mail "$url" user=alice secret=s3cret ca=box/cert.pem to=nouser@example.test
	[ "$output" = "permanent up 550 550 5.1.1 no such user" ]
	run -0 net mail "$url" user=alice secret=s3cret
	[[ $output == "config down 220 "*certificate* ]]	# also where no authority is installed
	run ! ls box/*.eml
}

@test "net: a server that refuses the message now, or for ever" {
	need_aiosmtpd
	start_server smtp_sink.py box data451
	run -0 net mail "smtp://localhost:$port" user=alice secret=s3cret ca=box/cert.pem
	[ "$output" = "retry up 451 451 4.3.0 greylisted" ]
	start_server smtp_sink.py box data554
	run -0 net mail "smtp://localhost:$port" user=alice secret=s3cret ca=box/cert.pem
	[ "$output" = "permanent up 554 554 5.7.1 rejected" ]
}

@test "net: without STARTTLS nothing is sent, unless it was allowed" {
	need_aiosmtpd
	start_server smtp_sink.py box notls
	run -0 net mail "smtp://localhost:$port"
	[[ $output == "config down 250 "*": --no-tls does without" ]]
	run ! ls box/*.eml
	run -0 net mail "smtp://localhost:$port" plain
	[ "$output" = "sent up 250 SMTP 250" ]
}

@test "net: a server that falls silent, hangs up or talks nonsense is for later" {
	local where
	for where in EHLO MAIL RCPT DATA END; do
		start_server smtp_bad.py "$PWD/log" close-$where
		run -0 net mail "smtp://localhost:$port" plain
		[[ $output == "retry down "* ]]
		start_server smtp_bad.py "$PWD/log" 421-$where
		run -0 net mail "smtp://localhost:$port" plain
		[[ $output == "retry down 421 "* ]]
	done
	for where in hang-EHLO hang-END silent endless garbage; do
		start_server smtp_bad.py "$PWD/log" $where
		run -0 net mail "smtp://localhost:$port" plain ms=300
		[[ $output == "retry down "* ]]
	done
	stop_servers
	run -0 net mail "smtp://localhost:$port" plain
	[[ $output == "retry down 0 Failed to connect"* ]]
}

@test "net: a certificate for somebody else, and one that is past its time, are refused" {
	start_tls() {	# CERT KEY, as a server whose port openssl tells
		openssl s_server -accept 127.0.0.1:0 -cert "$1" -key "$2" -quiet -naccept 1 \
		    </dev/null >tls 2>&1 3>&- &
		SERVERS+=($!)
		port=
		for _ in $(seq 100); do
			port=$(ss -Hltnp "sport != :0" | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=${SERVERS[-1]},.*/\1/p")
			[ -n "$port" ] && return
			sleep 0.05
		done
		return 1
	}
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k -out wrong \
	    -days 30 -subj /CN=other.example.test -addext subjectAltName=DNS:other.example.test 2>/dev/null
	start_tls wrong k
	run -0 net mail "smtps://localhost:$port" ca=wrong ms=3000
	[[ $output == "config down 0 "*"localhost"* ]]
	openssl req -new -key k -subj /CN=localhost -addext subjectAltName=DNS:localhost -out csr 2>/dev/null
	printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=db\nserial=se\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n' >ca.cnf
	: >db; echo 01 >se
	openssl ca -batch -config ca.cnf -selfsign -keyfile k -in csr -out old -notext \
	    -startdate 20200101000000Z -enddate 20200102000000Z 2>/dev/null
	start_tls old k
	run -0 net mail "smtps://localhost:$port" ca=old ms=3000
	[[ $output == "config down 0 "*"expired"* ]]
}

@test "net: an API's answers by class; redirects are not followed; no answer is too long" {
	start_server http_sink.py "$PWD/log"
	local url=http://localhost:$port code want
	while read -r code want; do
		run -0 net post "$url/status/$code" secret=k3y
		[ "$output" = "$want $code HTTP $code" ]
	done <<-'EOT'
	200 sent up
	202 sent up
	400 permanent up
	422 permanent up
	401 config down
	403 config down
	404 config down
	410 config down
	302 config down
	307 config down
	408 retry down
	429 retry down
	500 retry down
	503 retry down
	EOT
	run ! grep -q moved log
	jq -e '.body.a == 1 and .headers["X-Api-Key"] == "k3y" and .headers["Content-Type"] == "application/json"' log
	run -0 net post "$url/big"
	[[ $output == "sent up 200 "* ]]
	run -0 net post "$url/hang" ms=300
	[[ $output == "retry down 0 "*"timed out"* ]]
	run -0 net post "$url/close"
	[[ $output == "retry down 0 "* ]]
	run -0 net get "$url/ping"
	[ "$output" = "sent up 200 HTTP 200" ]
	[ "$(tail -n 1 log | jq -r .method)" = GET ]
}
