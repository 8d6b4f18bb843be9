load helper

# A system that has nothing but what the script itself runs on, and what the
# test puts into $has.
setup() {
	has=$BATS_TEST_TMPDIR/bin
	mkdir "$has"
	for cmd in sh awk cat tr chmod rm; do
		ln -s "$(command -v $cmd)" "$has/$cmd"
	done
	fake id 'echo 0'
}

fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$has/$1"
	chmod +x "$has/$1"
}

deps() { env -i PATH="$has" ${CC:+CC="$CC"} sh "$ROOT/scripts/deps" "$@"; }

@test "deps: --check says what is missing and why, and exits 1" {
	run -1 deps --check build
	[[ $output == *"deps: build: make (make): runs the build"* ]]
	[[ $output == *"deps: build: csv.h (libcsv-dev): reads CSV logs"* ]]
}

@test "deps: what is there is not asked for, wherever it came from" {
	fake cc 'exit 0'
	fake make 'exit 0'
	run -0 deps --check build
	[ -z "$output" ]
	run -0 deps build
	[ -z "$output" ]
}

@test "deps: without apt, five systems' packages are named; no build, exit 2" {
	run -2 deps build
	for words in "apt-get install gcc make libc6-dev libcsv-dev" \
	    "dnf install gcc make" "apk add gcc make musl-dev" \
	    "pacman -S gcc make" "brew install gcc make libcsv"; do
		[[ $output == *"$words"* ]]
	done
	[[ $output == *"cannot build without cc, make, stdio.h, csv.h"* ]]
}

@test "deps: tests go on without what cannot be had" {
	run -0 deps test
	[[ $output == *"dnf install bats"* ]]
}

@test "deps: with apt, as root, installs what is missing and nothing else" {
	fake cc 'exit 0'
	fake apt-cache 'echo candidate'
	fake apt-get 'echo "$@" >>'"$BATS_TEST_TMPDIR/asked"'
		echo "exit 0" >'"$has/make"'; chmod +x '"$has/make"
	before=$(ls /usr/sbin/policy-rc.d 2>&1 || :)
	run -0 deps build
	[ "$(cat "$BATS_TEST_TMPDIR/asked")" = "-qq -o DPkg::Lock::Timeout=120\
 install -y --no-install-recommends make" ]
	[ "$(ls /usr/sbin/policy-rc.d 2>&1)" = "$before" ]
}

@test "deps: lists are fetched only when a package is not known" {
	fake cc 'exit 0'
	fake apt-cache 'exit 0'
	fake apt-get 'echo "$4" >>'"$BATS_TEST_TMPDIR/asked"'
		[ "$4" = update ] && exit
		echo "exit 0" >'"$has/make"'; chmod +x '"$has/make"
	run -0 deps build
	[ "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/asked")" = "update install " ]
}

@test "deps: an unknown purpose is refused" {
	run -2 deps
	run -2 deps everything
	run -2 deps build everything
}
