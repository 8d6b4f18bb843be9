load helper

# The long form, 10,000 evaluations, and what it looks for: scripts/mail-crash.
@test "under power cuts and a bad mail server no alert is lost, and none is told under two ids" {
	run -0 "$ROOT/scripts/mail-crash" $([ -n "$CMON_SANITIZED" ] && echo 60 || echo 150)
	[[ $output == *" 0 lost" ]]
}
