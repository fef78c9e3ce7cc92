# The one task file. On a fresh machine only git, make and Python 3.11 are there; everything else comes by `make setup`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup nightly airflow superset spark test test-faults lint audit format docs lock up up-native down clean bench bench-overhead bench-scaling bench-ingest bench-workbooks bench-night-of-files bench-dossiers bench-warehouse bench-warehouse-peers bench-spark bench-quality bench-publish show-defects

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
READY := $(VENV)/ready
UV = VIRTUAL_ENV="$(CURDIR)/$(@D)" $(BIN)/uv --quiet pip
# As pip does: an office's inspecting proxy is known to the system's certificates.
export UV_SYSTEM_CERTS := 1

# An environment beside .venv, of exactly what the lock that it depends on names.
define OWN_ENVIRONMENT
@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
@$(UV) sync --require-hashes $<
@touch $@
endef

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(READY) ## Install everything at locked versions into .venv (nothing is done when nothing changed)

# A new lock on a sound environment costs only the difference. uv is named beside the lock, so that syncing keeps it.
$(READY): requirements/bootstrap.txt requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Python 3.11 is needed, found " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked environment into $(VENV)"
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/bootstrap.txt
	@$(UV) sync --require-hashes --compile-bytecode requirements/bootstrap.txt requirements/lock.txt
	@$(UV) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

nightly: setup ## Run one night, stand-ins included where a door has no address (NIGHT=2021-12-21 for another)
	@$(BIN)/cchc nightly $(if $(NIGHT),--date $(NIGHT))

airflow: setup ## Start Airflow with its page on 127.0.0.1; the login is printed
	@$(BIN)/cchc airflow

superset: setup .venv-superset/ready ## Start Superset with the dashboards on 127.0.0.1; the login is printed
	@$(BIN)/python -m dashboards.start

# An environment of its own: Superset wants an older SQLAlchemy than the warehouse.
.venv-superset/ready: requirements/superset.txt
	@echo "Installing Superset into $(@D)"
	$(OWN_ENVIRONMENT)

spark: setup .venv-spark/ready ## Build the marts on Apache Spark from this warehouse's raw tables (needs Java 17)
	@$(BIN)/cchc spark

.venv-spark/ready: requirements/spark.txt
	@echo "Installing Spark into $(@D)"
	$(OWN_ENVIRONMENT)

test: setup ## Run the tests
	@$(BIN)/python -m pytest -n auto

test-faults: setup ## Nights with something broken in each: kill -9 at every step, full disks, servers gone; prints the table
	@$(BIN)/python -m pytest -n auto -o python_files='fault_*.py' tests/faults

lint: setup ## Style, types, boundaries, SQL, compose file, Dockerfile
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/lint

audit: setup .venv-audit/ready ## Secrets in the repository, known vulnerabilities of the locked packages, a bill of materials
	@.venv-audit/bin/python scripts/audit.py

.venv-audit/ready: requirements/audit.txt
	$(OWN_ENVIRONMENT)

format: setup ## Format Python and SQL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/sqlfluff fix --quiet dbt_project/models dbt_project/tests

docs: setup ## Build the data dictionary and dbt's pages into data/docs
	@$(BIN)/python -m cchc.documentation

.venv-bench-%/ready: benchmarks/requirements-%.txt
	$(OWN_ENVIRONMENT)

# Some ten minutes on two idle cores.
bench: setup .venv-bench-night/ready ## The whole night beside what a user would pick instead, the same rows (AGENCIES=120, YEARS=3, DOSSIERS=300000)
	@$(BIN)/python -m benchmarks.night --peers-python .venv-bench-night/bin/python $(if $(AGENCIES),--agencies $(AGENCIES)) \
		$(if $(YEARS),--years $(YEARS)) $(if $(DOSSIERS),--dossiers $(DOSSIERS)) $(if $(ONLY),--only $(ONLY))

bench-overhead: setup ## A night with nothing new beside an empty DAG of as many tasks and one dbt start (RUNS=3)
	@$(BIN)/python -m benchmarks.night.overhead $(if $(RUNS),--runs $(RUNS))

bench-scaling: setup .venv-bench-plots/ready ## What a first load costs against agencies, years, dossiers, workbooks, nights before (FACTORS="1 4 16", ONLY=agencies)
	@$(BIN)/python -m benchmarks.night.scaling $(if $(FACTORS),--factors $(FACTORS)) $(if $(ONLY),--only $(ONLY))
	@.venv-bench-plots/bin/python benchmarks/night/plot.py benchmarks/night/scaling.json benchmarks/scaling.png

