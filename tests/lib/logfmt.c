/*
 * logfmt: formats compile to fields, lines are cut where they should be.  The
 * second truth is the other direction: lines made from random fields, which
 * must come back.
 */
#include "logfmt.h"

#include "slack.h"
#include "str.h"

static struct logfmt f;
static struct str field[LOGFMT_FIELDS];

/* The fields of a line, joined by '|'; or "!" and the name of the one that stops it. */
static const char *
read_line(const char *format, const char *line)
{
	static char text[4096];
	size_t n = 0;

	if (!logfmt_compile(&f, str_of(format))) {
		snprintf(text, sizeof(text), "?%s", f.why);
	} else if (!logfmt_read(&f, slack(line), field)) {
		snprintf(text, sizeof(text), "!%.*s %zu",
		    f.stop_field < 0 ? 0 : (int)f.field[f.stop_field].name.n,
		    f.stop_field < 0 ? "" : f.field[f.stop_field].name.p, f.stop);
	} else {
		text[0] = '\0';
		for (size_t i = 0; i < f.n; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", i ? "|" : "",
			    (int)field[i].n, field[i].p);
	}
	logfmt_close(&f);
	return text;
}

#define READS(format, line, want) CHECK_STR(str_of(read_line(format, line)), want)
#define CLF "20/Nov/2026:12:02:43 +0000"

static void
cutting(void)
{
	READS("$a", "x y", "x y");
	READS("$a", "", "");
	READS("$a $b", "x y", "x|y");
	READS("$a $b", "x y z", "x|y z");
	READS("$a $b", "x", "!a 1");
	READS("[$a]", "[x]", "x");
	READS("[$a]", "(x]", "! 0");
	READS("[$a]", "[x]]", "x]");
	READS("\"$a\" \"$b\"", "\"x\" \"y\"", "x|y");
	READS("\"$a\" \"$b\"", "\"x \\\" \\\" y\" \"z\"", "x \\\" \\\" y|z");
	READS("\"$a\" \"$b\"", "\"x\\\\\" \"z\"", "x\\\\|z");
	READS("\"$a\" \"$b\"", "\"x\"y\" \"z\"", "x\"y|z");		/* nobody escaped it */
	READS("\"$a\"", "\"x\" \"y\"", "!a 2");			/* the line goes on */
	READS("$a $status $b", "x 200 y", "x|200|y");
	READS("$a $status $b", "x y 200 z", "x|y|200 z");	/* that y is no number is for event.h */
	READS("$status $b", "200", "!status 3");
	READS("$a - $b [$time_local] $c", "1 - x [y [" CLF "] z", "1|x [y|" CLF "|z");
	READS("$a - $b [$time_local] $c", "1 - x - y [" CLF "] z", "1|x - y|" CLF "|z");
	/* Where a stop stands at a field's usual width, and one before it. */
	READS("$status $b", "2 3 4", "2|3 4");
	READS("$status $b", "20 4 5", "20|4 5");
	READS("$request_time $b", "0.1 2 3", "0.1|2 3");
	READS("$remote_user $b", " x y", "|x y");
	READS("[$time_local] $c", "[0123456789] 23456789012345] z", "0123456789|23456789012345] z");
	READS("$time_local $b", CLF " x", CLF "|x");
	READS("$time_local:$b", CLF ":x", CLF "|x");
	READS("$request $status", "GET /a HTTP/1.1 200", "GET /a HTTP/1.1|200");
	READS("$remote_addr $b", "1.1.1.1, 2.2.2.2 x", "1.1.1.1, 2.2.2.2|x");
	READS("$upstream_addr $b", "a : b, c x", "a : b, c|x");
	READS("$host$request_uri $b", "h/x y", "h|/x|y");
	READS("$uri$is_args$args $b", "/x?y z", "/x?y|z");
	READS("%h %l %u %t \"%r\" %>s %b", "1.1.1.1 - bob smith [" CLF "] \"GET / HTTP/1.1\" 200 -",
	    "1.1.1.1|-|bob smith|" CLF "|GET / HTTP/1.1|200|-");
	READS("%h %%%u", "1.1.1.1 %x", "1.1.1.1|x");
	READS("%h\\t%u", "1.1.1.1\tx", "1.1.1.1|x");
	READS("%{%d/%b/%Y}t %{%T}t %h", "20/Nov/2026 12:02:43 x", "20/Nov/2026 12:02:43|x");
	READS("%h %{%H:%M:%S %d.%m.%Y}t:x", "h 12:02:43 20.11.2026:x", "h|12:02:43 20.11.2026");
}

