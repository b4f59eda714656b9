# Faults of the machine.  Included by the Makefile.
$(B)/faults-preload.so: tests/faults/preload.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -fno-builtin -shared -fPIC -o $@ $< -ldl
$(B)/faults: tests/faults/faults.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O1 $(WARN) -o $@ $<
.PHONY: faults faults-long
faults: $(PROGRAM) $(B)/faults $(B)/faults-preload.so #> full disks, closed pipes, kill -9, no memory
	$(Q)folder=$$(mktemp -d) && chmod 755 $$folder && { $(B)/faults $(PROGRAM) $(B)/faults-preload.so $$folder $(FAULTS_HOW); status=$$?; rm -rf $$folder; exit $$status; }
faults-long:      #> the same, with every allocation failing
	@$(MAKE) --no-print-directory faults FAULTS_HOW=--long

# The same under a sanitizer, leaks included: MODE=asan.  Half an hour; STARVED_MOST=N stops each command after N allocations.
$(B)/starved-$(MODE): $(call object,$(CLI)) $(O)/tests/faults/starved.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -o $@ $^ $(LINK_EXTRA) $(LIBS)
.PHONY: starved
starved: $(B)/starved-$(MODE) #> every allocation of check, score, explain fails: MODE=asan looks for leaks too
	$(Q)sh tests/faults/starved.sh $<

# The suite under sanitizers: ten minutes and more.
.PHONY: sanitizers
sanitizers: $(PROGRAM) #> the suite under ASan and UBSan, threads under TSan, a slice under valgrind
	$(Q)sh tests/sanitizers.sh
