# netglass: a TCP/IP stack you can see through. `make help` lists the targets.
#
# Every build has its own folder, so compilers and sanitizers live side by side:
#   make                             gcc -O3 in build/
#   make CC=clang BUILD=build/clang  another compiler
#   make SAN=1 BUILD=build/san       AddressSanitizer and UBSan
#   make SDL=0 BUILD=build/nosdl     the same program less the window
#   make V=1                         with every command shown
#   make TOGETHER=1                  each file by itself, with no others of its folder
BUILD  ?= build
OPT    ?= -O3
SDL    ?= 1
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
TOGETHER ?= 10

comma  := ,
hash   := \#
window := $(filter 1,$(SDL))
PKGS   := libpcap lua5.4 $(if $(window),sdl2 SDL2_ttf libpng)
WARN   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
          -Wcast-qual -Werror
# gcc warns of conversions in the code that UBSan itself puts in; clang sees ours.
SANFLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all \
          $(if $(findstring clang,$(CC)),,-Wno-conversion)) $(if $(FUZZ),-fsanitize=fuzzer-no-link)
CFLAGS  = -std=c17 -D_GNU_SOURCE -g $(OPT) $(WARN) $(SANFLAGS) -fvisibility=hidden -MMD -MP \
          -Istack -I. $(if $(window),-DNG_SDL) $(PKG_CFLAGS)
LIBS    = -Wl,--as-needed $(PKG_LIBS) -lm

# Asked for once, and not before a recipe needs it: `make setup demo` brings pkg-config itself.
PKG_CFLAGS = $(call once,PKG_CFLAGS,pkg-config --cflags $(PKGS))
PKG_LIBS   = $(call once,PKG_LIBS,pkg-config --libs $(PKGS))
CHECK_LIBS = $(call once,CHECK_LIBS,pkg-config --libs check)
once       = $(eval $1 := $(or $(shell $2),$(error a library is missing: try `make setup`)))$($1)

# All cores, unless you say -j yourself. FIRST: whatever stands beside `setup` waits for it.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
FIRST  := $(filter setup,$(MAKECMDGOALS))
MAKEFLAGS += --no-print-directory
Q      := $(if $(V),,@)

