# Every system call of a run fails once: scripts/faults, its short form.
load helper

@test "no call that fails, and no SIGTERM, leaves a wrong result, half a file or a temporary one" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	run -0 "$ROOT/scripts/faults" short
	[[ ${lines[-1]} =~ ^faults:\ ([0-9]+)\ runs,\ 0\ wrong$ ]]
	[ "${BASH_REMATCH[1]}" -gt 150 ]
}
