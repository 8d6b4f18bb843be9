# What every program owes its user, whatever it does.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# each COMMAND... - with $prog set to each program in turn.
each() {
	local path n=0
	for path in "$CMON_BIN"/cmon-*; do
		case $path in *.c) continue ;; esac
		prog=${path##*/}
		n=$((n + 1))
		"$@" || { echo "$prog: $*"; return 1; }
	done
	[ "$n" -gt 0 ]
}

# stream_readers COMMAND... - the same for those that read cmon-tsv(5).
stream_readers() {
	local want=" ${NOT_STREAM_READERS:-cmon-parse cmon-job} "
	each_reader() { case $want in *" $prog "*) return 0 ;; esac; "$@"; }
	each each_reader "$@"
}

# What a program needs before it reads anything.
args() {
	case $prog in
	cmon-mail) echo "--dry-run --from a@example.test --to b@example.test --subject x" ;;
	cmon-alert) echo "-r $ROOT/examples/rules.tsv -s state" ;;
	cmon-parse) echo "-f combined -q" ;;
	cmon-cohort) echo "-x $ROOT/tests/data/cohort/experiments.tsv --key tier" ;;
	cmon-key) echo "-r $ROOT/examples/keys.tsv --url tier" ;;
	cmon-abtest) echo "--plan --key tier" ;;
	cmon-promote) echo "--config $ROOT/examples/ttl.tsv -x $ROOT/examples/experiments.tsv --dry-run" ;;
	esac
}

help_is_quiet_success() {
	"$prog" "$1" </dev/null >h 2>e && head -n 1 h | grep -q "^usage: $prog" && ! [ -s e ]
}
bad_option_is_2() {
	local rc=0
	"$prog" "$1" </dev/null >o 2>e || rc=$?
	[ $rc -eq 2 ] && ! [ -s o ] && grep -q "^$prog: " e && grep -q "^usage: $prog" e
}
version_is_one_line() { [ "$("$prog" -V | wc -l)" -eq 1 ] && "$prog" --version | grep -q "^$prog [0-9]"; }

@test "-h and --help print the usage on stdout, 0" {
	each help_is_quiet_success -h
	each help_is_quiet_success --help
}
@test "an unknown option: reason and usage on stderr, 2" {
	each bad_option_is_2 -Z
	each bad_option_is_2 --no-such-option
}
@test "-V and --version print one line" { each version_is_one_line; }

full_disk_is_2() {
	local rc=0
	"$prog" --help >/dev/full 2>e || rc=$?
	[ $rc -eq 2 ] && grep -q "standard output: No space left" e
}
closed_stdout_is_2() {
	local rc=0
	"$prog" --help >&- 2>e || rc=$?
	[ $rc -eq 2 ] && grep -q "^$prog: standard output" e
}
gone_reader_is_sigpipe() {
	local rc=0
	(trap - PIPE; sleep 0; exec "$prog" --help) 2>e | true
	rc=${PIPESTATUS[0]}
	{ [ "$rc" -eq 141 ] || [ "$rc" -eq 0 ]; } && ! [ -s e ]
}

@test "a full disk under stdout: message, 2" { each full_disk_is_2; }
@test "a closed stdout: message, 2" { each closed_stdout_is_2; }
@test "a reader that has gone: quiet" { each gone_reader_is_sigpipe; }

missing_file_is_2() {
	local rc=0
	# shellcheck disable=SC2046
	"$prog" $(args) ./no-such-file </dev/null >o 2>e || rc=$?
	[ $rc -eq 2 ] && grep -q "^$prog: ./no-such-file: No such file" e && no_whole_stream o
}
directory_is_2() {
	local rc=0
	# shellcheck disable=SC2046
	"$prog" $(args) . </dev/null >o 2>e || rc=$?
	[ $rc -eq 2 ] && grep -q "^$prog: .: Is a directory" e && no_whole_stream o
}
# Nothing, or bytes that nobody takes for whole.
no_whole_stream() { [ ! -s "$1" ] || [ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" != '\n' ]; }

@test "a file that is not there: message, 2" { NOT_STREAM_READERS=cmon-job stream_readers missing_file_is_2; }
@test "a directory as file: message, 2" { NOT_STREAM_READERS=cmon-job stream_readers directory_is_2; }

refuses() {
	local rc=0
	# shellcheck disable=SC2046
	"$prog" $(args) <in >o 2>e || rc=$?
	[ $rc -eq 2 ] && grep -q "^$prog: $1" e && no_whole_stream o
}

@test "no input at all, not even a header: 2" {
	: >in
	stream_readers refuses 'standard input: no input'
}
@test "a stream that was cut: 2" {
	{ tsv tier time window requests; printf 'edge\t1'; } >in
	stream_readers refuses '-:2: .*cut short'
}
@test "too few and too many fields: path:line, 2" {
	{ tsv tier time window requests; tsv edge 1 60; } >in
	stream_readers refuses '-:2: 3 fields under a header of 4'
	{ tsv tier time window requests; tsv edge 1 60 5 6; } >in
	stream_readers refuses '-:2: 5 fields under a header of 4'
}
@test "a time that is no number: path:line, 2" {
	{ tsv tier time window requests; tsv edge yesterday 60 5; } >in
	stream_readers refuses '-:2: column "time": not a number: "yesterday"'
}
@test "a line over the limit: path:line, 2" {
	{ tsv tier time window requests; head -c 1100000 /dev/zero | tr '\0' x; echo; tsv edge 1 60 5; } >in
	stream_readers refuses '-:3: .*over 1048576 bytes'
}
@test "every control byte in an error message is scrubbed" {
	{ tsv tier time window requests; printf 'edge\t\033[31mx\a\t60\t5\n'; } >in
	scrubbed() { refuses '-:2: column "time"' && ! LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n' <e); }
	stream_readers scrubbed
}
