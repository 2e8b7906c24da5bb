"""Every model and every test of the package has a description."""

import potash
from potash.report.desk.methods.described import MODELS, TESTS
from potash.report.desk.verdict_tables import TEST_NAMES


def test_every_test_is_described():
    assert set(TESTS) == set(TEST_NAMES)
    assert all(test.words and test.reference for test in TESTS.values())


def test_every_model_of_the_normal_return_is_described_and_makes_itself():
    prices = potash.load_prices()
    returns = potash.log_returns(prices)
    made = {model.name: model.make(returns["SPY"], returns[["SPY", "DE"]]) for model in MODELS}
    assert {name: type(model).__name__ for name, model in made.items()} == {name: name for name in made}
    assert made["FactorModel"].factors.shape[1] == 2
    assert made["MarketModel"].factors.shape[1] == 1
