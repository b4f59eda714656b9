# The same bytes whatever the machine does.  Included by the Makefile.
# The program once more for each set of instructions: the VM as a processor has it that knows no more than that.
BYTES_scalar := -DRUBRIC_SCALAR
BYTES_sse2   := '-D__builtin_cpu_supports(x)=0'
BYTES_avx2   := '-D__builtin_cpu_supports(x)=(!__builtin_strstr(x,"avx512"))'
BYTES_SETS   ?= scalar
define bytes_rules
$(B)/bytes-$(1)/%.o: %.c | $(GEN)/parser.h
	@mkdir -p $$(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $$(CFLAGS_$$(subst /,_,$$*)) $$(BYTES_$(1)) -c $$< -o $$@
$(B)/rubric-$(1): $(patsubst %.c,$(B)/bytes-$(1)/%.o,$(VM)) $(call object,$(CLI)) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $$@ $$^ $$(LINK_EXTRA) $(LIBS)
endef
$(foreach set,scalar sse2 avx2,$(eval $(call bytes_rules,$(set))))
.PHONY: same-bytes
same-bytes: $(PROGRAM) $(addprefix $(B)/rubric-,$(BYTES_SETS)) #> the same bytes in any batch, thread, set of instructions, locale, time zone
	$(Q)sh tests/bytes/same-bytes.sh $(PROGRAM) $(BYTES_SETS)
