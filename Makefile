# libotel-auto. `make` builds, `make demo` shows a trace, `make check` tests, `make help` lists the rest.
CC      ?= cc
CFLAGS  ?= -O2 -g
LDFLAGS ?=
PREFIX  ?= /usr/local
DESTDIR ?=
# V=1 shows the commands. SAN=address,undefined (or thread) builds and tests in a folder of its own.
V       ?= 0
SAN     ?=
# WERROR= lets warnings of a newer compiler pass. BIND=lazy leaves symbols of libc to the first call.
WERROR  ?= -Werror
BIND    ?= now
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
T ?= 30
CLANG   ?= clang
PROTOC_C ?= protoc-c
PYTHON  ?= python3

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

comma := ,
BUILD := build$(if $(SAN),-san-$(subst $(comma),-,$(SAN)))
GEN   := build/gen
Q     := $(if $(filter 1,$(V)),,@)
say    = $(if $(filter 1,$(V)),,@printf '  %-6s %s\n' '$(1)' '$(2)')

again  = $(MAKE) --no-print-directory $(if $(filter 1,$(V)),,-s)

# ---- flags ---------------------------------------------------------------------------------------
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
# _FILE_OFFSET_BITS would silently rename an exported open to open64; TIME_BITS likewise.
BASE := -std=gnu11 -D_GNU_SOURCE -U_FILE_OFFSET_BITS -U_TIME_BITS -I. -I$(GEN) -MMD -MP
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(if $(findstring undefined,$(SAN)),-fno-sanitize-recover=undefined)
OBJECT := $(BASE) $(WARN) -fvisibility=hidden -fPIC -ffunction-sections -fdata-sections
CET := $(if $(findstring x86_64,$(MACHINE)),-fcf-protection=full) $(if $(findstring aarch64,$(MACHINE)),-mbranch-protection=standard)
# What lives in the host: no helper symbols of the compiler, unwindable for cancellation, static TLS. Packed: between two
# requests the host's own code takes the processor's nearest memory, and each line of ours is fetched anew.
PACKED := -fno-align-functions -fno-align-loops -fno-align-jumps -fno-align-labels
PACKED := $(shell $(CC) -Werror $(PACKED) -x c -c /dev/null -o /dev/null 2>/dev/null && echo "$(PACKED)")
HOST_FLAGS := -U_FORTIFY_SOURCE -fno-stack-protector -fexceptions -fasynchronous-unwind-tables -ftls-model=initial-exec $(PACKED) $(CET)
# A copy of libgcc's unwinder of our own is not set up: nothing of ours unwinds, but the sanitizers' code does (pthread_exit).
LINK := -shared -nostartfiles $(if $(SAN),-shared-libgcc,-static-libgcc) -Wl,--hash-style=gnu -Wl,-z,noseparate-code -Wl,--sort-section=name -Wl,-z,relro -Wl,-z,$(BIND) -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,--as-needed
# protobuf-c goes in as code where its archive can be: one library less to find, map and bind whenever a
# process has its first span to send (45 us of 90). PROTOBUF_C=-lprotobuf-c links the shared one.
PROTOBUF_C ?= $(shell $(CC) -shared -nostdlib -o /dev/null -Wl,-Bsymbolic,--whole-archive -l:libprotobuf-c.a 2>/dev/null && \
	echo -l:libprotobuf-c.a || echo -lprotobuf-c)
SDK_LIBS := $(PROTOBUF_C)

