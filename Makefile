# Set-up needs Python 3.11+ and make; everything else comes from here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export HF_HUB_OFFLINE ?= 1

TWO_WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup run check test test-fast test-long test-tools check-deploy deploy-tools service-tools openid-tools bench-tools bench bench-large bench-values sbom audit dev docs site hooks lock clean

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## Install everything: system libraries where it may, Python packages into .venv
	@$(BIN)/python tools/system_check.py --install
	@# As below for the packages; a file that is changed later is compiled by itself.
	@$(BIN)/python -m compileall -q realestate_assets resources sensors realestate_os.py || true

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) tools/system_check.py --install
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# Nothing is installed that does not have the hash of the lock: uv itself, by pip, then all else.
	@awk '/^uv==/ {on = 1} on; !/\\$$/ {on = 0}' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@# Compiled once here: with PYTHONDONTWRITEBYTECODE, as in many containers, each start would compile it all.
	$(BIN)/uv pip sync --python $(BIN)/python --quiet --compile-bytecode --require-hashes requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@# Keys are for this user alone.
	@test ! -f .env || chmod 600 .env
	@touch $@

run: setup ## Run the whole graph on the bundled sample and print a summary
	@$(BIN)/realestate run

check: setup ## Run every gate but the tests: lint, types, import rules, SQL, YAML, secrets
	@$(BIN)/python tools/check.py

test: setup test-tools ## Run all tests but the long ones, and measure what they cover
	@$(BIN)/python -m pytest $(TWO_WORKERS) -m "not long" --durations 20 --cov
	@$(BIN)/python tools/coverage_floor.py

test-fast: setup ## Run the unit tests: no service, fewer examples
	@$(BIN)/python -m pytest $(TWO_WORKERS) -m unit --hypothesis-profile fast tests/unit

test-long: setup ## Run what takes minutes by nature: kills at every stage, and many more examples of each property
	@$(BIN)/python -m pytest -m long --durations 20
	@$(BIN)/python -m pytest $(TWO_WORKERS) -m unit --hypothesis-profile thorough tests/unit

# A browser for the deal board, git for the gates: what wants them is skipped without.
test-tools:
	@$(PYTHON) tools/system_check.py --install --tests

# Checkers in environments of their own: checkov alone is 200 MB, and wants older releases of what the others use.
build/deploy/.installed build/checkov/.installed build/service/.installed build/openid/.installed build/bench/.installed: build/%/.installed: tools/%.lock
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/$*
	@# What uv is told in pyproject.toml is of the product's own environment.
	@$(BIN)/uv pip install --no-config --python build/$*/bin/python --quiet --require-hashes -r $<
	@touch $@

# Without checkov: for `make test`, whose tests of deploy/ are skipped without.
deploy-tools: setup build/deploy/.installed

# Schemathesis and Locust: tests of the service's document are skipped without.
service-tools: setup build/service/.installed

# A provider of OpenID Connect of somebody else's making; tests of sign-in by one are skipped without.
openid-tools: setup build/openid/.modules

build/openid/.modules: build/openid/.installed tools/openid/package-lock.json
	@cp tools/openid/package.json tools/openid/package-lock.json build/openid/
	@PATH="$(CURDIR)/build/openid/bin:$$PATH" npm ci --prefix build/openid --ignore-scripts --no-audit --no-fund --silent
	@touch $@

check-deploy: setup build/deploy/.installed build/checkov/.installed ## Check deploy/ and .github/: Dockerfile, compose, Kubernetes, Terraform …
	@$(BIN)/python -m pytest -q -rs tests/integration/deploy

# PyTorch, sentence-transformers and scikit-learn, which the product is measured against: 3 GB on Linux.
bench-tools: setup build/bench/.installed

bench: setup build/bench/.installed ## Measure the speed of each part beside an alternative; ONLY=starts,addresses for some
	@$(BIN)/python -m benchmarks.table $(if $(ONLY),--only "$(ONLY)")

bench-large: setup ## The rows of that table that take long: make bench-large [INPUT=kc_house_data.csv] [ONLY=…]
	@$(BIN)/python -m benchmarks.table --large $(if $(ONLY),--only "$(ONLY)") $(if $(INPUT),--input "$(INPUT)")

bench-values: setup ## Measure the values on the King County sales file: make bench-values INPUT=kc_house_data.csv
	@test -n "$(INPUT)" || { echo "make bench-values INPUT=path/to/kc_house_data.csv [CENSUS=figures_by_zip.parquet]"; exit 2; }
	@$(BIN)/python -m benchmarks.valuation --input "$(INPUT)" $(if $(CENSUS),--census "$(CENSUS)")

# In an environment of its own: it brings jsonschema's check of IRIs, whose grammar is built whenever jsonschema is
# imported, and dbt imports that: 3 s at each start of anything.
sbom: setup ## List all parts of the environment, with licences, as CycloneDX in build/sbom.cdx.json
	@mkdir -p build
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/sbom
	@$(BIN)/uv pip install --python build/sbom/bin/python --quiet --no-deps --require-hashes -r tools/sbom.lock
	@build/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
	  --of JSON -o build/sbom.cdx.json $(BIN)/python && echo build/sbom.cdx.json

audit: setup ## Ask PyPI for known faults of the locked packages
	@$(BIN)/python tools/audit.py

hooks: setup ## Run the quick gates before each commit
	@$(BIN)/pre-commit install

dev: setup ## The Dagster UI on http://localhost:3000 over the same data
	@$(BIN)/realestate dev

docs: setup ## Build the dbt docs page
	@$(BIN)/realestate docs

site: setup ## Build the documents and the reference of the code into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo build/site/index.html

lock: $(VENV)/bin/uv ## Resolve the dependencies again into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	  --extra celery --extra k8s --extra dev --extra docs --group model --no-header --no-annotate pyproject.toml -o requirements.lock
	@echo 'cyclonedx-bom>=7.0' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate - -o tools/sbom.lock
	@for each in deploy checkov service openid; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --group pyproject.toml:$$each -o tools/$$each.lock || exit 1; done
	@# Without the settings of uv in pyproject.toml, which leave out what is measured against here.
	@$(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --group pyproject.toml:bench -o tools/bench.lock
	@# Of the image: what runs, and what builds it, both in the versions of the lock.
	@$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	  --extra celery --extra k8s --no-header --no-annotate --constraint requirements.lock pyproject.toml \
	  -o deploy/image/requirements.lock
	@printf 'hatchling>=1.27\npip\nuv>=0.9\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --constraint requirements.lock - -o deploy/image/build.lock

$(VENV)/bin/uv:
	@$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv

clean: ## Remove the environment (the data in data/ stays)
	rm -rf $(VENV)
