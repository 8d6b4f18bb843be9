load helper

@test "on 1,000 random series cmon-alert fires when Prometheus does, and never else" {
	command -v promtool >/dev/null || skip "promtool is not installed"
	run -0 "$ROOT/scripts/alert-oracle" 1000
	[[ $output == "1000 series, 30000 evaluations, "*" firing: no difference" ]]
}
