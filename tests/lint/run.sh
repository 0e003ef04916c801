#!/bin/sh
# All lints; each prints what it finds, the status is 1 if any found some.
cd "$(dirname "$0")/../.." || exit 2
failed=0
cpus=$(nproc)
lint() {
	lint_name=$1
	shift
	if lint_out=$("$@" 2>&1) && [ -z "$lint_out" ]; then
		echo "ok - lint: $lint_name"
	else
		echo "not ok - lint: $lint_name"
		printf '%s\n' "$lint_out" | head -n 60
		failed=1
	fi
}

pages() {
	for page in build/man/*.[157]; do
		mandoc -Tlint -W warning "$page" | grep -v 'referenced manual'
	done
	return 0
}
shells() {
	find bin examples tests .ci \( -name '*.sh' -o -name '*.t' \
	    -o -path .ci/run \) -type f -print0 |
	    xargs -0 -P "$cpus" -n 10 shellcheck -x -s sh \
	    -e SC1091,SC2015,SC2016,SC2034,SC2317
}
formatted() {
	find lib bin tests -name '*.[ch]' -type f \
	    -exec clang-format --dry-run -Werror {} +
}
checked() {
	cppcheck --quiet --std=c11 --enable=warning,portability \
	    --inline-suppr --suppress=missingInclude \
	    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
	    --suppress=unknownMacro --error-exitcode=1 \
	    -j "$cpus" -Ilib -D_GNU_SOURCE lib bin
}

lint "manual pages (mandoc)" pages
lint "shell scripts (shellcheck)" shells
lint "format (clang-format)" formatted
lint "C (cppcheck)" checked
lint "warnings of clang" make -s CC=clang CI=1 syntax
lint "layers (lib/LAYERS)" sh tests/lint/layers.sh
lint "sizes of files and functions" sh tests/lint/sizes.sh
lint "each program has page and test" sh tests/lint/programs.sh
lint "secrets" sh tests/lint/secrets.sh
exit $failed
