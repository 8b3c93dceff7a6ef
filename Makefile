# make demo: the first answer; make test: all proofs. Both set up .venv/ first, the first time only.
SHELL := /bin/bash
READY := .venv/ready
BIN := .venv/bin

.PHONY: help demo test lint lock benchmark

help:
	@echo 'make demo   set up (the first time) and plan factory-vision'
	@echo 'make test   set up (the first time) and run all tests'
	@echo 'make lint   linters, type checker, import rules'
	@echo 'make benchmark   speed and memory, as in benchmarks/README.md'
	@echo 'make lock   pin the newest libraries that pyproject.toml allows'

$(READY): pyproject.toml requirements.lock setup.sh
	@./setup.sh

demo: $(READY)
	@$(BIN)/tierwise run factory-vision

test: $(READY)
	@$(BIN)/pytest -n 2

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock:
	@./setup.sh lock

benchmark: $(READY)
	@$(BIN)/python benchmarks/measure.py
