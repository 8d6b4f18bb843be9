load ../helper

# In memory where there is such a place: every row is synced to the disk.
setup() { dir=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "$BATS_TEST_TMPDIR")/cmon.XXXXXX"); }
teardown() { rm -r "$dir"; }

@test "ledger: histories come back as they were; no truncation or damaged byte makes it forget to tell" {
	"$CMON_UNIT/ledger" "$dir"
}
