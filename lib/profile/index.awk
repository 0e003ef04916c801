# Puts what the profiles say of themselves into bms-profiles(7):
#	awk -f index.awk PROFILE.json ... PAGE
# A line of PAGE with @profiles@ becomes an entry for each of the profiles,
# in the order of the arguments; @count@ is their number. Members may stand
# in any layout, as long as they are at the top of the file's object.

function note(key, value) {
	if (key in wanted)
		member[n, key] = value
}

# A JSON text without its escapes, and safe in a manual page.
function plain(text) {
	gsub(/\\"/, "\"", text)
	gsub(/\\\//, "/", text)
	gsub(/\\n|\\t/, " ", text)
	gsub(/\\\\/, "\\", text)
	gsub(/\\/, "\\e", text)
	if (text ~ /^[.']/)
		text = "\\\\&" text
	return text
}

# Walk over a line; depth and an open key last from line to line.
function walk(line, token) {
	while (match(line, /"([^"\\]|\\.)*"|[][{}:,]/)) {
		token = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (token ~ /^[[{]/) {
			depth++
			key = ""
		} else if (token ~ /^[]}]/) {
			depth--
			key = ""
		} else if (token == ",") {
			key = ""
		} else if (token != ":" && depth == 1) {
			token = substr(token, 2, length(token) - 2)
			if (key == "")
				key = token
			else
				note(key, token)
		}
	}
}

function entry(i, what) {
	what = member[i, "protocol"]
	if (what == "")
		what = "?"
	printf ".It Cm %s\n", name[i]
	printf "%s: %s\n", plain(member[i, "maker"]), plain(member[i, "model"])
	printf ".Pq %s, %s\n.br\n", what, \
	    member[i, "kind"] == "" ? "battery" : member[i, "kind"]
	printf "Source: %s.\n", plain(member[i, "source"])
	if (member[i, "licence"] != "")
		printf "Licence: %s.\n", plain(member[i, "licence"])
}

BEGIN {
	split("maker model source licence kind protocol", list, " ")
	for (i in list)
		wanted[list[i]] = 1
	page = ARGV[ARGC - 1]
}
FNR == 1 && FILENAME != page {
	n++
	name[n] = FILENAME
	sub(/^.*\//, "", name[n])
	sub(/\.json$/, "", name[n])
	depth = 0
	key = ""
}
FILENAME != page { walk($0); next }
/@profiles@/ {
	for (i = 1; i <= n; i++)
		entry(i)
	next
}
{ gsub(/@count@/, n); print }
