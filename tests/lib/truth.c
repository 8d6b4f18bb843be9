/*
 * truth.c - every row of tables of known results, at its own tolerance.
 *
 *	truth [-v] tests/data/stats/cases.tsv ...
 *
 * case | func | inputs (a=1;b=2,3) | output (its name) | expected (2,3; NA) |
 * rtol | source.  A func or output that is not known here is a failure; -v
 * prints what was compared: func, rows, worst relative error.
 */
#include "stats.h"
#include "test.h"

enum {
	LINE_BYTES = 1 << 16,
	INPUTS_MAX = 16,
	LIST_MAX = 2048,		/* numbers of one input */
	FUNCS_MAX = 64,
};

struct input {
	const char *name, *text;
	double v[LIST_MAX];
	size_t n;
};

static struct input inputs[INPUTS_MAX];
static size_t n_inputs;

/* What the row asks for, and what was found. */
static const char *output;
static double got[LIST_MAX];
static size_t n_got;
static bool answered;

static struct tally {
	char func[32];
	unsigned rows;
	double worst;
} tallies[FUNCS_MAX];

static size_t
read_list(const char *text, double *v)
{
	size_t n = 0;

	for (const char *p = text; n < LIST_MAX; p++) {
		char *end;

		v[n++] = strncmp(p, "NA", 2) ? strtod(p, &end) : NAN;
		p = strchr(p, ',');
		if (!p)
			break;
	}
	return n;
}

static void
read_inputs(char *text)
{
	n_inputs = 0;
	for (char *p = text, *next; p; p = next) {
		struct input *in = &inputs[n_inputs];
		char *eq = strchr(p, '=');

		next = strchr(p, ';');
		if (next)
			*next++ = '\0';
		CHECK(eq && n_inputs < INPUTS_MAX - 1);
		if (!eq || n_inputs == INPUTS_MAX - 1)
			return;
		*eq = '\0';
		in->name = p;
		in->text = eq + 1;
		in->n = read_list(in->text, in->v);
		n_inputs++;
	}
}

static const struct input *
list(const char *name)
{
	static const struct input none = { .text = "" };
	size_t i = 0;

	while (i < n_inputs && strcmp(inputs[i].name, name))
		i++;
	if (i == n_inputs)
		fprintf(stderr, "no input %s\n", name);
	CHECK(i < n_inputs);
	return i < n_inputs ? &inputs[i] : &none;
}

static double
num(const char *name)
{
	return list(name)->v[0];
}

static void
answer(const char *name, double v)
{
	if (strcmp(name, output))
		return;
	got[0] = v;
	n_got = 1;
	answered = true;
}

static void
do_norm_cdf(void)
{
	double x = num("x");

	answer("p", stats_norm_lower(x));
	answer("q", stats_norm_upper(x));
	answer("two_sided", stats_norm_two_sided(x));
}

static void
do_norm_quantile(void)
{
	answer("x", stats_norm_quantile(num("p")));
}

static void
do_t_sf2(void)
{
	answer("p", stats_t_two_sided(num("t"), num("df")));
}

static void
do_t_quantile(void)
{
	answer("t", stats_t_quantile(num("p"), num("df")));
}

static void
do_chisq_sf(void)
{
	answer("p", stats_chi2_upper(num("x"), num("df")));
}

static void
do_gamma_tails(void)
{
	struct stats_tails t = stats_gamma(num("a"), num("x"));

	answer("lower", t.lower);
	answer("upper", t.upper);
}

static void
do_beta_cdf(void)
{
	struct stats_tails t = stats_beta(num("a"), num("b"), num("x"));

	answer("p", t.lower);
	answer("q", t.upper);
}

static void
do_beta_quantile(void)
{
	double a = num("a"), b = num("b"), p = num("p");

	answer("lower", stats_beta_lower_quantile(a, b, p));
	answer("upper", stats_beta_upper_quantile(a, b, p));
}

static const struct {
	const char *func;
	void (*run)(void);
} funcs[] = {
	{ "norm_cdf", do_norm_cdf },
	{ "norm_quantile", do_norm_quantile },
	{ "t_sf2", do_t_sf2 },
	{ "t_quantile", do_t_quantile },
	{ "chisq_sf", do_chisq_sf },
	{ "gamma_tails", do_gamma_tails },
	{ "beta_cdf", do_beta_cdf },
	{ "beta_quantile", do_beta_quantile },
};

static void
count_row(const char *func, double error)
{
	struct tally *t = tallies;

	while (t->rows && strcmp(t->func, func) && t < tallies + FUNCS_MAX - 1)
		t++;
	snprintf(t->func, sizeof(t->func), "%s", func);
	t->rows++;
	if (!(error <= t->worst))
		t->worst = error;
}

/* 0 where both are undefined; what should be 0 is compared as it is. */
static double
error_of(double value, double want)
{
	if (isnan(value) || isnan(want))
		return isnan(value) && isnan(want) ? 0 : INFINITY;
	if (value == want)
		return 0;
	return fabs(value - want) / (want != 0 ? fabs(want) : 1);
}

static void
compare(const char *id, const char *func, const char *expected, double rtol)
{
	static double want[LIST_MAX];
	size_t n = read_list(expected, want);
	double worst = n == n_got ? 0 : INFINITY;

	for (size_t i = 0; i < n && n == n_got; i++) {
		double error = error_of(got[i], want[i]);

		if (!(error <= rtol))
			fprintf(stderr, "%s %s %s: got %.17g, want %.17g: off by %.2g, allowed %.2g\n",
			    id, func, output, got[i], want[i], error, rtol);
		worst = fmax(worst, error);
	}
	CHECK(worst <= rtol);
	count_row(func, worst);
}

static void
do_row(char *line)
{
	char *field[7];
	size_t n = 0;

	for (char *p = line; p && n < countof(field); n++) {
		field[n] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	CHECK_INT(n, countof(field));
	if (n != countof(field))
		return;
	read_inputs(field[2]);
	output = field[3];
	answered = false;
	for (size_t i = 0; i < countof(funcs); i++)
		if (!strcmp(funcs[i].func, field[1]))
			funcs[i].run();
	if (!answered)
		fprintf(stderr, "%s: nothing computes %s of %s\n", field[0], output, field[1]);
	CHECK(answered);
	if (answered)
		compare(field[0], field[1], field[4], strtod(field[5], NULL));
}

static void
do_file(const char *path)
{
	static char line[LINE_BYTES];
	FILE *f = fopen(path, "r");

	CHECK(f != NULL);
	if (!f)
		return;
	CHECK(fgets(line, sizeof(line), f) && !strncmp(line, "case\tfunc\t", 10));
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		do_row(line);
	}
	CHECK(fclose(f) == 0);
}

int
main(int argc, char **argv)
{
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");

	for (int i = 1 + verbose; i < argc; i++)
		do_file(argv[i]);
	for (struct tally *t = tallies; verbose && t->rows; t++)
		printf("%s\t%u\t%.2g\n", t->func, t->rows, t->worst);
	return test_end();
}
