# Puts the table of measurements into the pages and schemas that show it:
#	awk -f table.awk measurement.h PAGE
# A line of PAGE with @measurements@ becomes the rows of reading(5), with
# @tags@ those of packed rows in tenant(5), with @properties@ the members of
# a JSON Schema, with @battery@ or @energy@ the names that such a reading may
# carry. Other pages pass unchanged.

FNR == NR && /^#define WORDS_/ {
	name = $2
	text = $0
	sub(/^#define [A-Z_]+ */, "", text)
	while (text ~ /\\$/ && (getline more) > 0) {
		sub(/ *\\$/, "", text)
		sub(/^[ \t]+/, "", more)
		text = text " " more
	}
	word_list[name] = text
	next
}
FNR == NR && /^M\(/ {
	row = $0
	sub(/^M\(/, "", row)
	sub(/\).*$/, "", row)
	split(row, field, /, */)
	n++
	tag[n] = field[1]
	name_of[n] = field[2]
	unit[n] = field[3]
	gsub(/"/, "", unit[n])
	decimals[n] = field[4]
	shape[n] = tolower(field[5])
	kinds[n] = tolower(field[6])
	low[n] = field[7]
	high[n] = field[8]
	next
}
FNR == NR { next }

function word_name(name) {
	if (name == "operation_mode") return "WORDS_MODE"
	if (name == "data_quality") return "WORDS_QUALITY"
	return "WORDS_SOURCE"
}
function page_row(i) {
	ranged = shape[i] == "number" || shape[i] == "list"
	# no wider than a terminal of 80
	width = low[i] == -high[i] ? "\\(+-" high[i] : low[i] " to " high[i]
	printf ".It %s Ta %s Ta %s Ta %s Ta %s Ta %s\n", name_of[i], shape[i],
	    unit[i] == "" ? "-" : unit[i], ranged ? decimals[i] : "-",
	    kinds[i], ranged ? width : "-"
}
function range(i) {
	return "\"minimum\": " low[i] ", \"maximum\": " high[i]
}
function schema_of(i) {
	if (shape[i] == "number")
		return "\"type\": \"number\", " range(i)
	if (shape[i] == "list")
		return "\"type\": \"array\", \"maxItems\": 1024, " \
		    "\"items\": { \"type\": [\"number\", \"null\"], " \
		    range(i) " }"
	if (shape[i] == "word")
		return "\"enum\": [" word_list[word_name(name_of[i])] "]"
	if (shape[i] == "flag")
		return "\"type\": \"boolean\""
	if (shape[i] == "time")
		return "\"$ref\": \"#/$defs/time\""
	if (shape[i] == "codes")
		return "\"type\": \"array\", \"items\": { \"type\": \"string\" }"
	if (shape[i] == "map")
		return "\"type\": \"object\", \"additionalProperties\": " \
		    "{ \"type\": [\"boolean\", \"number\", \"string\"] }"
	return "\"type\": \"string\""
}
function names(kind, i, line) {
	line = ""
	for (i = 1; i <= n; i++)
		if (kinds[i] == kind || kinds[i] == "both")
			line = line (line == "" ? "" : ", ") \
			    "\"" name_of[i] "\""
	return line
}
/@measurements@/ {
	for (i = 1; i <= n; i++)
		page_row(i)
	next
}
/@tags@/ {
	for (i = 1; i <= n; i++)
		printf ".It %s Ta %s Ta %s Ta %s\n", tag[i], name_of[i],
		    shape[i], decimals[i]
	next
}
/@properties@/ {
	for (i = 1; i <= n; i++)
		printf "\t\t\"%s\": { %s%s }%s\n", name_of[i],
		    unit[i] == "" ? "" : "\"description\": \"" unit[i] "\", ",
		    schema_of(i), i < n ? "," : ""
	next
}
/"@battery@"/ { sub(/"@battery@"/, names("battery")) }
/"@energy@"/ { sub(/"@energy@"/, names("energy")) }
{ print }
