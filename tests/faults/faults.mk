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

# The suite under sanitizers: ten minutes and more.
.PHONY: sanitizers
sanitizers: $(PROGRAM) #> the suite under ASan and UBSan, threads under TSan, a slice under valgrind
	$(Q)sh tests/sanitizers.sh
