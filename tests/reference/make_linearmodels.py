"""Write the answers of linearmodels to made-up data, for machines without it: linearmodels.json beside this script.

Run where linearmodels is installed (7.1 made the present file): python -m tests.reference.make_linearmodels
"""

import json
from pathlib import Path

import pandas as pd

from potash.study.expected_returns.nonsynchronous import ScholesWilliams
from tests.study.expected_returns.test_nonsynchronous import delayed
from tests.study.further.test_joint import OFFSETS, event_equations, fitted


def generalized_least_squares() -> dict:
    from linearmodels.system import SUR  # not among what the tests install

    results, _ = fitted()
    y, x, marks = event_equations(results.panel, "e0", ["M"], OFFSETS)
    exog = pd.concat([x, marks.add_prefix("d")], axis=1).assign(const=1.0)
    fit = SUR({t: {"dependent": y[t], "exog": exog} for t in y}).fit(method="gls", debiased=True, cov_type="unadjusted")
    names = [f"{ticker}_d0" for ticker in y]
    return {"params": fit.params[names].tolist(), "std_errors": fit.std_errors[names].tolist()}


def instrumental_variable() -> dict:
    from linearmodels.iv import IV2SLS

    market, y = delayed(3, 0.3, n=1)
    x = ScholesWilliams(market).factors.iloc[5:125]
    ones = pd.Series(1.0, index=x.index, name="const")
    fit = IV2SLS(y[0].iloc[5:125], ones, x["M"], x.sum(axis=1).rename("z")).fit(cov_type="unadjusted", debiased=True)
    return {"params": fit.params.tolist(), "std_errors": fit.std_errors.tolist(), "rsquared": fit.rsquared}


if __name__ == "__main__":
    answers = {"joint_day_0": generalized_least_squares(), "scholes_williams": instrumental_variable()}
    Path(__file__).with_name("linearmodels.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
