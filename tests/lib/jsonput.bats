load ../helper

@test "jsonput: each byte is what RFC 8259 has for it" { unit jsonput; }

@test "jsonput: jq reads back what was put, control characters and all" {
	local text i
	text=$(for ((i = 1; i < 128; i++)); do printf "\\x$(printf %x $i)"; done; printf 'caf\303\251\342\200\256.')
	[ "$("$CMON_UNIT/jsonput" "$text" | jq -r .)" = "$text" ]
}
