# Do the tests notice when the machine is wrong?  Included by the Makefile; takes a few seconds a mutant.
MUTANTS     ?= 200
MUTANT_SEED ?= 1
.PHONY: mutants
mutants: $(PROGRAM) $(B)/agree-release #> change one place of the machine at a time: do the tests notice?  MUTANTS=200
	$(Q)$(MAKE) --no-print-directory MODE=asan $(B)/agree-asan
	$(Q)sh tests/mutants/mutate.sh $(MUTANTS) $(MUTANT_SEED)
