# bash completion of all programs: the words are those that -h prints, so
# that there is no second list of options to forget.
_trackingbms() {
	local cur=${COMP_WORDS[COMP_CWORD]} help
	help=$("${COMP_WORDS[0]}" -h 2>/dev/null) || return
	case $cur in
	-*)
		mapfile -t COMPREPLY < <(compgen -W \
		    "$(grep -oE -- '--[a-z][a-z-]*' <<<"$help" | sort -u)" \
		    -- "$cur") ;;
	*)
		[ "$COMP_CWORD" -eq 1 ] || return
		mapfile -t COMPREPLY < <(compgen -W "$(awk '
		    { sub(/^usage:/, "") }
		    /^ ? ? ? ? ? ? ?[a-z]/ { n = split($2, word, "|")
			for (i = 1; i <= n; i++)
				if (word[i] ~ /^[a-z]+$/) print word[i] }' \
		    <<<"$help" | sort -u)" -- "$cur") ;;
	esac
}