# ---- sources -------------------------------------------------------------------------------------
sources = $(sort $(wildcard $(1)))
ENV_TOOLS := env/doc.c env/print_main.c
HOST_SRC := $(filter-out preload/base/arena.c $(ENV_TOOLS),$(call sources,preload/*.c preload/base/*.c env/*.c hooks/*.c \
	hooks/*/*.c hooks/*/*.S sdk/api/*.c sdk/propagation/*.c))
# The SDK object finds the build id in memory; what reads ELF files is the launcher's tool.
SDK_SRC := $(filter-out $(addprefix sdk/elf/,build_id.c check_main.c elf_file.c program.c program_words.c) $(ENV_TOOLS),$(call sources,sdk/entry.c sdk/alloc.c \
	$(patsubst %,sdk/%/*.c,pipeline exporters transport encode model elf metrics logs config) \
	preload/base/*.c preload/metric.c env/*.c hooks/protocols/http1*.c))
ELF_SRC := $(call sources,sdk/elf/*.c preload/base/*.c)
DOC_SRC := $(filter-out env/print_main.c,$(call sources,env/*.c preload/base/*.c))
PRINT_SRC := $(filter-out env/doc.c,$(call sources,env/*.c preload/base/*.c))
PROTO := $(call sources,sdk/encode/proto/*.proto)
PB_SRC := $(PROTO:%.proto=$(GEN)/%.pb-c.c)
UNIT_SRC := $(call sources,tests/unit/*_test.c tests/unit/*/*_test.c tests/unit/*/*/*_test.c)
FUZZ_SRC := $(call sources,tests/fuzz/*_fuzz.c)
VICTIM_SRC := $(call sources,tests/victims/*.c)
PROBE_SRC := $(call sources,tests/transparency/victims/*.c)
SUPPORT_SRC := $(sort $(shell grep -ls "^int main" tests/support/*.c tests/exact/*.c))
BENCH_SRC := $(call sources,tests/bench/*.c)

objects = $(patsubst %,$(BUILD)/$(1)/%.o,$(basename $(2)))
HOST_OBJ := $(call objects,host,$(HOST_SRC))
SDK_OBJ := $(call objects,sdk,$(SDK_SRC) $(PB_SRC))
ELF_OBJ := $(call objects,sdk,$(ELF_SRC))
DOC_OBJ := $(call objects,sdk,$(DOC_SRC))
PRINT_OBJ := $(call objects,sdk,$(PRINT_SRC))
UNIT_BIN := $(UNIT_SRC:tests/%.c=$(BUILD)/%)
FUZZ_BIN := $(FUZZ_SRC:tests/%.c=$(BUILD)/%)
LIBFUZZER_BIN := $(FUZZ_SRC:tests/%.c=build/lib%)
PROGRAM_BIN := $(patsubst tests/%.c,$(BUILD)/%,$(VICTIM_SRC) $(PROBE_SRC) $(SUPPORT_SRC) $(BENCH_SRC))
EXAMPLES := $(patsubst %.c,$(BUILD)/examples/%.so,$(notdir $(call sources,sdk/examples/*.c)))
SAN_HELP := $(if $(findstring address,$(SAN)),$(BUILD)/asan_early.so) $(if $(findstring thread,$(SAN)),$(BUILD)/tsan_help.so)
PRODUCTS := $(BUILD)/libotel-auto.so $(BUILD)/libotel-auto-sdk.so $(BUILD)/otel-auto-elf $(BUILD)/otel-auto-env

# ---- targets for people --------------------------------------------------------------------------
.PHONY: all demo check check-full interop bench transparency fuzz lint fmt docs install clean help unit tests-build test-run
all: $(PRODUCTS) $(EXAMPLES) ## build libotel-auto.so, libotel-auto-sdk.so, the launcher's tools and the example of a plug-in
demo: ## install what is missing, build, then show a trace of curl -> nginx -> python
	@scripts/install-deps build run
	+$(Q)$(again) all $(BUILD)/support/fake_collector
	@BUILD=$(BUILD) scripts/demo
check: ## install what is missing, build, then run every test
	@scripts/install-deps build run test
	+$(Q)$(again) test-run
check-full: lint ## lint, check, and check again under the sanitizers
	+$(Q)$(again) check
	+$(Q)$(again) check SAN=address,undefined
	+$(Q)$(again) check SAN=thread
interop: ## against the Collector, Jaeger, Prometheus, Zipkin and OpenTelemetry for Python (got once; ROWS="grpc jaeger")
	@scripts/install-deps build run test interop
	+$(Q)$(again) tests-build
	@scripts/interop-backends
	@$(PYTHON) tests/interop/run.py --build $(BUILD) $(ROWS)
bench: ## bare, off and on: cost per call, at start-up and under load, as ratios
	@scripts/install-deps build run bench
	+$(Q)$(again) tests-build
	@BUILD=$(BUILD) tests/bench/run
transparency: ## other projects' test suites, bare and preloaded, test by test (SUITES="redis libuv" PRESET=ci BARE=1)
	@scripts/install-deps build
	+$(Q)$(again) all $(BUILD)/bench/sink
	@$(PYTHON) tests/suites/run.py --build $(BUILD) $(if $(BARE),--bare $(BARE)) $(if $(PRESET),--preset $(PRESET)) $(WITH:%=--with %) $(SUITES)
fuzz: ## fuzz every parser for T seconds each (T=60; needs clang, which is installed)
	@scripts/install-deps build test fuzz
	+$(Q)$(again) $(LIBFUZZER_BIN)
	@scripts/run-tests fuzz --seconds $(T) $(LIBFUZZER_BIN)
lint: ## floors, sizes, exports, NEEDED, banned words, tables, docs, format
	@scripts/install-deps build test lint
	+$(Q)$(again) all build/doc
	@BUILD=$(BUILD) CC="$(CC)" scripts/lint
fmt: ## format the sources in place
	@scripts/install-deps lint
	@scripts/check-format --write
docs: build/doc ## write the generated tables into README.md
	@scripts/gen-docs
install: all ## copy into $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/lib/otel-auto $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include
	install -m 644 sdk/include/otel_auto_exporter.h $(DESTDIR)$(PREFIX)/include/
	install -m 755 $(PRODUCTS) $(DESTDIR)$(PREFIX)/lib/otel-auto/
	install -m 755 scripts/otel-auto $(DESTDIR)$(PREFIX)/bin/otel-auto
clean: ## remove everything that was built
	rm -rf build build-san-*
help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# ---- the two objects and the host tools ----------------------------------------------------------
$(BUILD)/libotel-auto.so: $(HOST_OBJ) $(GEN)/host.map preload/layout.ld
	$(call say,LD,$@)
	$(Q)$(CC) $(LINK) -Wl,-soname,libotel-auto.so -Wl,--version-script=$(GEN)/host.map -Wl,--no-undefined -Wl,-T,preload/layout.ld \
		-Wl,-Bsymbolic-functions $(SANFLAGS) $(LDFLAGS) -o $@ $(HOST_OBJ)
# oa_host_* stay undefined here: libotel-auto.so provides them (scripts/check-exports allows no other).
$(BUILD)/libotel-auto-sdk.so: $(SDK_OBJ) $(GEN)/sdk.map
	$(call say,LD,$@)
	$(Q)$(CC) $(LINK) -Wl,-soname,libotel-auto-sdk.so -Wl,--version-script=$(GEN)/sdk.map $(SANFLAGS) $(LDFLAGS) \
		-o $@ $(SDK_OBJ) $(SDK_LIBS)
$(BUILD)/otel-auto-elf: $(ELF_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -Wl,--gc-sections -Wl,--as-needed $(SANFLAGS) $(LDFLAGS) -o $@ $(ELF_OBJ) -lelf
$(BUILD)/otel-auto-env: $(PRINT_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -Wl,--gc-sections $(SANFLAGS) $(LDFLAGS) -o $@ $(PRINT_OBJ)
build/doc: $(DOC_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -Wl,--gc-sections $(SANFLAGS) $(LDFLAGS) -o $@ $(DOC_OBJ)

$(GEN)/host.map $(GEN)/sdk.map: $(GEN)/%.map: scripts/gen-exports hooks/hooks.def preload/abi.h
	$(Q)mkdir -p $(@D) && scripts/gen-exports $* > $@
$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: %.proto $(PROTO)
	$(call say,PROTOC,$(GEN)/$*.pb-c.c)
	$(Q)mkdir -p $(@D) && $(PROTOC_C) --proto_path=. --c_out=$(GEN) $<
PB_H := $(PB_SRC:.c=.h)

# As a user would build it: the public header alone.
$(BUILD)/examples/%.so: sdk/examples/%.c sdk/include/otel_auto_exporter.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O2 -Wall -Wextra -Isdk/include -shared -fPIC $(LDFLAGS) -o $@ $<

define compile
$(call say,CC,$@)
$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(1) -c -o $@ $<
endef
$(BUILD)/host/%.o: %.c
	$(call compile,$(OBJECT) $(HOST_FLAGS) $(SANFLAGS))
$(BUILD)/host/%.o: %.S
	$(call compile,-I. -I$(GEN) -MMD -MP $(CET))
$(BUILD)/sdk/build/gen/%.o: $(GEN)/%.c
	$(call compile,$(OBJECT) -w $(SANFLAGS))
$(BUILD)/sdk/%.o: %.c | $(PB_H)
	$(call compile,$(OBJECT) $(SANFLAGS))

# ---- tests: one binary per file, from the file's own SOURCES, LIBS and CFLAGS lines --------------
TEST := $(BASE) $(WARN) -Wno-missing-prototypes
FUZZSAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# The thread sanitizer and Criterion's library want the same addresses: a small runner stands in.
PLAIN := $(findstring thread,$(SAN))
UNIT_FLAGS := $(if $(PLAIN),-isystem tests/support/plain -Wno-unused)
$(UNIT_BIN): $(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(if $(PLAIN),$(BUILD)/obj/tests/support/plain/runner.o)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(SANFLAGS) $(LDFLAGS) -pthread -o $@ $^ $(TEST_LIBS) $(if $(PLAIN),,-lcriterion)
$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/fuzzobj/tests/fuzz/%.o $(BUILD)/fuzzobj/tests/fuzz/replay.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(FUZZSAN) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)
$(LIBFUZZER_BIN): build/libfuzz/%: tests/fuzz/%.c
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) -O1 -g -w $(filter-out -MMD -MP,$(BASE)) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $(filter %.c,$^) $(TEST_LIBS)
# Programs under test: never instrumented, so that what they do is what users' programs do.
$(PROGRAM_BIN): $(BUILD)/%: $(BUILD)/plain/tests/%.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -pthread -o $@ $^ $(TEST_LIBS)
$(BUILD)/support/libchaos.so: tests/support/chaos.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(filter-out -MMD -MP,$(TEST)) -fPIC -shared $(LDFLAGS) -o $@ $<
$(BUILD)/obj/%.o: %.c | $(PB_H)
	$(call compile,$(TEST) $(if $(filter build/gen/%,$<),-w) $(UNIT_FLAGS) $(SANFLAGS) $(TEST_CFLAGS))
$(BUILD)/fuzzobj/%.o: %.c | $(PB_H)
	$(call compile,$(TEST) $(if $(filter build/gen/%,$<),-w) $(FUZZSAN) $(TEST_CFLAGS))
$(BUILD)/plain/%.o: %.c | $(PB_H)
	$(call compile,$(TEST) $(if $(filter build/gen/%,$<),-w) $(TEST_CFLAGS))

ifeq ($(filter clean help fmt,$(MAKECMDGOALS)),)
$(BUILD)/tests.mk: scripts/gen-tests Makefile $(wildcard tests/support/*.sources) $(UNIT_SRC) $(FUZZ_SRC) $(VICTIM_SRC) $(PROBE_SRC) $(SUPPORT_SRC) $(BENCH_SRC)
	$(Q)mkdir -p $(@D) && scripts/gen-tests $(BUILD) $(filter %.c,$^) > $@
-include $(BUILD)/tests.mk
endif

unit: $(UNIT_BIN) ## build and run the unit tests alone
	@scripts/run-tests unit $(UNIT_BIN)
$(BUILD)/asan_early.so: tests/support/asan_early.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -shared -fPIC -Wl,-z,initfirst -o $@ $<
$(BUILD)/tsan_help.so: tests/support/tsan_help.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE -shared -fPIC -Wl,-z,initfirst -o $@ $<
tests-build: all $(SAN_HELP) $(UNIT_BIN) $(FUZZ_BIN) $(PROGRAM_BIN) $(BUILD)/support/libchaos.so
test-run: tests-build
	@scripts/run-tests all --build $(BUILD) --san '$(SAN)' $(UNIT_BIN) $(FUZZ_BIN) $(VICTIM_SRC:tests/%.c=$(BUILD)/%)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
