# The one door to the product. PORT (18080) and GRIDCITY_STATE (.state) choose where it runs.
# The distribution's own interpreter: apt brings what belongs to it, and it is built for speed.
PYTHON ?= $(or $(wildcard /usr/bin/python3),python3)
DEPLOY = $(PYTHON) -m deploy

.DEFAULT_GOAL := help
.PHONY: help python run down demo-reset manage test check bench chaos fix

help:
	@echo "make run         start everything and serve at http://127.0.0.1:18080 (PORT=… changes it)"
	@echo "make down        stop what make run started"
	@echo "make demo-reset  stop, and forget all data"
	@echo "make manage ARGS='…'   run a management command"
	@echo "make test [ARGS='…']   run the tests"
	@echo "make check       style, types, import directions, migrations, docs, translations"
	@echo "make bench [ARGS='…']  measure speed beside its floors"
	@echo "make chaos [ARGS='--seed 7']   break everything for three minutes, then look it over"
	@echo "make fix         format the code"

python:
	@command -v $(PYTHON) >/dev/null || sh deploy/python.sh

run test check bench chaos fix down demo-reset manage: python
	@exec $(DEPLOY) $@ $(ARGS)