bench-ingest: bench-workbooks bench-night-of-files bench-dossiers ## Reading workbooks and taking dossiers in, beside their peers

bench-workbooks: setup .venv-bench-ingest/ready ## Reading and understanding workbooks, beside pandas and bare calamine
	@$(BIN)/python -m benchmarks.bench_ingest

bench-night-of-files: setup ## A night of FILES=2000 mixed files through the loader, by one process and by all cores
	@$(BIN)/python -m benchmarks.bench_night_of_files $(if $(FILES),--files $(FILES))

bench-dossiers: setup .venv-bench-dossiers/ready ## Dossiers to the raw table, beside dlt and DuckDB's own read_json
	@$(BIN)/python -m benchmarks.bench_dossiers --dlt-python .venv-bench-dossiers/bin/python

bench-quality: setup .venv-bench-quality/ready .venv-bench-soda/ready ## All rules over VALUES=1500000 values beside SQL by hand, Great Expectations on pandas, Soda; false alarms
	@$(BIN)/python -m benchmarks.bench_quality $(if $(VALUES),--values $(VALUES)) --gx-python .venv-bench-quality/bin/python --soda-python .venv-bench-soda/bin/python

# SCALE=full is 52 million values and 10 million dossiers; KEEP=folder keeps what was built, to be used again.
bench-warehouse: setup ## The full build within 8 GB, a night with 1 % new, BI's queries (SCALE=small or full, AGENCIES=500, RUNS=3)
	@$(BIN)/python -m benchmarks.bench_warehouse $(if $(SCALE),--scale $(SCALE)) $(if $(AGENCIES),--agencies $(AGENCIES)) \
		$(if $(DOSSIERS),--dossiers $(DOSSIERS)) $(if $(RUNS),--runs $(RUNS)) $(if $(KEEP),--keep $(KEEP))

bench-warehouse-peers: setup .venv-bench-sqlmesh/ready .venv-bench-dbt-postgres/ready ## The same star by SQLMesh on DuckDB and by dbt on PostgreSQL
	@$(BIN)/python -m benchmarks.bench_warehouse_peers $(if $(AGENCIES),--agencies $(AGENCIES)) $(if $(RUNS),--runs $(RUNS)) \
		--sqlmesh-python .venv-bench-sqlmesh/bin/python --dbt-python .venv-bench-dbt-postgres/bin/python

bench-spark: setup .venv-spark/ready ## The same models by DuckDB and by Spark on this machine, the same rows (AGENCIES=100, DOSSIERS=100000)
	@$(BIN)/python -m benchmarks.bench_spark $(if $(AGENCIES),--agencies $(AGENCIES)) $(if $(DOSSIERS),--dossiers $(DOSSIERS))

show-defects: setup ## A night with defects of every kind planted, and how each is found and explained
	@$(BIN)/python -m tests.expectations.night_of_defects

bench-publish: setup ## Publication to PostgreSQL beside bare COPY and pandas to_sql, and what readers feel (VALUES, RUNS, READERS=no)
	@$(BIN)/python -m benchmarks.bench_publish $(if $(VALUES),--values $(VALUES)) $(if $(RUNS),--runs $(RUNS)) \
		$(if $(filter no,$(READERS)),--without-readers)

lock: setup ## Compile requirements/lock.txt, superset.txt and spark.txt anew
	@cd requirements && ../$(BIN)/uv --quiet pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		requirements.in -o lock.txt
	@cd requirements && ../$(BIN)/uv --quiet pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		superset.in -o superset.txt
	@cd requirements && ../$(BIN)/uv --quiet pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		spark.in -o spark.txt

# Where no engine answers, the same as processes of this machine.
up: ## Start PostgreSQL, Airflow and Superset, in containers where Docker is there, else natively (make up-native); .env says how
	@if docker info >/dev/null 2>&1; then scripts/make-secrets && docker compose up --build --wait; else $(MAKE) --no-print-directory up-native; fi

up-native: setup .venv-superset/ready ## The same as processes of this machine, stand-ins included where a door has no address
	@$(BIN)/cchc up

down: ## Stop what make up started, and nothing else; data stay
	@if docker info >/dev/null 2>&1; then docker compose down; fi
	@if test -x $(BIN)/cchc; then $(BIN)/cchc down; fi

clean: ## Remove the environment and caches; data stay
	rm -rf $(VENV) .venv-superset .venv-spark .mypy_cache .ruff_cache .pytest_cache *.egg-info
