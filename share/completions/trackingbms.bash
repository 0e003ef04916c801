# bash completion of all programs: the words are those that -h prints, so
# that there is no second list of options to forget.

# The subcommands that a synopsis on standard input names.
_trackingbms_words() {
	awk '{ sub(/^usage:/, "") }
	    /^ ? ? ? ? ? ? ?[a-z]/ { n = split($2, word, "|")
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^[a-z]+$/ && word[i] != "subcommand")
				print word[i] }' | sort -u
}

_trackingbms() {
	local cur=${COMP_WORDS[COMP_CWORD]} help words
	help=$("${COMP_WORDS[0]}" -h 2>/dev/null) || return
	words=$(_trackingbms_words <<<"$help")
	# behind a subcommand, and only there, its own synopsis counts
	if [ "$COMP_CWORD" -gt 1 ] &&
	    grep -qxF -e "${COMP_WORDS[1]}" <<<"$words"; then
		help=$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" -h 2>/dev/null) ||
		    return
	fi
	case $cur in
	-*)
		mapfile -t COMPREPLY < <(compgen -W \
		    "$(grep -oE -- '[][ |]--?[A-Za-z][a-z-]*' <<<"$help" |
			tr -d '][ |' | sort -u)" \
		    -- "$cur") ;;
	*)
		[ "$COMP_CWORD" -eq 1 ] || return
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	esac
}
