#!/bin/sh
# Files of at most 400 lines, functions of at most 60, 4 tabs, 80 columns.
find lib bin -name '*.[ch]' | sort | while read -r file; do
	awk -v file="$file" '
	/^{/ { start = NR }
	/^}/ && start { if (NR - start + 1 > 62)
		print file ":" start ": function of " NR - start + 1 " lines"
		start = 0 }
	/^\t\t\t\t\t+[^\t ]/ && !/^\t*[a-z_&"(?:].*[^{]$/ {
		print file ":" NR ": nested deeper than 4 tabs" }
	END { if (NR > 400) print file ": " NR " lines" }' "$file"
done
exit 0
