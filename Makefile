# Every target does all its own set-up; a fresh machine needs Python 3.11 or newer (with venv and pip) and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .make
ARGS   ?=

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo test check bench soak format requirements clean

help:  ## Show the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMPS)/package $(STAMPS)/web  ## Make .venv/bin/talka ready, with the web apps.

demo: install $(STAMPS)/demo  ## A labelling job from end to end, to watch and to take part in.
	@$(BIN)/talka demo $(ARGS)

test: install $(STAMPS)/demo $(STAMPS)/dev $(STAMPS)/browser check  ## Every check and test.
	@scripts/test $(ARGS)

check: install $(STAMPS)/dev  ## Formatter, linters, type checkers, floors, for Python and TypeScript.
	@scripts/check

bench: install $(STAMPS)/demo $(STAMPS)/dev  ## Every benchmark beside its floor; ARGS=NAME for one, ARGS=--full at full size.
	@$(BIN)/python -m benchmarks $(ARGS)

soak: install $(STAMPS)/demo $(STAMPS)/dev  ## Long random histories and crash loops, until stopped.
	@scripts/soak $(ARGS)

format: $(STAMPS)/dev  ## Format all code.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd web && npm run --silent format

requirements: $(STAMPS)/dev  ## Pin the newest allowed versions in requirements/*.txt.
	@scripts/pin

clean:  ## Remove everything that make made.
	rm -rf $(VENV) $(STAMPS) .kit-venv web/node_modules web/dist src/talka/app/web

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Talka needs Python 3.11 or newer; set PYTHON=…")'
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(STAMPS)/package: $(STAMPS)/venv requirements/main.txt requirements/build.txt pyproject.toml hatch_build.py
	@echo "Installing Talka's dependencies"
	@$(BIN)/pip install -q --require-hashes -r requirements/main.txt -r requirements/build.txt
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/demo: $(STAMPS)/package requirements/demo.txt
	@$(BIN)/pip install -q --require-hashes -r requirements/demo.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/package $(STAMPS)/demo requirements/dev.txt
	@echo "Installing what tests and checks need"
	@$(BIN)/pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/npm: $(STAMPS)/package web/package-lock.json
	@echo "Installing the web apps' packages"
	@cd web && npm ci --silent
	@touch $@

$(STAMPS)/web: $(STAMPS)/npm $(WEB_SOURCES)
	@echo "Building the web apps"
	@cd web && npm run --silent build
	@rm -rf src/talka/app/web && mkdir -p src/talka/app && cp -r web/dist src/talka/app/web
	@touch $@

$(STAMPS)/browser: $(STAMPS)/dev
	@scripts/browser
	@touch $@
