# Two commands: `make demo` tries the product, `make test` checks it. Both set themselves up.
ifndef PYTHON
PYTHON := $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name))))
endif
PY := .venv/bin/python
export RESET

.PHONY: help setup setup-dev demo stop test lint messages bench soak screenshots python

help:
	@echo "make demo [PORT=8000] [RESET=1]   start the portal with demo data; Ctrl-C stops it"
	@echo "make test                         lint, contracts, migrations, tests"
	@echo "make setup | stop | lint | messages | bench | soak | screenshots"

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on PATH. Install it, or name it: make demo PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or newer."; exit 1; }

setup: python
	@$(PYTHON) -m prm.boot.setup

setup-dev: python
	@$(PYTHON) -m prm.boot.setup dev

demo: setup
	@$(PY) -m prm.boot.launcher

stop:
	@if [ -x $(PY) ]; then $(PY) -m prm.boot.launcher stop; else echo "Nothing was running."; fi

lint: setup-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) -m mypy

test: lint
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m pytest -n 2 --cov --cov-report=term:skip-covered --cov-fail-under=92
	$(PY) -m coverage report --precision=2 --skip-covered --fail-under=99.5 --include='*/services.py,*/services/**,*/queries.py,*/queries/**,*/rules.py,*/rules/**,*/enums.py,prm/core/states.py'

messages: setup-dev
	$(PY) manage.py makemessages

bench: setup-dev
	$(PY) manage.py bench pages
	$(PY) manage.py bench imports
	$(PY) manage.py bench duplicates

soak: setup-dev
	$(PY) -m pytest -n 2 -m "soak or not soak" --override-ini addopts="--strict-markers -p no:cacheprovider"

screenshots: setup-dev
	$(PY) manage.py screenshots
