# make            build the programs, into bin/
# make check      every test
# make asan       the same programs with sanitizers, into build/asan/bin/
# make lint       manuals, layers, shell scripts, C
# make bench      speed and memory beside the peers that are installed
# make install    to $(DESTDIR)$(PREFIX)

VERSION = 0.1.0
PREFIX  = /usr/local
CC      = cc
CFLAGS  = -O2 -g
BUILD   = build
BIN     = bin

# The libraries from outside, each for the programs that need it;
# all others need libc alone.
LIBS_cmon-parse = -lcsv
LIBS_cmon-alert = -lcrypto
LIBS_cmon-cohort = -lcrypto
LIBS_cmon-abtest = -lcrypto
LIBS_cmon-mail = -lcurl -lcrypto
LIBS_cmon-job = -lcurl
LIBS_cmon-promote = -lcrypto
LIBS_cmon-key = -lpcre2-8
LIBS_test-csv = -lcsv
LIBS_test-regex = -lpcre2-8
LIBS_test-keyrules = -lpcre2-8
LIBS_test-keys = -lpcre2-8
LIBS_test-keyfields = -lpcre2-8
LIBS_test-keyrow = -lpcre2-8
LIBS_test-replay = -lpcre2-8
LIBS_test-event = -lcsv
LIBS_test-ledger = -lcrypto
LIBS_test-due = -lcrypto
LIBS_test-notice = -lcrypto
LIBS_test-bulletin = -lcrypto
LIBS_test-mail = -lcurl -lcrypto
LIBS_test-delivery = -lcurl -lcrypto
LIBS_test-net = -lcurl
LIBS_test-sha256 = -lcrypto
LIBS_test-assign = -lcrypto
LIBS_test-experiment = -lcrypto
LIBS_test-definition = -lcrypto
LIBS_test-alerts = -lcrypto
LIBS_test-silence = -lcrypto
LIBS_test-watch = -lcrypto
LIBS_test-place = -lcrypto
LIBS_test-held = -lcrypto
LIBS_test-winners = -lcrypto
LIBS_test-placecol = -lcrypto
LIBS_test-study = -lcrypto
LIBS_test-assess = -lcrypto
LIBS_test-tell = -lcrypto
LIBS_test-outlook = -lcrypto
LIBS_test-emit = -lcrypto

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wwrite-strings -Wvla -Wpointer-arith \
       -Wcast-qual -Wconversion -Wformat=2 -Wundef $(WERROR)
ALL_CFLAGS = -std=c11 $(WARN) $(CFLAGS)
ALL_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -DVERSION='"$(VERSION)"' \
               -iquote lib -MMD -MP $(CPPFLAGS)

PROGS = $(patsubst bin/%.c,$(BIN)/%,$(wildcard bin/*.c))
UNITS = $(patsubst tests/lib/%.c,$(BUILD)/tests/%,$(wildcard tests/lib/*.c))
LIB   = $(BUILD)/libcmon.a

all: $(PROGS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(LIB): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/*.c))
	rm -f $@
	$(AR) rcs $@ $^

$(BIN)/%: $(BUILD)/obj/bin/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS_$*) -lm

$(BUILD)/tests/%: $(BUILD)/obj/tests/lib/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS_test-$*) -lm

# Makers of logs, for the bench and for big tests, and of experiments.
$(BUILD)/gen $(BUILD)/aa: $(BUILD)/%: $(BUILD)/obj/tests/%.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) -lm

units: $(UNITS) $(BUILD)/gen $(BUILD)/aa

asan:
	$(MAKE) BUILD=build/asan BIN=build/asan/bin \
	    CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' all units

check: all units
	CMON_BIN=$(abspath $(BIN)) CMON_UNIT=$(abspath $(BUILD)/tests) \
	    bats --recursive tests

lint:
	scripts/lint

bench: all
	scripts/bench

install: all
	scripts/install $(BIN) $(DESTDIR)$(PREFIX)

clean:
	rm -rf build $(PROGS)

.PHONY: all units asan check lint bench install clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
