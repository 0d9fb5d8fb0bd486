# Two commands matter: `make demo` and `make test`. Both make their own environment in .venv first.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
UV_VERSION := 0.13.8
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo test test-long check format lock browser fonts

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@test -x $(BIN)/python || { echo "Making the environment in .venv …"; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@echo "Installing what requirements.lock names …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(STAMP)

demo: setup
	@$(BIN)/evenhour demo --port $(PORT)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check browser fonts
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m "not long"

test-long: setup browser fonts
	$(BIN)/pytest -m long --timeout 3600

# Journeys run in a real browser; its headless shell is the same without windows, and takes half the time.
# Without one the run fails here, with the line to type.
browser:
	@command -v chromium-headless-shell >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests …"; \
	    apt-get update -qq && export DEBIAN_FRONTEND=noninteractive && \
	    { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; } >/dev/null 2>&1 || true; \
	  fi; }
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  command -v google-chrome >/dev/null || { \
	  echo "The browser tests need Chromium. Type:  sudo apt-get install chromium-headless-shell"; exit 1; }

# Paper is set in Bengali and Arabic letters too. Without fonts for them those tests fail, with this line to type.
fonts: setup
	@$(BIN)/python -c 'import sys; from api.paper import missing_scripts as m; sys.exit(bool(m("\u0995\u0627")))' || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing fonts for Bengali and Arabic letters …"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fonts-noto-core >/dev/null; \
	  else echo "Paper in other scripts needs fonts. Type:  sudo apt-get install fonts-noto-core"; exit 1; fi; }

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock
