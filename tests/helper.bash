# helper.bash - loaded by every .bats file.
bats_require_minimum_version 1.5.0
export LC_ALL=C TZ=UTC
PATH=${CMON_BIN:?run through make check}:$PATH
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# tsv WORDS... - one row: arguments joined by tabs.
tsv() { local IFS=$'\t'; printf '%s\n' "$*"; }

# unit NAME - the unit test of a module says what failed, or nothing.
unit() { "${CMON_UNIT:?run through make check}/$1"; }
