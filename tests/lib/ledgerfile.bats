load ../helper

# In memory where there is such a place: every row is synced to the disk.
setup() { dir=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "$BATS_TEST_TMPDIR")/cmon.XXXXXX"); }
teardown() { rm -r "$dir"; }

@test "ledgerfile: what is whole is read wherever the file is cut or damaged, and a failed append leaves no trace" {
	"$CMON_UNIT/ledgerfile" "$dir"
}
