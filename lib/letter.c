#include "letter.h"

#include "num.h"
#include "str.h"
#include "when.h"

#define FONT	"font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
#define CELL	"padding:3px 10px 3px 0;vertical-align:top;"
#define ONE_LINE "white-space:nowrap;"

/* More than any one call adds: the largest is a row of cells that are all quotes. */
#define ROOM	(128 * 1024)
#define NARROW	30	/* characters of a column that is not broken */

static const char *const colour[] = { "#b3261e", "#a15c00", "#0b57d0", "#1e7d34", "#5f6368" };

void
letter_free(struct letter *l)
{
	buf_free(&l->text);
	buf_free(&l->html);
}

/*
 * Characters.
 */

/*
 * The next character of a field as it may be shown; *s moves past it.  A raw
 * control is in no field of a stream: it stays, and mime.h refuses the mail.
 */
static struct str
next(struct str *s)
{
	struct str c;

	return str_cut_shown(s, &c) || (unsigned char)*c.p < 0x80 ? c : STR_REPLACED;
}

/* The same, with \n \t \\ as what they mean. */
static struct str
next_of_lines(struct str *s)
{
	static const struct {
		struct str escape, means;
	} known[] = { { { "\\n", 2 }, { "\n", 1 } }, { { "\\t", 2 }, { " ", 1 } },
	    { { "\\\\", 2 }, { "\\", 1 } } };

	for (size_t i = 0; i < countof(known); i++)
		if (str_starts(*s, known[i].escape)) {
			*s = str_from(*s, 2);
			return known[i].means;
		}
	return next(s);
}

static void
put_html_char(struct buf *b, struct str c)
{
	switch (*c.p) {
	case '&':  buf_add(b, STR("&amp;")); break;
	case '<':  buf_add(b, STR("&lt;")); break;
	case '>':  buf_add(b, STR("&gt;")); break;
	case '"':  buf_add(b, STR("&quot;")); break;
	case '\'': buf_add(b, STR("&#39;")); break;
	case '\n': buf_add(b, STR("<br>\n")); break;
	default:   buf_add(b, c);
	}
}

/* What is shown of s; *dots stand behind it. */
static struct str
shown(struct str s, struct str *dots)
{
	*dots = s.n > LETTER_TEXT_MAX ? STR("...") : STR("");
	return str_head(s, LETTER_TEXT_MAX);
}

static void
put_html(struct letter *l, struct str s)
{
	struct str dots;

	for (s = shown(s, &dots); s.n;)
		put_html_char(&l->html, next(&s));
	buf_add(&l->html, dots);
}

static void
put_text(struct letter *l, struct str s)
{
	struct str dots;

	for (s = shown(s, &dots); s.n;)
		buf_add(&l->text, next(&s));
	buf_add(&l->text, dots);
}

/* Lines into both forms; in the text, those after the first are indented. */
static void
put_lines(struct letter *l, struct str s, size_t indent)
{
	struct str dots;

	for (s = shown(s, &dots); s.n;) {
		struct str c = next_of_lines(&s);

		put_html_char(&l->html, c);
		buf_add(&l->text, c);
		for (size_t i = 0; *c.p == '\n' && i < indent; i++)
			buf_byte(&l->text, ' ');
	}
	buf_add(&l->html, dots);
	buf_add(&l->text, dots);
}

static void
html(struct letter *l, const char *s)
{
	buf_add(&l->html, str_of(s));
}

static void
text(struct letter *l, const char *s)
{
	buf_add(&l->text, str_of(s));
}

static void
end_facts(struct letter *l)
{
	if (!l->facts)
		return;
	l->facts = false;
	html(l, "</table>\n");
	text(l, "\n");
}

static bool
past(const struct letter *l)
{
	return l->html.n > LETTER_MAX || l->text.n > LETTER_MAX;
}

static bool
full(struct letter *l)
{
	if (!l->full && past(l)) {
		l->full = true;
		end_facts(l);
		html(l, "<p><b>There is more, which a mail has no room for.</b></p>\n");
		text(l, "There is more, which a mail has no room for.\n\n");
	}
	return l->full;
}

/*
 * The parts of a letter.
 */

void
letter_open(struct letter *l, struct str title)
{
	*l = (struct letter){ .facts = false };
	buf_init(&l->text, LETTER_MAX + ROOM);
	buf_init(&l->html, LETTER_MAX + ROOM);
	html(l, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	put_html(l, title);
	html(l, "</title></head>\n<body style=\"margin:0;padding:16px;background:#ffffff;color:#202124;"
	    FONT "font-size:15px;line-height:1.45;word-break:break-word;overflow-wrap:anywhere\">\n"
	    "<div style=\"max-width:760px\">\n");
}

void
letter_close(struct letter *l)
{
	if (!full(l))
		end_facts(l);
	html(l, "</div>\n</body></html>\n");
}

void
letter_heading(struct letter *l, struct str s)
{
	if (full(l))
		return;
	end_facts(l);
	html(l, "<h2 style=\"font-size:16px;margin:24px 0 6px;padding-top:12px;"
	    "border-top:1px solid #dadce0\">");
	put_html(l, s);
	html(l, "</h2>\n");
	put_text(l, s);
	text(l, "\n\n");
}

void
letter_para(struct letter *l, struct str s)
{
	if (full(l))
		return;
	end_facts(l);
	html(l, "<p style=\"margin:6px 0\">");
	put_lines(l, s, 0);
	html(l, "</p>\n");
	text(l, "\n\n");
}

void
letter_small(struct letter *l, struct str s)
{
	if (!full(l))
		end_facts(l);
	html(l, "<p style=\"margin:24px 0 0;font-size:12px;color:#5f6368\">");
	put_html(l, s);
	html(l, "</p>\n");
	text(l, "-- \n");
	put_text(l, s);
	text(l, "\n");
}

void
letter_badge(struct letter *l, enum letter_colour c, struct str word, struct str s)
{
	if (full(l))
		return;
	end_facts(l);
	buf_printf(&l->html, "<div style=\"margin:20px 0 6px;padding:8px 12px;border-left:6px solid %s;"
	    "background:#f6f7f8\"><span style=\"background:%s;color:#ffffff;font-weight:bold;"
	    "font-size:12px;padding:2px 8px;border-radius:3px\">", colour[c], colour[c]);
	put_html(l, word);
	html(l, "</span> &nbsp;<b style=\"font-size:16px\">");
	put_html(l, s);
	html(l, "</b></div>\n");
	text(l, "[");
	put_text(l, word);
	text(l, "] ");
	put_text(l, s);
	text(l, "\n\n");
}

void
letter_fact(struct letter *l, struct str name, struct str value)
{
	if (value.n == 0 || full(l))
		return;
	if (!l->facts)
		html(l, "<table cellspacing=\"0\" cellpadding=\"0\" style=\"border-collapse:collapse\">\n");
	l->facts = true;
	html(l, "<tr><td style=\"" CELL ONE_LINE "color:#5f6368\">");
	put_html(l, name);
	html(l, "</td><td style=\"" CELL "\">");
	put_html(l, value);
	html(l, "</td></tr>\n");
	text(l, "  ");
	put_text(l, name);
	for (size_t i = name.n; i < 14 || i < name.n + 2; i++)
		text(l, " ");
	put_text(l, value);
	text(l, "\n");
}

static void
list_head(struct letter *l, struct str heading)
{
	end_facts(l);
	html(l, "<p style=\"margin:10px 0 0\"><b>");
	put_html(l, heading);
	html(l, "</b></p>\n");
	put_text(l, heading);
	text(l, "\n");
}

void
letter_list(struct letter *l, struct str heading, struct str s, char sep)
{
	struct str dots;

	if (str_trim(s).n == 0 || full(l))
		return;
	s = shown(s, &dots);
	list_head(l, heading);
	html(l, "<ul style=\"margin:2px 0 6px;padding-left:22px\">\n");
	for (struct str piece; str_cut(&s, sep, &piece);) {
		piece = str_trim(piece);
		if (piece.n == 0)
			continue;
		html(l, "<li>");
		text(l, "  - ");
		put_lines(l, piece, 4);
		html(l, "</li>\n");
		text(l, "\n");
	}
	if (dots.n) {
		html(l, "<li>...</li>\n");
		text(l, "  - ...\n");
	}
	html(l, "</ul>\n");
	text(l, "\n");
}

bool
letter_is_address(struct str s)
{
	if (!str_starts(s, STR("https://")) && !str_starts(s, STR("http://")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == '\\' || (unsigned char)s.p[i] > 0x7e)
			return false;
	return true;
}

void
letter_link(struct letter *l, struct str heading, struct str s)
{
	bool link = s.n <= LETTER_TEXT_MAX && letter_is_address(s);

	if (str_trim(s).n == 0 || full(l))
		return;
	list_head(l, heading);
	html(l, "<p style=\"margin:2px 0 6px\">");
	if (link) {
		html(l, "<a href=\"");
		put_html(l, s);
		html(l, "\">");
	}
	text(l, "  ");
	put_lines(l, s, 2);
	html(l, link ? "</a></p>\n" : "</p>\n");
	text(l, "\n\n");
}

void
letter_time(struct buf *b, int64_t us)
{
	struct when_civil c;

	when_civil(us, &c);
	buf_printf(b, "%04d-%02d-%02d %02d:%02d:%02d UTC", c.y, c.m, c.d, c.hh, c.mm, c.ss);
}

void
letter_line(struct buf *b, struct str s)
{
	while (s.n)
		buf_add(b, next(&s));
}

/*
 * Tables.
 */

static size_t
characters(struct str s)
{
	size_t n = 0;

	for (s = str_head(s, LETTER_CELL_MAX); s.n; n++)
		next(&s);
	return n;
}

struct column {
	size_t width;
	bool number;
};

static void
measure(struct column *col, const struct str *cell, size_t rows, size_t cols)
{
	for (size_t c = 0; c < cols; c++)
		col[c] = (struct column){ 0, rows > 1 };
	for (size_t i = 0; i < rows * cols; i++) {
		struct column *k = &col[i % cols];
		size_t n = characters(cell[i]);
		double ignored;

		if (n > k->width)
			k->width = n < LETTER_PAD_MAX ? n : LETTER_PAD_MAX;
		if (i >= cols && cell[i].n && !num_double(cell[i], &ignored))
			k->number = false;
	}
}

static void
pad(struct letter *l, struct str s, size_t width)
{
	for (size_t n = characters(s); n < width; n++)
		text(l, " ");
}

static void
text_row(struct letter *l, const struct column *col, const struct str *cell, size_t cols)
{
	text(l, "  ");
	for (size_t c = 0; c < cols; c++) {
		bool last = c + 1 == cols;

		if (col[c].number)
			pad(l, cell[c], col[c].width);
		put_text(l, str_head(cell[c], LETTER_CELL_MAX));
		if (!col[c].number && !last)
			pad(l, cell[c], col[c].width);
		text(l, last ? "\n" : "  ");
	}
}

static void
html_row(struct letter *l, const struct column *col, const struct str *cell, size_t cols, bool head)
{
	html(l, "<tr>");
	for (size_t c = 0; c < cols; c++) {
		buf_printf(&l->html, "<%s style=\"" CELL "%s%s;text-align:%s\">", head ? "th" : "td",
		    col[c].width <= NARROW ? ONE_LINE : "",
		    head ? "color:#5f6368;font-weight:normal" : "border-top:1px solid #eceff1",
		    col[c].number ? "right" : "left");
		put_html(l, str_head(cell[c], LETTER_CELL_MAX));
		html(l, head ? "</th>" : "</td>");
	}
	html(l, "</tr>\n");
}

void
letter_table(struct letter *l, const struct str *cell, size_t rows, size_t cols)
{
	struct column col[LETTER_COLS];

	if (rows == 0 || cols == 0 || cols > LETTER_COLS || full(l))
		return;
	end_facts(l);
	measure(col, cell, rows, cols);
	/* What is wider than a telephone is moved under the thumb. */
	html(l, "<div style=\"overflow-x:auto\">\n"
	    "<table cellspacing=\"0\" cellpadding=\"0\" style=\"border-collapse:collapse;"
	    "font-size:13px;margin:4px 0 8px\">\n");
	for (size_t r = 0; r < rows && !past(l); r++) {
		text_row(l, col, cell + r * cols, cols);
		html_row(l, col, cell + r * cols, cols, r == 0);
	}
	html(l, "</table>\n</div>\n");
	text(l, "\n");
}
