# Completion for bash of billhook(1).  Commands, options and events come from
# the command itself, so that they are always those that are installed.

_billhook() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} words

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="--help --version $(billhook --help 2>/dev/null |
		    sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')"
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return
	fi
	case $command:$prev in
	help:help)
		words=$(billhook --help 2>/dev/null |
		    sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return ;;
	trigger:--api-version)
		words=$(billhook trigger --list 2>/dev/null |
		    sed -n '/^API versions:/,$s/^  //p')
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return ;;
	esac
	case $cur in
	-*)
		words=$(billhook "$command" --help 2>/dev/null |
		    sed -n 's/^  \(--[a-z-]*\) .*/\1/p')
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return ;;
	esac
	case $command:$prev in
	*:--*file|*:--cgi|sign:*|explain:*|import:*|backup:*)
		COMPREPLY=($(compgen -f -- "$cur")) ;;
	trigger:*)
		words=$(billhook trigger --list 2>/dev/null |
		    sed -n '/^lifecycles:/,/^API/s/^  \([^ ]*\).*/\1/p')
		COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
	esac
}
complete -F _billhook billhook
