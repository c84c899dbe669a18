"""A model is the same to the bit in another process."""

import os
import subprocess
import sys

import pytest

from realestate_assets.domain.valuation.train import train, training_sales
from resources.home import PROJECT_ROOT
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

pytestmark = pytest.mark.integration

SCRIPT = """
import numpy, sys
from threadpoolctl import threadpool_limits
threadpool_limits(int(sys.argv[1]), user_api="blas")
from realestate_assets.domain.valuation.learning import folds_of
from realestate_assets.domain.valuation.train import train, training_sales
from tests.unit.domain.valuation.sold_homes import quick_params, shuffled, sold_homes
home = sold_homes()
model = train(training_sales(shuffled(home), "2015-03", False), "county", quick_params())
values = model.predict(home.head(50))
print(model.model_id, model.data_fingerprint, values.to_numpy().tobytes().hex())
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_makes_the_same_model_and_values_to_the_bit_on_any_threads(threads):
    history = sold_homes()
    model = train(training_sales(history, "2015-03", False), "county", quick_params())
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(PROJECT_ROOT)}
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT, threads],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    values = model.predict(history.head(50)).to_numpy().tobytes().hex()
    assert printed == [model.model_id, model.data_fingerprint, values]
