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

# The words that a subcommand's synopsis has in the place of its first
# argument ("key create | pair"), or of its last ("[active|trial]").
_trackingbms_more() {
	awk -v word="$1" -v at="$COMP_CWORD" '{ sub(/^usage:/, "") }
	    at == 2 && $2 == word { for (i = 3; $i ~ /^([a-z]+|[|])$/; i++)
		if ($i != "|") print $i }
	    match($0, /\[[a-z]+([|][a-z]+)+\]$/) {
		list = substr($0, RSTART + 1, RLENGTH - 2)
		gsub(/[|]/, "\n", list); print list }' | sort -u
}

# The tenants that there are, below --root or where they usually are. Any other
# name could hold what compgen would run.
_trackingbms_tenants() {
	local root=${TBMS_ROOT:-/var/lib/trackingbms} i folder
	for ((i = 1; i + 1 < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != --root ] || root=${COMP_WORDS[i + 1]}
	done
	for folder in "$root"/tenants/*/; do
		[ ! -d "$folder" ] || basename "$folder"
	done | grep -x '[a-z0-9][a-z0-9-]*'
}

_trackingbms() {
	local cur=${COMP_WORDS[COMP_CWORD]} help words sub=
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-t | --tenant)
		mapfile -t COMPREPLY < \
		    <(compgen -W "$(_trackingbms_tenants)" -- "$cur")
		return ;;
	esac
	help=$("${COMP_WORDS[0]}" -h 2>/dev/null) || return
	words=$(_trackingbms_words <<<"$help")
	# behind a subcommand, and only there, its own synopsis counts
	if [ "$COMP_CWORD" -gt 1 ] &&
	    grep -qxF -e "${COMP_WORDS[1]}" <<<"$words"; then
		sub=${COMP_WORDS[1]}
		help=$("${COMP_WORDS[0]}" "$sub" -h 2>/dev/null) || return
	fi
	case $cur in
	-*)
		mapfile -t COMPREPLY < <(compgen -W \
		    "$(grep -oE -- '[][ |]--?[A-Za-z][a-z-]*' <<<"$help" |
			tr -d '][ |' | sort -u)" \
		    -- "$cur") ;;
	*)
		[ -z "$sub" ] || words=$(_trackingbms_more "$sub" <<<"$help")
		[ "$COMP_CWORD" -eq 1 ] || [ -n "$sub" ] || return
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	esac
}
