# Build by discovery: a program is bin/NAME.c, bin/NAME.sh or a folder
# bin/NAME/ with main.c; a room is a folder of lib/. Nothing is listed here.
include config.mk

SAN ?= 0
CPUS = $(shell nproc)
B := build$(if $(filter 1,$(SAN)),/san)
MODULES := sqlite3 jansson libsodium libzstd libmicrohttpd libseccomp \
	libcurl libwebsockets libcbor libsocketcan
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings $(if $(CI),-Werror)
HARDEN := -fstack-protector-strong -fPIE \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection \
	-fstack-clash-protection)
ifeq ($(SAN),1)
OPT := -O1 -g -fno-omit-frame-pointer
HARDEN += -fsanitize=address,undefined -fno-sanitize-recover=undefined
else
HARDEN += -D_FORTIFY_SOURCE=2
endif
comma := ,
PKG_CFLAGS := $(shell pkg-config --cflags $(MODULES) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(MODULES) 2>/dev/null) -lm
CFLAGS_ALL := -std=c17 -D_GNU_SOURCE -Ilib -DTBMS_VERSION='"$(VERSION)"' \
	-DTBMS_SHARE='"$(PREFIX)/share/trackingbms"' $(OPT) $(WARN) $(HARDEN) \
	$(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed \
	$(filter -fsanitize%,$(HARDEN)) $(LTO) $(LDFLAGS)

# The filter through which every line goes is linked with inlining across
# files. Objects of the rooms that it is made of have both forms, so that
# nothing else pays for it; other compilers than GCC go without.
ifneq ($(SAN),1)
ifneq ($(findstring Free Software,$(shell $(CC) --version)),)
FAT := -flto=auto -ffat-lto-objects
endif
endif
$B/lib/base/%.o $B/lib/json/%.o $B/lib/record/%.o $B/lib/profile/%.o \
    $B/bin-o/bms-normalize.o: CFLAGS_ALL += $(FAT)
# without this the linker would do it for every program
LTO := $(if $(FAT),-fno-lto)
$B/bin/bms-normalize: LTO := $(if $(FAT),$(FAT) -flto-partition=one $(OPT) \
	$(HARDEN))

# One word a step; V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo '$(1)')

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$B/%.o)
LIBRARY := $B/libtrackingbms.a
PROG_FILE := $(patsubst bin/%.c,%,$(wildcard bin/*.c))
PROG_DIR := $(patsubst bin/%/main.c,%,$(wildcard bin/*/main.c))
PROG_SH := $(patsubst bin/%.sh,%,$(wildcard bin/*.sh))
PROGRAMS := $(PROG_FILE) $(PROG_DIR) $(PROG_SH)
UNIT := $(patsubst tests/unit/%.c,$B/unit/%,$(wildcard tests/unit/*.c))
COMPLETIONS := $(PREFIX)/share/bash-completion/completions
PAGES := $(wildcard man/*.[157])
MADE := $(PAGES:%=$B/%) $(patsubst %.in,$B/%,$(wildcard share/schema/json/*.in))
TABLE := lib/record/table.awk lib/record/measurement.h

# bms_data for other programs with SQLite, made of the rooms that it needs.
EXTENSION := $B/lib/trackingbms.so
PIC_OBJ := $(patsubst %.c,$B/pic/%.o,$(wildcard lib/base/*.c lib/json/*.c \
	lib/record/*.c lib/store/*.c))

all: need $(MADE) $(LIBRARY) $(PROGRAMS:%=$B/bin/%) $(EXTENSION)

need:
	@sh tests/need.sh check build

$B/bin/%: $B/bin-o/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,LINK $@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(LIBRARY) $(PKG_LIBS)

$(PROG_SH:%=$B/bin/%): $B/bin/%: bin/%.sh
	@mkdir -p $(@D)
	install -m 755 $< $@

define PROG_DIR_RULE
$B/bin/$(1): $$(patsubst bin/%.c,$B/bin-o/%.o,$$(wildcard bin/$(1)/*.c)) \
    $$(LIBRARY)
	@mkdir -p $$(@D)
	$$(call say,LINK $$@)
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$(filter %.o,$$^) $$(LIBRARY) $$(PKG_LIBS)
endef
$(foreach p,$(PROG_DIR),$(eval $(call PROG_DIR_RULE,$(p))))

$(LIBRARY): $(LIB_OBJ)
	@rm -f $@
	$(call say,AR $@)
	$(Q)ar rcs $@ $^

# The newest schema that a program knows is the number of its files.
$B/lib/store/schema.o: share/schema/tenant share/schema/core share/schema/access
$B/lib/store/schema.o $B/pic/lib/store/schema.o syntax: CFLAGS_ALL += \
	-DSCHEMA_TENANT=$(words $(wildcard share/schema/tenant/*.sql)) \
	-DSCHEMA_CORE=$(words $(wildcard share/schema/core/*.sql)) \
	-DSCHEMA_ACCESS=$(words $(wildcard share/schema/access/*.sql))

$B/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$B/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) $(CFLAGS_ALL) -fPIC -fvisibility=hidden \
		$(if $(findstring /store/,$@),-include lib/store/extension.h) \
		-MMD -MP -c -o $@ $<

$B/pic/libtrackingbms.a: $(PIC_OBJ)
	@rm -f $@
	$(call say,AR $@)
	$(Q)ar rcs $@ $^

# No -lsqlite3: that of who loads it is used.
$(EXTENSION): $B/pic/lib/store/extension.o $B/pic/libtrackingbms.a
	@mkdir -p $(@D)
	$(call say,LINK $@)
	$(Q)$(CC) -shared $(filter-out -pie,$(LDFLAGS_ALL)) \
		$(if $(filter 1,$(SAN)),,-Wl$(comma)-z$(comma)defs) -o $@ $^ \
		$(filter-out -lsqlite3,$(PKG_LIBS))

$B/bin-o/%.o: bin/%.c
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Pages and schemas that show the table of measurements take it from there.
$B/man/%: man/% $(TABLE)
	@mkdir -p $(@D)
	@awk -f $(TABLE) $< > $@

# The page of all profiles is made from the profiles.
PROFILES := $(sort $(wildcard share/profiles/*.json))
$B/man/bms-profiles.7: man/bms-profiles.7 lib/profile/index.awk $(PROFILES)
	@mkdir -p $(@D)
	@awk -f lib/profile/index.awk $(PROFILES) $< > $@

$B/share/%: share/%.in $(TABLE)
	@mkdir -p $(@D)
	@awk -f $(TABLE) $< > $@

$B/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -o $@ $< $(LDFLAGS_ALL) $(LIBRARY) \
		$(PKG_LIBS) -lcmocka

units: $(UNIT)

# The phases in turn, each with all processors.
check:
	@sh tests/need.sh check build check
	$(MAKE) -j$(CPUS) CI=1 all units
	sh tests/run.sh build
	sh tests/lint/run.sh
	$(MAKE) -j$(CPUS) CI=1 SAN=1 all units
	sh tests/run.sh build/san

# Warnings of the other compiler, without its objects: make CC=clang syntax
syntax:
	$(Q)printf '%s\n' $(LIB_SRC) $(wildcard bin/*.c bin/*/*.c \
	  tests/unit/*.c) | \
	  xargs -P $(CPUS) -n 8 $(CC) $(CFLAGS_ALL) -fsyntax-only

lint:
	sh tests/lint/run.sh

fuzz:
	sh tests/fuzz/run.sh

bench: all
	sh tests/bench/run.sh $B

# Each program killed 200 times, 30 power cuts, ten minutes of everything at
# once; and an hour of what "bench" does for a minute, a fleet with dead devices.
soak: all
	TBMS_KILLS=$${TBMS_KILLS:-200} TBMS_CUTS=$${TBMS_CUTS:-30} \
	    TBMS_SECONDS=$${TBMS_SECONDS:-600} \
	    sh tests/run.sh $B durable durable-power concurrency
	BENCH_POLL_SECONDS=$${SOAK_SECONDS:-3600} python3 tests/bench/poll.py $B

demo: all
	sh examples/demo-run.sh $B

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/trackingbms
	install -m 755 $(PROGRAMS:%=$B/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/lib/trackingbms
	install -m 644 $(EXTENSION) $(DESTDIR)$(PREFIX)/lib/trackingbms
	cp -R share/. $B/share/. $(DESTDIR)$(PREFIX)/share/trackingbms
	rm -f $(DESTDIR)$(PREFIX)/share/trackingbms/schema/json/*.in
	for p in $(PAGES); do \
	  d=$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}; install -d $$d && \
	  install -m 644 $B/$$p $$d || exit 1; done

	install -d $(DESTDIR)$(COMPLETIONS)
	{ cat share/completions/trackingbms.bash; \
	  echo 'complete -o default -F _trackingbms $(PROGRAMS)'; } \
	  > $(DESTDIR)$(COMPLETIONS)/trackingbms
	for p in $(PROGRAMS); do \
	  ln -sf trackingbms $(DESTDIR)$(COMPLETIONS)/$$p || exit 1; done

clean:
	rm -rf build

.PHONY: all need units check syntax lint fuzz bench soak demo install clean
.SECONDARY:
-include $(LIB_OBJ:.o=.d) $(PIC_OBJ:.o=.d) $(wildcard $B/bin-o/*.d $B/bin-o/*/*.d $B/unit/*.d)
