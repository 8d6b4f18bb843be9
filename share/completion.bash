# bash completion for the cmon programs: their options, as they say themselves.
_cmon()
{
	local cur=${COMP_WORDS[COMP_CWORD]}

	[[ $cur == -* ]] || return
	mapfile -t COMPREPLY < <(compgen -W "$("$1" --options 2>/dev/null |
	    awk -F'\t' 'NR > 1 { print "--" $2; if ($1 != "") print "-" $1 }')" -- "$cur")
}
complete -o default -F _cmon cmon-{abtest,agg,alert,cohort,job,mail,parse,prom,table}
