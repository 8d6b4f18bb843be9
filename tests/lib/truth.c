/*
 * truth.c - every row of tables of known results, at its own tolerance.
 *
 *	truth [-v] tests/data/stats/cases.tsv ...
 *
 * case | func | inputs (a=1;b=2,3) | output (its name) | expected (2,3; NA) |
 * rtol | source.  A func or output that is not known here is a failure; -v
 * prints what was compared: func, rows, worst relative error.
 */
#include "prop.h"
#include "ratio.h"
#include "seq.h"
#include "stats.h"
#include "test.h"
#include "trial.h"
#include "ttl.h"

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

static struct prop
counts(const char *x, const char *n)
{
	return (struct prop){ (uint64_t)num(x), (uint64_t)num(n) };
}

/* What is undefined is compared as NaN, so the reason is only a second voice. */
static void
reason(const char *why, double value)
{
	CHECK(!why == !isnan(value));
}

static void
do_two_prop_z(void)
{
	struct prop_test r;
	const char *why;

	why = prop_test(counts("x_c", "n_c"), counts("x_t", "n_t"), 0.05, &r);
	reason(why, r.p);
	answer("diff", r.diff);
	answer("z", r.z);
	answer("p", r.p);
	answer("wald_lo", r.wald.lo);
	answer("wald_hi", r.wald.hi);
	answer("doc_confidence", 100 * stats_norm_within(r.z));
}

static void
answer_interval(struct prop_interval ci)
{
	answer("lo", ci.lo);
	answer("hi", ci.hi);
}

static void
do_newcombe(void)
{
	answer_interval(prop_newcombe(counts("x_c", "n_c"), counts("x_t", "n_t"), 1 - num("conf")));
}

static void
do_wilson(void)
{
	answer_interval(prop_wilson(counts("x", "n"), 1 - num("conf")));
}

static void
do_clopper_pearson(void)
{
	answer_interval(prop_exact(counts("x", "n"), 1 - num("conf")));
}

static void
do_chance(void)
{
	CHECK(!strcmp(list("prior")->text, "Beta(1,1)"));
	answer("p", prop_chance(counts("x_c", "n_c"), counts("x_t", "n_t"), 1, 1));
}

static void
answer_result(const struct trial_result *r)
{
	answer("diff", r->diff);
	answer("se", r->se);
	answer("t", r->t);
	answer("z", r->t);
	answer("df", r->df);
	answer("p", r->p);
	answer("lo", r->lo);
	answer("hi", r->hi);
	answer("rel", r->rel);
	answer("rel_se", r->rel_se);
}

static struct trial_arm
mean_of(const struct input *in)
{
	struct stats_moments m = { 0 };

	for (size_t i = 0; i < in->n; i++)
		stats_add(&m, in->v[i]);
	return trial_mean(&m);
}

static void
do_welch(void)
{
	struct trial_arm c = mean_of(list("control")), t = mean_of(list("treatment"));
	struct trial_result r;
	const char *why;

	why = trial_compare(&c, &t, 1 - num("conf"), &r);
	reason(why, r.p);
	answer_result(&r);
}

static void
do_srm(void)
{
	const struct input *found = list("n");
	uint64_t n[LIST_MAX];
	struct trial_srm r;
	const char *why;

	for (size_t i = 0; i < found->n; i++)
		n[i] = (uint64_t)found->v[i];
	why = trial_srm(n, list("w")->v, found->n, &r);
	reason(why, r.p);
	answer("chisq", r.chi2);
	answer("df", r.df);
	answer("p", r.p);
}

