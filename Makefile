# netglass: a TCP/IP stack you can see through. `make help` lists the targets.
#
# Every build has its own folder, so compilers and sanitizers live side by side:
#   make                             gcc -O2 in build/
#   make CC=clang BUILD=build/clang  another compiler
#   make SAN=1 BUILD=build/san       AddressSanitizer and UBSan
#   make SDL=0 BUILD=build/nosdl     the same program less the window
BUILD  ?= build
OPT    ?= -O2
SDL    ?= 1
PKGS   := libpcap lua5.4 $(if $(filter 1,$(SDL)),sdl2 SDL2_ttf SDL2_image)
WARN   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
          -Wcast-qual -Werror
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
CFLAGS  = -std=c17 -D_GNU_SOURCE -g $(OPT) $(WARN) $(SANFLAGS) -fvisibility=hidden -MMD -MP \
          -Istack -I. $(if $(filter 1,$(SDL)),-DNG_SDL) $(shell pkg-config --cflags $(PKGS))
LIBS    = $(shell pkg-config --libs $(PKGS)) -lm
comma  := ,

DIRS   := $(wildcard stack capture scenarios $(if $(filter 1,$(SDL)),viz))
SRC    := $(shell find $(DIRS) -name '*.c' | LC_ALL=C sort)
MAIN   := scenarios/cli/main.c
OBJ    := $(SRC:%.c=$(BUILD)/obj/%.o)
LIB    := $(BUILD)/libnetglass.a
TESTS  := $(shell find tests/unit -name '*_test.c' | LC_ALL=C sort)
TESTBIN:= $(TESTS:tests/unit/%.c=$(BUILD)/unit/%)

all: $(LIB) $(if $(wildcard $(MAIN)),$(BUILD)/netglass)

$(BUILD)/netglass: $(BUILD)/obj/$(MAIN:.c=.o) $(LIB)
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS)

$(LIB): $(filter-out $(BUILD)/obj/$(MAIN:.c=.o),$(OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(BUILD)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests $< -o $@ $(LIB) $(LIBS) $(shell pkg-config --libs check)

unit: $(TESTBIN)
	@for t in $(TESTBIN); do $$t || exit 1; done

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean
-include $(OBJ:.o=.d) $(TESTBIN:=.d)
