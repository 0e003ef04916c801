#!/bin/sh
# A room includes headers only of the rooms that lib/LAYERS names for it;
# each foreign header has one owner; nothing in lib/ ends the process.
rooms=$(sed 's/#.*//' lib/LAYERS | awk 'NF { print $1 }')
for room in $rooms; do
	may=" $(sed 's/#.*//' lib/LAYERS | awk -v r="$room" '$1 == r') "
	grep -n '^#include "' lib/"$room"/*.[ch] |
	    while IFS=: read -r file line text; do
		used=${text#*\"}
		used=${used%%/*}
		case $may in
		*" $used "*) ;;
		*) echo "$file:$line: $room may not include $used" ;;
		esac
	done
done
for room in lib/*/; do
	room=${room#lib/}
	echo "$rooms" | grep -qx "${room%/}" ||
	    echo "lib/$room is not in lib/LAYERS"
done
owner() {
	grep -rnE "^#include <$1" lib bin | grep -vE "^lib/$2/"
}
owner 'sqlite3\.h' store
owner 'modbus' wire
owner 'linux/can' wire
owner 'microhttpd\.h' web
owner 'jansson\.h' json
owner 'zstd\.h' '(spool|store|vault)'
owner 'sodium\.h' '(vault|web)'
owner 'curl/' wire
owner 'libwebsockets\.h' wire
owner 'cbor\.h' wire
owner 'libsocketcan\.h' wire
grep -nE '\b(exit|_exit|abort|getenv|setenv|system|popen)\(' lib/*/*.c |
    grep -vE '^lib/base/(err|mem|arg|box[a-z_]*)\.c:' |
    grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*)'
grep -nE '\b(strcpy|strcat|sprintf|gets|alloca|strtok)\(' lib/*/*.c bin/*.c \
    bin/*/*.c 2>/dev/null
exit 0