static void
do_p_adjust(void)
{
	static const char *const names[] = {
		[TRIAL_NONE] = "none", [TRIAL_BONFERRONI] = "bonferroni", [TRIAL_HOLM] = "holm",
		[TRIAL_HOCHBERG] = "hochberg", [TRIAL_BH] = "BH", [TRIAL_BY] = "BY",
	};
	static struct trial_p tests[LIST_MAX];
	const struct input *p = list("p");
	size_t how = 0;

	while (how < countof(names) && strcmp(list("method")->text, names[how]))
		how++;
	CHECK(how < countof(names) && !strcmp(output, "adj"));
	for (size_t i = 0; i < p->n; i++)
		tests[i].p = p->v[i];
	trial_adjust(tests, p->n, (enum trial_adjust)how);
	for (size_t i = 0; i < p->n; i++)
		got[i] = tests[i].adjusted;
	n_got = p->n;
	answered = true;
}

static void
read_keys(const char *n, const char *y, struct ratio_key *keys)
{
	for (size_t i = 0; i < list(n)->n; i++)
		keys[i].now = (struct ratio_total){ list(y)->v[i], list(n)->v[i] };
}

static void
do_ratio_cluster(void)
{
	static struct ratio_key keys_c[LIST_MAX], keys_t[LIST_MAX];
	struct ratio_arm c, t;
	struct trial_result r;
	const char *why;

	read_keys("n_c", "h_c", keys_c);
	read_keys("n_t", "h_t", keys_t);
	why = ratio_arm(keys_c, list("n_c")->n, &c);
	reason(why, c.as.var);
	why = ratio_arm(keys_t, list("n_t")->n, &t);
	reason(why, t.as.var);
	why = trial_compare(&c.as, &t.as, 1 - num("conf"), &r);
	reason(why, r.p);
	answer_result(&r);
	answer("R_c", c.as.est);
	answer("R_t", t.as.est);
	answer("var_c", c.as.var);
	answer("var_t", t.as.var);
	answer("deff_c", c.deff);
	answer("deff_t", t.deff);
	answer("n_eff_keys_c", c.n_eff);
	answer("n_eff_keys_t", t.n_eff);
}

static void
do_ratio_sums(void)
{
	struct ratio_sums sc = { (uint64_t)num("k_c"), num("sy_c"), num("sx_c"), num("syy_c"),
	    num("sxx_c"), num("sxy_c") };
	struct ratio_sums st = { (uint64_t)num("k_t"), num("sy_t"), num("sx_t"), num("syy_t"),
	    num("sxx_t"), num("sxy_t") };
	struct ratio_arm c, t;
	struct trial_result r;
	const char *why;

	why = ratio_arm_sums(&sc, &c);
	reason(why, c.as.var);
	why = ratio_arm_sums(&st, &t);
	reason(why, t.as.var);
	why = trial_compare(&c.as, &t.as, 0.05, &r);
	reason(why, r.p);
	answer_result(&r);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The variance, by keys, of the share of values up to q. */
static double
share_var(const struct input *values, const struct input *key, double q)
{
	static struct ratio_key keys[LIST_MAX];
	struct ratio_arm arm;
	size_t n = 0;
	const char *why;

	memset(keys, 0, sizeof(keys));
	for (size_t i = 0; i < values->n; i++) {
		struct ratio_key *k = &keys[(size_t)key->v[i]];

		k->now.n++;
		k->now.y += values->v[i] <= q;
	}
	for (size_t i = 0; i < LIST_MAX; i++)
		if (keys[i].now.n > 0)
			keys[n++] = keys[i];
	why = ratio_arm(keys, n, &arm);
	reason(why, arm.as.var);
	return arm.as.var;
}

static struct trial_arm
quantile_of(const char *name, const char *key, struct trial_quantile *q, double *deff)
{
	static double sorted[LIST_MAX];
	const struct input *in = list(name);
	double v = num("nu");
	const char *why;

	memcpy(sorted, in->v, in->n * sizeof(*sorted));
	qsort(sorted, in->n, sizeof(*sorted), ascending);
	why = trial_quantile(sorted, in->n, v, 0.05, q);
	reason(why, q->var);
	return trial_quantile_arm(q, in->n, v, key ? share_var(in, list(key), q->q) : NAN, deff);
}

static void
do_quantile(const char *key_c, const char *key_t)
{
	struct trial_quantile qc, qt;
	struct trial_result r;
	double deff_c, deff_t;
	struct trial_arm c = quantile_of("control", key_c, &qc, &deff_c);
	struct trial_arm t = quantile_of("treatment", key_t, &qt, &deff_t);
	const char *why;

	why = trial_compare(&c, &t, 0.05, &r);
	reason(why, r.p);
	answer_result(&r);
	answer("q_c", qc.q);
	answer("q_t", qt.q);
	answer("lo_c", qc.lo);
	answer("hi_c", qc.hi);
	answer("lo_t", qt.lo);
	answer("hi_t", qt.hi);
	answer("deff_c", deff_c);
	answer("deff_t", deff_t);
}

static void
do_quantile_iid(void)
{
	do_quantile(NULL, NULL);
}

static void
do_quantile_cluster(void)
{
	do_quantile("key_c", "key_t");
}

static void
do_sample_size(void)
{
	double n = trial_units(num("p_c"), num("p_t"), num("alpha"), num("power"));

	answer("n_per_arm", n);
	answer("n_ceil", ceil(n));
}

static void
do_mde(void)
{
	double mde = trial_effect(num("se"), num("alpha"), num("power"));

	answer("mde", mde);
	answer("power_at_mde", trial_power(mde, num("se"), num("alpha")));
}

static void
do_async_cs(void)
{
	struct seq_cs cs;
	const char *why;

	why = seq_cs(num("diff"), num("se"), num("n"), num("n_star"), num("alpha"), &cs);
	reason(why, cs.p);
	answer("rho", cs.rho);
	answer("halfwidth", cs.half);
	answer("lo", cs.lo);
	answer("hi", cs.hi);
	answer("p", cs.p);
	answer("crit_z", cs.critical);
}

static void
do_msprt(void)
{
	struct seq_msprt r;
	const char *why;

	why = seq_msprt(num("diff"), num("se"), num("tau"), &r);
	reason(why, r.p);
	answer("log_lambda", r.log_lambda);
	answer("p", r.p);
}

static void
do_gs_obf(void)
{
	const struct input *t = list("t");
	double z[SEQ_LOOKS_MAX], spent[SEQ_LOOKS_MAX];

	CHECK(!seq_bounds(t->v, t->n, num("alpha"), z, spent));
	n_got = t->n;
	answered = !strcmp(output, "z") || !strcmp(output, "cum_alpha");
	memcpy(got, strcmp(output, "z") ? spent : z, t->n * sizeof(*got));
}

static void
do_ttl_opt(void)
{
	struct ttl_object o = {
		num("lambda"), num("mu"), num("miss_cost"), num("stale_cost"), num("storage_cost")
	};
	struct ttl_point best = ttl_best(&o);

	answer("ttl", best.ttl_s);
	answer("hit_ratio", best.hit_ratio);
	answer("stale_share", best.stale_share);
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
	{ "two_prop_z", do_two_prop_z },
	{ "newcombe", do_newcombe },
	{ "wilson", do_wilson },
	{ "clopper_pearson", do_clopper_pearson },
	{ "beta_chance_to_win", do_chance },
	{ "welch", do_welch },
	{ "srm", do_srm },
	{ "p_adjust", do_p_adjust },
	{ "ratio_cluster", do_ratio_cluster },
	{ "ratio_cluster_sums", do_ratio_sums },
	{ "quantile_diff_iid", do_quantile_iid },
	{ "quantile_diff_cluster", do_quantile_cluster },
	{ "sample_size_prop", do_sample_size },
	{ "mde", do_mde },
	{ "async_cs", do_async_cs },
	{ "msprt", do_msprt },
	{ "gs_obf", do_gs_obf },
	{ "ttl_opt", do_ttl_opt },
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
			fprintf(stderr, "%s %s %s: got %.17g, want %.17g: off by %.2g, "
			    "allowed %.2g\n", id, func, output, got[i], want[i], error, rtol);
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
