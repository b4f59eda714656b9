# Rubric: lead-scoring rules as text.  `make help` lists the verbs.

# ---- settings ---------------------------------------------------------------------------------------------------------------
MODE    ?= release
PREFIX  ?= /usr/local
CC      ?= gcc
CXX     ?= g++
V       ?= 0
B       := build
O       := $(B)/obj-$(MODE)
GEN     := $(B)/gen

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wswitch
CFLAGS  ?= -O2 -g
MODE_release :=
MODE_debug   := -O0 -fno-omit-frame-pointer
MODE_asan    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DRUBRIC_SCALAR
MODE_tsan    := -O1 -fno-omit-frame-pointer -fsanitize=thread -DRUBRIC_SCALAR
MODE_coverage := -O0 --coverage
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE $(CFLAGS) $(MODE_$(MODE)) $(WARN) -I. -I$(GEN) -MMD -MP -pthread
LIBS    := -lcadical -Wl,-Bstatic -lstdc++ -Wl,-Bdynamic -lutf8proc -lcjson -lz -lzstd -lm -lpthread
Q       := $(if $(filter 1,$(V)),,@)
PROGRAM := $(if $(filter release,$(MODE)),$(B)/rubric,$(B)/rubric-$(MODE))

# ---- sources ------------------------------------------------------------------------------------------------------------------
MODULES  := $(sort $(wildcard stdlib/std/*.rubric stdlib/std/*/*.rubric))
GRAMMAR  := $(wildcard grammar/*.c)
COMPILER := $(wildcard compiler/*.c compiler/conflicts/*.c)
VM       := $(wildcard vm/*.c vm/input/*.c vm/output/*.c)
STDLIB   := $(wildcard stdlib/*.c)
CLI      := $(wildcard cli/*.c)
CADICAL  := $(wildcard compiler/conflicts/*.cpp)
GENERATED := $(GEN)/lexer.c $(GEN)/parser.c $(GEN)/modules.c
object   = $(patsubst %.c,$(O)/%.o,$(1))
LIB_OBJECTS := $(call object,$(GRAMMAR) $(COMPILER) $(VM) $(STDLIB)) $(patsubst $(GEN)/%.c,$(O)/gen/%.o,$(GENERATED))
VM_OBJECTS  := $(call object,$(VM))
LIBRARY  := $(O)/librubric.a

.PHONY: all help demo test check deps deps-test install clean accept unit golden manual messages tables layers stdlib-tests conflicts-doc claims agree conformance bench bench-vm
all: $(PROGRAM)   #> build the program: build/rubric

help:             #> this list
	@sed -n 's/^\([a-z][a-z_-]*\):.*#> \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

# ---- generated ------------------------------------------------------------------------------------------------------------------
$(GEN)/parser.c $(GEN)/parser.h &: grammar/parser.y
	@mkdir -p $(GEN)
	$(Q)bison -Wall -Werror=conflicts-sr -Werror=conflicts-rr -d -o $(GEN)/parser.c grammar/parser.y
$(GEN)/lexer.c: grammar/lexer.l
	@mkdir -p $(GEN)
	$(Q)flex -o $@ grammar/lexer.l
$(GEN)/modules.c: $(MODULES) stdlib/modules.sh
	@mkdir -p $(GEN)
	$(Q)sh stdlib/modules.sh $(MODULES) > $@.new && mv $@.new $@

# ---- objects, library, program ---------------------------------------------------------------------------------------------------
$(O)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -Wpedantic -Wconversion -Wmissing-prototypes -Wshadow,$(ALL_CFLAGS)) -Wno-overlength-strings -c $< -o $@
$(O)/%.o: %.c | $(GEN)/parser.h
	@mkdir -p $(@D)
	$(if $(filter 1,$(V)),,@echo "  cc $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(CFLAGS_$(subst /,_,$*)) -c $< -o $@
$(LIBRARY): $(LIB_OBJECTS)
	$(Q)rm -f $@ && ar rcs $@ $^
$(PROGRAM): $(call object,$(CLI)) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LINK_EXTRA) $(LIBS)
CFLAGS_vm_kernels := -O3
CFLAGS_vm_points := -O3

-include $(shell find $(B) -name '*.d' 2>/dev/null)

deps:             #> install what the build needs (Debian, Ubuntu)
	@sh .ci/deps
deps-test:
	@sh .ci/deps tests

clean:            #> remove everything that was built
	rm -rf $(B)

# ---- the demonstration --------------------------------------------------------------------------------------------------------------
demo: deps        #> install what is missing, build, score the example and explain one lead
	@$(MAKE) --no-print-directory $(PROGRAM)
	@echo; echo '$$ rubric score b2b.rubric leads.ndjson --as-of 2026-11-22 --format table'
	@cd examples/01-b2b && ../../$(PROGRAM) score b2b.rubric leads.ndjson --as-of 2026-11-22 --format table
	@echo; echo '$$ rubric explain b2b.rubric leads.ndjson --as-of 2026-11-22 --lead 1001'
	@cd examples/01-b2b && ../../$(PROGRAM) explain b2b.rubric leads.ndjson --as-of 2026-11-22 --lead 1001
	@echo; echo 'The program is $(PROGRAM); the rubric and the leads are in examples/01-b2b.'

install: $(PROGRAM) #> install program, library, header, man pages and completion under PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/doc/rubric
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/rubric
	install -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/librubric.a
	install -m 644 vm/rubric.h $(DESTDIR)$(PREFIX)/include/rubric.h
	install -m 644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/rubric/
	install -m 644 grammar/README.md $(DESTDIR)$(PREFIX)/share/doc/rubric/language.md
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(PROGRAM) manual completion-bash -o $(DESTDIR)$(PREFIX)/share/bash-completion/completions/rubric
	$(PROGRAM) manual completion-zsh -o $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_rubric
	$(PROGRAM) manual completion-fish -o $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/rubric.fish
	$(PROGRAM) manual man -o $(DESTDIR)$(PREFIX)/share/man/man1/rubric.1
	for command in $$($(PROGRAM) --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do \
	  $(PROGRAM) manual man-$$command -o $(DESTDIR)$(PREFIX)/share/man/man1/rubric-$$command.1 || exit 1; done
	printf 'prefix=%s\nName: rubric\nDescription: scores leads with a compiled rubric\nVersion: 0.1.0\nCflags: -I$${prefix}/include\nLibs: -L$${prefix}/lib -lrubric $(LIBS)\n' \
	  '$(PREFIX)' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/rubric.pc

# ---- tests --------------------------------------------------------------------------------------------------------------------------
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNITS        := $(patsubst tests/unit/%.c,$(B)/unit-$(MODE)/%,$(UNIT_SOURCES))
TRANSCRIPTS  := $(sort $(wildcard tests/golden/*/*.expect tests/golden/*/*/*.expect examples/*/expected.txt))

test: deps-test   #> install what the tests need, build, and run them
	@$(MAKE) --no-print-directory -k $(PROGRAM) layers tables unit golden manual messages stdlib-tests conflicts-doc seeded brute claims pages terminal init-tests shells agree conformance fuzz-replay faults same-bytes

$(B)/unit-$(MODE)/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes $< -o $@ $(LIBRARY) $(LINK_EXTRA) $(LIBRARY) $(LIBS) -lcmocka
unit: $(UNITS)    #> the unit tests
	$(Q)sh tests/units.sh $(UNITS)
golden: $(PROGRAM) #> the transcripts
	$(Q)sh tests/golden.sh $(TRANSCRIPTS)
accept: $(PROGRAM) #> take what is printed now as right (CASE=rules/good narrows it); read git diff then
	$(Q)sh tests/golden.sh --accept $(foreach t,$(TRANSCRIPTS),$(if $(findstring $(CASE),$(t)),$(t)))
manual: $(PROGRAM) #> the rubrics in the language manual
	$(Q)sh tests/manual.sh
messages: $(PROGRAM) #> the examples of every message
	$(Q)sh tests/messages.sh
tables: $(PROGRAM) #> printed manuals are fresh
	$(Q)sh tests/tables.sh
conflicts-doc: $(PROGRAM) #> what docs/conflicts.md says that the check prints
	$(Q)sh tests/conflicts-doc.sh
seeded: $(PROGRAM) #> rubrics with seeded faults, and their correct twins: all found, nothing else
	$(Q)sh tests/seeded.sh
layers:           #> includes go only downward; headers compile alone
	$(Q)sh tests/layers.sh
pages: $(PROGRAM) #> the HTML pages: well formed, alone, escaped, drawn
	$(Q)sh tests/html.sh
.PHONY: terminal
terminal: $(PROGRAM) #> no control character of data, names or words reaches a terminal
	$(Q)sh tests/terminal.sh
init-tests: $(PROGRAM) #> a first rubric for every file of leads there is
	$(Q)sh tests/init.sh
shells: $(PROGRAM) #> completion and man pages, in the shells that are there
	$(Q)sh tests/shells.sh
stdlib-tests: $(PROGRAM) #> the tests of the library's modules
	$(Q)sh tests/stdlib.sh

# The oracle: a reading of the language that walks the tree, and disagrees when it can.
CASES ?= 1500
SEED  ?= 1
ORACLE_OBJECTS := $(call object,$(wildcard tests/oracle/*.c))
$(B)/agree-$(MODE): $(ORACLE_OBJECTS) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)
agree: $(B)/agree-$(MODE) #> oracle = VM in every mode, over CASES random rubrics from SEED on
	$(Q)$(B)/agree-$(MODE) --seed $(SEED) --cases $(CASES)
$(B)/conformance-$(MODE): $(call object,$(wildcard tests/conformance/*.c)) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS) -lcmocka
conformance: $(B)/conformance-$(MODE) #> the readers against JSONTestSuite, csv-spectrum, ill-formed UTF-8, messy CSV
	$(Q)sh tests/conformance/conformance.sh $(B)/conformance-$(MODE)
# The check against brute force over small domains: none false, none missed, reach exact.
BRUTE_CASES ?= 2000
$(B)/brute-$(MODE): $(call object,$(wildcard tests/conflicts/*.c) cli/replay.c cli/testing.c) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)
brute: $(B)/brute-$(MODE) #> the proofs against brute force, BRUTE_CASES random rubrics from SEED on
	$(Q)$(B)/brute-$(MODE) $(BRUTE_CASES) $(SEED)
# Every claim of the check, over random rubrics, against leads that would refute it.
CLAIM_CASES ?= 60
$(B)/claims-$(MODE): $(call object,$(wildcard tests/claims/*.c) $(filter-out tests/oracle/agree.c,$(wildcard tests/oracle/*.c)) cli/replay.c cli/testing.c) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)
claims: $(B)/claims-$(MODE) #> what the check claims of CLAIM_CASES random rubrics from SEED on, against many leads
	$(Q)$(B)/claims-$(MODE) --cases $(CLAIM_CASES) --seed $(SEED)
include tests/fuzz/fuzz.mk
include tests/faults/faults.mk
include tests/bytes/bytes.mk
include tests/mutants/mutants.mk

# ---- measuring (bench/README.md) ------------------------------------------------------------------------------------------------------
bench: $(PROGRAM) #> race against C and DuckDB: N=300000 leads, ROUNDS=5, ONLY="sets rules"; appends to bench/history.csv
	$(Q)sh bench/bench.sh
$(B)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -o $@ $< $(LIBRARY) $(LIBS)
$(B)/bench/check_bench: $(call object,bench/check_bench.c cli/replay.c cli/testing.c) $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)
bench-check: $(B)/bench/check_bench #> how long a check takes, with 60, 1,000 and 5,000 rules
	$(Q)$(B)/bench/check_bench
bench-vm: $(B)/bench/parts $(B)/bench/vm_bench $(PROGRAM) #> the machine alone; reader, machine, writers one by one against memory
	$(Q)sh bench/parts.sh
check: test       #> the tests, and what takes longer
	@$(MAKE) --no-print-directory agree CASES=10000 SEED=100000
	@$(MAKE) --no-print-directory brute BRUTE_CASES=100000 SEED=7
	@$(MAKE) --no-print-directory claims CLAIM_CASES=2000 SEED=10000
