# Fuzzing.  Included by the Makefile; see tests/fuzz/README.md.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
TARGET       ?= rubric
FUZZ         := $(B)/fuzz
CLANG        ?= clang
AFL_CC       ?= afl-clang-fast
# What only some targets need: fuzz_agree the oracle, fuzz_check the leads that a check shows.
FUZZ_PARTS   := tests/fuzz/fuzz.c $(filter-out tests/oracle/agree.c,$(wildcard tests/oracle/*.c)) cli/replay.c cli/testing.c
REPLAYS      := $(addprefix $(B)/replay-$(MODE)/fuzz_,$(FUZZ_TARGETS))

.PHONY: fuzz fuzz-replay fuzz-seeds fuzz-build afl afl-build
.SECONDARY:
$(B)/replay-$(MODE)/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o $(call object,$(FUZZ_PARTS)) $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LINK_EXTRA) $(LIBS)
fuzz-seeds: $(PROGRAM)
	$(Q)sh tests/fuzz/seeds.sh $(FUZZ)/seeds
fuzz-replay: $(REPLAYS) fuzz-seeds #> kept crashes and seeds through every fuzz target, without a fuzzer
	$(Q)sh tests/fuzz/replay.sh $(FUZZ)/seeds $(REPLAYS)

# One call of clang for all sources: it builds once, in a folder of its own, with coverage, ASan and UBSan.
FUZZ_FLAGS   := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_SOURCES := $(GRAMMAR) $(COMPILER) $(VM) $(STDLIB) $(FUZZ_PARTS)
FUZZ_OBJECTS := $(patsubst %.c,$(FUZZ)/obj/%.o,$(FUZZ_SOURCES) $(wildcard tests/fuzz/fuzz_*.c)) $(patsubst $(GEN)/%.c,$(FUZZ)/obj/gen/%.o,$(GENERATED))
# clang says `__has_feature` where gcc says __SANITIZE_ADDRESS__.
FUZZ_BASE    := -D__SANITIZE_ADDRESS__=1 -std=c11 -D_GNU_SOURCE -w -I. -I$(GEN) -MMD -MP -pthread $(FUZZ_FLAGS)
$(FUZZ)/obj/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_BASE) -fsanitize=fuzzer-no-link -c $< -o $@
$(FUZZ)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_BASE) -fsanitize=fuzzer-no-link -c $< -o $@
$(FUZZ)/libfuzz.a: $(filter-out $(FUZZ)/obj/tests/fuzz/fuzz_%.o,$(FUZZ_OBJECTS))
	$(Q)rm -f $@ && ar rcs $@ $^
$(FUZZ)/fuzz_%: $(FUZZ)/obj/tests/fuzz/fuzz_%.o $(FUZZ)/libfuzz.a
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LINK_EXTRA) $(LIBS)
fuzz-build: $(addprefix $(FUZZ)/fuzz_,$(FUZZ_TARGETS))
fuzz: $(FUZZ)/fuzz_$(TARGET) fuzz-seeds #> libFuzzer: TARGET=rubric, FUZZ_SECONDS=60
	$(Q)sh tests/fuzz/run.sh $(FUZZ) $(TARGET) $(FUZZ_SECONDS)

# AFL++: the same targets in its persistent mode, from objects of its own.
AFL_BASE     := AFL_USE_ASAN=1 AFL_QUIET=1 $(AFL_CC) -D__SANITIZE_ADDRESS__=1 -std=c11 -D_GNU_SOURCE -O1 -g -w -I. -I$(GEN) -MMD -MP -pthread
AFL_OBJECTS  := $(patsubst %.c,$(FUZZ)/afl-obj/%.o,$(FUZZ_SOURCES)) $(patsubst $(GEN)/%.c,$(FUZZ)/afl-obj/gen/%.o,$(GENERATED))
$(FUZZ)/afl-obj/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	$(Q)$(AFL_BASE) -c $< -o $@
$(FUZZ)/afl-obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(Q)$(AFL_BASE) -c $< -o $@
$(FUZZ)/libafl.a: $(AFL_OBJECTS)
	$(Q)rm -f $@ && ar rcs $@ $^
$(FUZZ)/afl_%: $(FUZZ)/afl-obj/tests/fuzz/fuzz_%.o $(FUZZ)/libafl.a
	$(Q)$(AFL_BASE) -fsanitize=fuzzer -o $@ $^ $(LINK_EXTRA) $(LIBS)
afl-build: $(addprefix $(FUZZ)/afl_,$(FUZZ_TARGETS))
afl: $(FUZZ)/afl_$(TARGET) fuzz-seeds #> AFL++: TARGET=rubric, FUZZ_SECONDS=60
	$(Q)sh tests/fuzz/run.sh --afl $(FUZZ) $(TARGET) $(FUZZ_SECONDS)

# Compiled rubrics damaged at random.  MODE=asan DAMAGED=1000000 is the long form.
DAMAGED      ?= 20000
DAMAGE_SEED  ?= 1
$(B)/damage-$(MODE): $(O)/tests/fuzz/fuzz_bytecode.o $(O)/tests/fuzz/damage.o $(call object,$(FUZZ_PARTS)) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LINK_EXTRA) $(LIBS)
.PHONY: damage
damage: $(B)/damage-$(MODE) fuzz-seeds #> compiled rubrics damaged at random are refused or run in bounds (DAMAGED=20000)
	$(Q)$(B)/damage-$(MODE) $(DAMAGED) $(DAMAGE_SEED) $(FUZZ)/seeds/bytecode/*
