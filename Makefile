# make demo: the first answer; make test: all proofs. Both set up .venv/ first, the first time only.
SHELL := /bin/bash
READY := .venv/ready
READY_DEV := .venv/ready-dev
READY_PEERS := .venv-peers/ready
BIN := .venv/bin

.PHONY: help demo app test coverage lint hooks lock benchmark engines brute-force estimates

help:
	@echo 'make demo   set up (the first time) and plan factory-vision'
	@echo 'make app    set up (the first time) and open the page in a browser'
	@echo 'make test   set up (the first time) and run all tests'
	@echo 'make coverage   all tests, and which lines none of them reaches'
	@echo 'make lint   linters, type checker, import rules'
	@echo 'make hooks  the quick checks of make lint at each commit'
	@echo 'make benchmark   speed and memory, as in benchmarks/README.md'
	@echo 'make engines   both engines beside SimPy, Ciw and salabim, about half an hour'
	@echo 'make brute-force   the planner against every placement of small scenarios, six minutes'
	@echo 'make estimates   how far off estimates of times are, half a minute'
	@echo 'make lock   pin the newest libraries that pyproject.toml allows'

$(READY): pyproject.toml requirements.lock setup.sh
	@./setup.sh

$(READY_DEV): $(READY) requirements-dev.lock
	@./setup.sh dev

$(READY_PEERS): benchmarks/peers/requirements.txt benchmarks/peers/setup.sh | $(READY)
	@benchmarks/peers/setup.sh

demo: $(READY)
	@$(BIN)/tierwise run factory-vision

app: $(READY)
	@$(BIN)/tierwise app

test: $(READY_DEV)
	@./setup.sh browser
	@$(BIN)/pytest -n 2

# The same, slower: every line is watched.
coverage: $(READY_DEV)
	@$(BIN)/pytest -n 2 --cov

lint: $(READY_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/nbstripout --verify notebooks/*.ipynb

hooks: $(READY_DEV)
	@$(BIN)/pre-commit install

lock:
	@./setup.sh lock

benchmark: $(READY)
	@$(BIN)/python benchmarks/measure.py

engines: $(READY) $(READY_PEERS)
	@$(BIN)/python benchmarks/engines.py

brute-force: $(READY)
	@$(BIN)/python benchmarks/brute_force.py

estimates: $(READY)
	@$(BIN)/python benchmarks/estimates.py