static void
pasting(void)
{
	READS("log_format x '$a '\n\t'$b';", "1 2", "1|2");
	READS("log_format x # c\n '$a ' # it's a\n# b\n '$b'; # d", "1 2", "1|2");
	READS("$a #x $b\n\t\t$c  ", "1 #x 2 3", "1|2|3");
	READS("log_format x escape=json \"$a $b\";", "1 2", "1|2");
	READS("'$a \"$b\"'", "1 \"2\"", "1|2");
	READS("'$a \\'$b\\''", "1 '2'", "1|2");
	READS("LogFormat \"%h \\\"%u\\\"\" nick", "1 \"2\"", "1|2");
	READS("  $a  ", "1", "1");
	READS("${a}b$c", "1b2", "1|2");
	READS("$a$b", "", "?nothing stands between \"a\" and the field behind it: nobody can tell where one ends");
	READS("'$a", "", "?a quote is not closed in the format");
	READS("", "", "?the format is empty");
	READS("''", "", "?the format is empty");
	READS("abc", "", "?the format names no field: neither $name nor %letter");
	READS("%h %y", "", "?no such directive: \"%y\"");
	READS("%{x", "", "?a { is not closed in the format");
	READS("%h %", "", "?no such directive: \"%\"");
	READS("%{%T}t", "", "?the time format \"%T\" is not understood, or no complete time: \"%T\"");
	CHECK(logfmt_compile(&f, STR("escape=none '$a'")) && !f.escaped);
	logfmt_close(&f);
}

/* A line of random text fields between literals; fields hold no literal. */
static void
round_trips(void)
{
	static const char *const lit[] = { " ", "\" ", "] [", " - ", "|", "\t", " rt=", "#########" };
	uint64_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		char format[1024] = "", line[4096] = "", want[4096] = "";
		size_t nf = 1 + test_random(&seed) % 12, fn = 0, ln = 0, wn = 0;

		for (size_t k = 0; k < nf; k++) {
			const char *l = k + 1 < nf ? lit[test_random(&seed) % countof(lit)] : "";
			size_t n = test_random(&seed) % 100;
			char v[128];

			for (size_t c = 0; c < n; c++)
				v[c] = "abcdefgh0123456789./:?&=%"[test_random(&seed) % 25];
			v[n] = '\0';
			fn += (size_t)snprintf(format + fn, sizeof(format) - fn, "${f%zu}%s", k, l);
			ln += (size_t)snprintf(line + ln, sizeof(line) - ln, "%s%s", v, l);
			wn += (size_t)snprintf(want + wn, sizeof(want) - wn, "%s%s", k ? "|" : "", v);
		}
		READS(format, line, want);
	}
}

/* Any bytes, cut anywhere: no harm (this runs under the sanitizers too). */
static void
garbage(void)
{
	static const char set[] = "\"\\[]- :,./0aHTP%\x80 ";
	uint64_t seed = 4;

	CHECK(logfmt_compile(&f, STR("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" %D")));
	for (int i = 0; i < 50000; i++) {
		char line[200];
		size_t n = test_random(&seed) % sizeof(line);

		for (size_t k = 0; k < n; k++)
			line[k] = set[test_random(&seed) % (sizeof(set) - 1)];
		if (logfmt_read(&f, slack_of((struct str){ line, n }), field))
			CHECK(field[f.n - 1].n <= n);
		else
			CHECK(f.stop <= n && *f.why);
	}
	logfmt_close(&f);
}

int
main(void)
{
	cutting();
	pasting();
	round_trips();
	garbage();
	return test_end();
}
