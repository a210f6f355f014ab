# "make demo" opens Tổ Số, "make test" proves it.  What they need is set up in .venv and .cache, without
# root; the second time neither calls for the network.  Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# A set-up holds as long as what it was made from: the folder, the Python, the two lists of packages.
KEY := $(shell (echo $(CURDIR) $(VERSION); cat pyproject.toml constraints.txt) | cksum | cut -d' ' -f1)
DEMO_READY := $(VENV)/ready-for-demo-$(KEY)
TEST_READY := $(VENV)/ready-for-test-$(KEY)

CHECKS := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/python -m mypy && $(BIN)/toso knowledge check

.PHONY: help demo test check bench fuzz simulate roles topics constraints clean python npm chromium

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

demo: $(DEMO_READY)  ## open a page with four phones: a citizen, a team member, a cadre and a head
	@$(BIN)/toso demo

test: $(TEST_READY) npm chromium  ## set up everything, check style, types and knowledge, run the tests
	@start=$$(date +%s); $(CHECKS) && $(BIN)/python -m pytest -n 3; status=$$?; \
	took=$$(($$(date +%s) - start)); echo "make test took $$((took / 60)) min $$((took % 60)) s"; exit $$status

check: $(TEST_READY)  ## check style, types and knowledge only
	@$(CHECKS)

bench: $(TEST_READY) npm  ## measure speed and size, side by side with other libraries
	@$(BIN)/python -m tests.bench

fuzz: $(TEST_READY)  ## spoil 100,000 payloads for each webhook, and thousands for each poll
	@TOSO_FUZZ=100000 $(BIN)/python -m pytest -n 2 -s tests/fuzz

simulate: $(TEST_READY)  ## play a week of 100 teams and a month end; with FULL=1 a month of a province, the month end of the nation
	@$(BIN)/python -m tests.simulate

roles: $(DEMO_READY)  ## write docs/vi/quyen.md and trang-thai.md anew: who may do what, where a request can stand
	@$(BIN)/toso roles > docs/vi/quyen.md
	@$(BIN)/toso states > docs/vi/trang-thai.md

topics: $(DEMO_READY)  ## write docs/topics.md anew, the table of all topics
	@$(BIN)/toso knowledge table > docs/topics.md

constraints: python  ## write constraints.txt anew from the newest releases that fit
	rm -rf .cache/constraints && $(PYTHON) -m venv .cache/constraints
	.cache/constraints/bin/python -m pip install --quiet -e '.[dev]'
	sed -i '/^[^#]/d' constraints.txt
	.cache/constraints/bin/python -m pip freeze --exclude-editable | grep -v '^#' >> constraints.txt

clean:  ## remove the environment and whatever tests left
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

$(DEMO_READY): | python
	@echo "Setting up $(VENV) with Python $(VERSION), once; this takes about a minute."
	@rm -f $(VENV)/ready-*; $(PIP) install -c constraints.txt -e .
	@touch $@

$(TEST_READY): | python
	@echo "Setting up $(VENV) with Python $(VERSION) and the test tools, once; this takes about two minutes."
	@rm -f $(VENV)/ready-*; $(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(DEMO_READY) $@

# Leaves a fitting environment alone; says what to install where Python cannot make one.
python:
	@if [ -z "$(VERSION)" ]; then \
	  echo "$(PYTHON) does not run here. Install it: sudo apt install $(notdir $(PYTHON)) $(notdir $(PYTHON))-venv"; exit 1; fi
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "Tổ Số needs Python 3.11 or newer; $(PYTHON) is $(VERSION). Install one and name it:"; \
	  echo "  sudo apt install python3.11 python3.11-venv && make demo PYTHON=python3.11"; exit 1; fi
	@if ! $(BIN)/python -c 'import pip, sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(VERSION)")' 2>/dev/null; then \
	  if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	    echo "Python $(VERSION) cannot make a virtual environment here. Install what it lacks, then try again:"; \
	    echo "  sudo apt install python$(VERSION)-venv"; exit 1; fi; \
	  $(PYTHON) -m venv --clear $(VENV); fi

npm: $(TEST_READY)
	@why=$$($(BIN)/python -c 'from tests.npm import WANTED, install; [install(name) for name in WANTED]' 2>&1) \
	  || { echo "$$why" | tail -n 1; echo "The tests that need it are skipped."; }

chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; fi; \
	echo "There is no Chromium here: the browser tests are skipped. To run them: sudo apt install chromium (Ubuntu: sudo snap install chromium)"
