#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include "msg.h"

#define STACK_MIN	(32 * 1024)	/* bytes, as PCRE2's own */
#define NAME_MAX_BYTES	32		/* of a group's name, as PCRE2 has it */

static void *
there(void *p)
{
	if (!p)
		die("out of memory: a regular expression");
	return p;
}

static void
compile_for_speed(struct regex *r)
{
	pcre2_match_context *context = there(pcre2_match_context_create(NULL));

	r->context = context;
	pcre2_set_match_limit(context, REGEX_STEPS_MAX);
	pcre2_set_heap_limit(context, REGEX_STACK_MAX / 1024);
	r->jit = pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0;
	if (!r->jit)		/* a system that lets nobody write code: slower */
		return;
	r->stack = there(pcre2_jit_stack_create(STACK_MIN, REGEX_STACK_MAX, NULL));
	pcre2_jit_stack_assign(context, NULL, r->stack);
}

bool
regex_open(struct regex *r, struct str pattern, unsigned flags, char *why, size_t room)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_DOLLAR_ENDONLY |
	    (flags & REGEX_NOCASE ? PCRE2_CASELESS : 0), groups = 0;
	unsigned char text[REGEX_WHY_MAX];
	PCRE2_SIZE at = 0;
	int error = 0;

	memset(r, 0, sizeof(*r));
	r->code = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n, options,
	    &error, &at, NULL);
	if (!r->code) {
		if (pcre2_get_error_message(error, text, sizeof(text)) < 0)
			text[0] = '\0';
		snprintf(why, room, "%s, at byte %zu", (const char *)text, (size_t)at + 1);
		return false;
	}
	(void)pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	r->groups = groups;
	r->data = there(pcre2_match_data_create_from_pattern(r->code, NULL));
	compile_for_speed(r);
	return true;
}

enum regex_found
regex_match(struct regex *r, struct str text)
{
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : "");
	int got;

	if (text.n > REGEX_TEXT_MAX)
		return REGEX_LIMIT;
	got = r->jit ? pcre2_jit_match(r->code, p, text.n, 0, 0, r->data, r->context) :
	    pcre2_match(r->code, p, text.n, 0, 0, r->data, r->context);
	r->text = (const char *)p;
	if (got == PCRE2_ERROR_NOMATCH)
		return REGEX_NO;
	return got < 0 ? REGEX_LIMIT : REGEX_YES;
}

struct str
regex_group(const struct regex *r, size_t i)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);

	/* \K in a look-ahead can put the beginning behind the end. */
	if (i > r->groups || at[2 * i] == PCRE2_UNSET || at[2 * i] > at[2 * i + 1])
		return (struct str){ NULL, 0 };
	return (struct str){ r->text + at[2 * i], at[2 * i + 1] - at[2 * i] };
}

size_t
regex_named(const struct regex *r, struct str name)
{
	unsigned char text[NAME_MAX_BYTES + 1];
	int i;

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return 0;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	i = pcre2_substring_number_from_name(r->code, text);
	return i > 0 ? (size_t)i : 0;
}

void
regex_close(struct regex *r)
{
	pcre2_code_free(r->code);
	pcre2_match_data_free(r->data);
	pcre2_match_context_free(r->context);
	pcre2_jit_stack_free(r->stack);
	memset(r, 0, sizeof(*r));
}