MAIN   := scenarios/cli/main.c
DIRS   := $(wildcard stack capture scenarios $(if $(window),viz))
SRC    := $(shell find $(DIRS) -name '*.c' | LC_ALL=C sort)
LIB    := $(BUILD)/libnetglass.a
tests   = $(patsubst tests/%.c,$(BUILD)/%,$(shell find tests -path 'tests/$1.c' | LC_ALL=C sort))
UNIT   := $(filter-out $(if $(window),,$(BUILD)/unit/viz/%),$(call tests,unit/*_test))
TOOLS  := $(call tests,sim/*) $(call tests,live/*) $(call tests,bench/*)
FUZZERS:= $(if $(FUZZ),$(call tests,fuzz/*_fuzz))

# Files of a folder that get on with each other are compiled as one, in half the time. stack/tcp/a+b
# is made of stack/tcp/a.c and b.c, so an object is another one where its files are.
together = $(shell awk -v most=$(TOGETHER) -v except='$2' -f tests/together.awk $1)
files_of = $(foreach stem,$(subst +, ,$(notdir $1)),$(dir $1)$(stem).c)
# Who only installs or tidies up need not wait until that is found out.
BUILDS := $(filter-out setup help clean fmt tidy,$(or $(MAKECMDGOALS),all))
PIECES := $(if $(BUILDS),$(MAIN:.c=) $(call together,$(filter-out $(MAIN),$(SRC))))
OBJ    := $(PIECES:%=$(BUILD)/obj/%.o)
IN_EACH := add_tests main setup teardown
UNIT_PIECES := $(patsubst tests/%,%,\
                 $(if $(BUILDS),$(call together,$(UNIT:$(BUILD)/%=tests/%.c),$(IN_EACH))))

all: $(LIB) $(if $(wildcard $(MAIN)),$(BUILD)/netglass)  ## the program and its library (default)

$(BUILD)/netglass: $(BUILD)/obj/$(MAIN:.c=.o) $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $^ -o $@ $(LIBS)

$(LIB): $(filter-out $(BUILD)/obj/$(MAIN:.c=.o),$(OBJ)) $(BUILD)/pieces
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(foreach piece,$(PIECES),$(eval $(BUILD)/obj/$(piece).o: $(call files_of,$(piece))))
$(OBJ): $(BUILD)/obj/%.o: $(BUILD)/flags
	@echo "  CC    $(*D): $(subst +, ,$(*F))"
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(call files_of,$*) > $(@:.o=.c)
	$(Q)$(CC) $(CFLAGS) -c $(@:.o=.c) -o $@

# All unit tests of a build are one program, linked once and not a hundred times: the main() of a
# test has the name of its file, and all.c calls the one by whose name it was called itself. They
# leave word of all that the stack told: see tests/unit/caused.c.
UNITS    := $(BUILD)/unit/all
UNIT_OWN := $(UNITS).o $(BUILD)/unit/caused.o $(BUILD)/unit/mark.o
UNIT_OBJ := $(UNIT_PIECES:%=$(BUILD)/%.o)
$(UNITS): $(UNIT_OWN) $(UNIT_OBJ) $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $^ -Wl,--wrap=trace_emit,--wrap=_mark_point -o $@ $(LIBS) $(CHECK_LIBS)

$(UNIT): $(UNITS)
	@ln -sfr $< $@

$(foreach piece,$(UNIT_PIECES),$(eval $(BUILD)/$(piece).o: $(call files_of,tests/$(piece))))
as_unit = $(foreach name,$(IN_EACH),'$(hash)define $(name) $(subst /,_,$(1:tests/%.c=%))_$(name)') \
          '$(hash)include "unit/main.h"' '$(hash)include "$1"' $(IN_EACH:%='$(hash)undef %')
$(UNIT_OBJ): $(BUILD)/%.o: $(BUILD)/flags
	@echo "  TEST  $(*D): $(subst +, ,$(*F))"
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach f,$(call files_of,tests/$*),$(call as_unit,$f)) > $(@:.o=.c)
	$(Q)$(CC) $(CFLAGS) -Itests -c $(@:.o=.c) -o $@

$(UNIT_OWN): $(BUILD)/%.o: tests/%.c $(BUILD)/flags
	@echo "  TEST  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -Itests -DUNITS='"$(UNITS).def"' -c $< -o $@

$(UNITS).o: $(UNITS).def
$(UNITS).def: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(UNIT:$(BUILD)/%=%) | sed 's|.*|UNIT(&)|; s|/|_|g' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(TOOLS) $(FUZZERS): $(BUILD)/%: tests/%.c $(LIB) $(BUILD)/flags
	@echo "  TEST  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MF $@.d -MT $@ -Itests $(if $(FUZZ),-fsanitize=fuzzer) $< -o $@ $(LIB) \
	    $(LIBS) $(CHECK_LIBS)

# Changes when the compiler or a flag does, and then all is built anew.
$(BUILD)/flags: FORCE | $(FIRST)
	@mkdir -p $(BUILD)
	@echo '$(CC) $(CFLAGS) $(IN_EACH)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(IN_EACH)' > $@

# Changes when a file comes or goes. What is left may all be older than the library.
$(BUILD)/pieces: FORCE | $(FIRST)
	@mkdir -p $(BUILD)
	@echo '$(OBJ)' | cmp -s - $@ || echo '$(OBJ)' > $@

setup:  ## install what is missing (Debian packages; sudo only when not root)
	@SDL=$(SDL) tests/setup.sh

demo: all | $(FIRST)  ## two connections to one port: ladder, capture, and the window or a movie
	@$(BUILD)/netglass demo --out $(BUILD)/demo

unit: $(UNIT)  ## the unit tests of this build
	@tests/run --build $(BUILD) unit

tidy: | $(FIRST)  ## the rules of style: layers, lengths, names, reasons
	@tests/run --build $(BUILD) tidy

TABLE  := $(BUILD)/unit/tcp/arrival_table_test
conformance: $(TABLE) | $(FIRST)  ## what the RFCs ask for: where it is done, which test shows it
	@python3 tests/tidy/conformance.py $(TABLE)

mutants: | $(FIRST)  ## what each row of that table asks for, broken: do its tests see it? K=MUST-1
	+@$(MAKE) BUILD=$(BUILD)/mutants SDL=0 OPT='-O0 -g0' TOGETHER=1 break
break: all
	@python3 tests/tidy/mutants.py --build $(BUILD) --cc '$(CC) $(CFLAGS)' \
	    --libs '$(LIBS) $(CHECK_LIBS)' -k '$(K)'

quick: all $(UNIT) check-clang | $(FIRST)  ## build with both compilers, unit tests, tidy
	@tests/run --build $(BUILD) unit tidy

# The builds of `make check`, quick to compile. With the program's own by gcc -O3, the tests of
# determinism compare their runs byte for byte; san's runs the unit tests.
CHECKS := O0 san
check-O0:    WITH := all CC=gcc SDL=0 OPT='-O0 -g0'
check-clang: WITH := all CC=clang OPT='-O0 -g0' TOGETHER=1
check-san:   WITH := all unit-tests CC=clang OPT=-O0 SAN=1
check-O0 check-clang check-san: check-%: | $(FIRST)
	+@$(MAKE) BUILD=$(BUILD)/$* $(WITH)

check: all $(TOOLS) $(CHECKS:%=check-%) | $(FIRST)  ## all tests, with both compilers and sanitizers
	@tests/run --build $(BUILD) --unit $(BUILD)/san

san: check-san | $(FIRST)  ## the unit tests under AddressSanitizer and UBSan
	@tests/run --build $(BUILD)/san unit

bench: all $(TOOLS) | $(FIRST)  ## speed, in ratios of one run; SUITE=DIR: of its .pkt scripts
	@tests/run --build $(BUILD) --loud bench $(if $(SUITE),-k bench/suite)

soak: all $(TOOLS) $(UNIT) | $(FIRST)  ## long campaigns: bad links, swarms, all cases
	@tests/run --build $(BUILD) --loud soak

fuzz:  ## every fuzz target for FUZZ_SECONDS=60
	+@$(MAKE) BUILD=$(BUILD)/fuzz CC=clang SAN=1 FUZZ=1 OPT=-O1 fuzzers
	@tests/run --build $(BUILD)/fuzz --seconds $(FUZZ_SECONDS) fuzz

tests: $(UNIT) $(TOOLS)
unit-tests: $(UNIT)
fuzzers: $(FUZZERS)
all tests unit-tests fuzzers:
	@:

fmt:  ## lay out the C lines you changed, as STYLE and .clang-format have it
	git clang-format --extensions c,h HEAD

install: all  ## into PREFIX=/usr/local
	install -D $(BUILD)/netglass $(DESTDIR)$(PREFIX)/bin/netglass
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/netglass/scenarios scenarios/*.lua

clean:  ## remove every build
	rm -rf $(BUILD)

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' Makefile | expand -t 12

FORCE:
.PHONY: all setup demo unit tidy quick check check-O0 check-clang check-san \
        san bench soak fuzz tests unit-tests fuzzers \
        conformance mutants break fmt install clean help FORCE
-include $(OBJ:.o=.d) $(UNIT_OWN:.o=.d) $(UNIT_OBJ:.o=.d) $(TOOLS:=.d) $(FUZZERS:=.d)
