load helper

# The long form, 10,000 evaluations, and what it looks for: scripts/mail-crash.
@test "under power cuts and a bad mail server no alert is lost, and none is told under two ids" {
	local n=150
	[ -z "$CMON_SANITIZED" ] || n=60
	run -0 "$ROOT/scripts/mail-crash" $n
	[[ $output == *" 0 lost" ]]
}
