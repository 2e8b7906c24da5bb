"""Every model of the normal return and every test in words, with where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from potash.study.expected_returns.nonsynchronous import Dimson, ScholesWilliams
from potash.study.expected_returns.ordinary import FactorModel, MarketAdjusted, MarketModel, MeanAdjusted
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.expected_returns.robust import RobustModel
from potash.study.expected_returns.volatility import EGARCH, GARCH


class DescribedModel(NamedTuple):
    """A model: its name, the return it takes for normal, its paper, and how it is made.

    ``make`` takes the returns of the market and a frame of all factors: the market, and a crop equity where there is one.
    """

    name: str
    words: str
    reference: str
    make: Callable[[pd.Series[float], pd.DataFrame], ReturnModel]


MODELS = (
    DescribedModel(
        "MarketModel", "alpha plus beta times the market, least squares", "MacKinlay 1997",
        lambda market, _: MarketModel(market),
    ),
    DescribedModel(
        "FactorModel", "alpha plus a beta for each factor; here the market and a crop equity, where there is one",
        "Fama and French 1993", lambda _, factors: FactorModel(factors),
    ),
    DescribedModel("MeanAdjusted", "the share's own mean", "Brown and Warner 1985", lambda *_: MeanAdjusted()),
    DescribedModel(
        "MarketAdjusted", "the market's return of the day", "Brown and Warner 1985",
        lambda market, _: MarketAdjusted(market),
    ),
    DescribedModel(
        "Dimson", "market model with the market of the day before and after, for closes hours apart", "Dimson 1979",
        lambda market, _: Dimson(market),
    ),
    DescribedModel(
        "ScholesWilliams", "beta by the market's sum over three days as instrument, for closes that are not of one moment",
        "Scholes and Williams 1977", lambda market, _: ScholesWilliams(market),
    ),
    DescribedModel(
        "RobustModel", "market model by Huber's weights, for an estimation window with a wild day", "Huber 1981",
        lambda market, _: RobustModel(market),
    ),
    DescribedModel(
        "GARCH", "market model whose variance follows its own recent past", "Bollerslev 1986",
        lambda market, _: GARCH(market),
    ),
    DescribedModel(
        "EGARCH", "the same for the logarithm of the variance, falls and rises apart", "Nelson 1991",
        lambda market, _: EGARCH(market),
    ),
)  # fmt: skip


class DescribedTest(NamedTuple):
    """A test: what it computes, and its paper."""

    words: str
    reference: str


TESTS = {
    "portfolio": DescribedTest(
        "abnormal return of the equal-weighted portfolio over its own forecast error", "Brown and Warner 1985"
    ),
    "cross_sectional": DescribedTest("mean CAR over its standard error across firms", "Brown and Warner 1980"),
    "skewness_adjusted": DescribedTest(
        "the same, corrected for the skewness of the CARs", "Johnson 1978; Hall 1992"
    ),
    "jackknife": DescribedTest(
        "mean over deviation of the standardized CARs, jackknifed", "Giaccotto and Sfiridis 1996"
    ),
    "patell": DescribedTest(
        "sum of CARs in units of their own standard errors, over its own under independence", "Patell 1976"
    ),
    "patell_simple": DescribedTest(
        "the same summed over days as if they were independent; to compare with other software", "Patell 1976"
    ),
    "adjusted_patell": DescribedTest(
        "Patell's, widened for the mean correlation of the firms", "Kolari and Pynnonen 2010"
    ),
    "bmp": DescribedTest(
        "mean standardized CAR over its standard error across firms", "Boehmer, Musumeci and Poulsen 1991"
    ),
    "kolari_pynnonen": DescribedTest(
        "BMP's, widened for the mean correlation of the firms", "Kolari and Pynnonen 2010"
    ),
    "rank": DescribedTest(
        "mean rank of the day among all days, over its spread on ordinary days", "Corrado 1989; Cowan 1992"
    ),
    "corrado_zivney": DescribedTest(
        "the same with ranks of standardized returns, event-induced variance taken out", "Corrado and Zivney 1992"
    ),
    "grank": DescribedTest(
        "rank of the whole window's standardized CAR among the days, by Student's t", "Kolari and Pynnonen 2011"
    ),
    "grank_z": DescribedTest("the same with the variance that independent firms would have", "Kolari and Pynnonen 2011"),
    "sign": DescribedTest("share of positive CARs against one half", "Brown and Warner 1980"),
    "generalized_sign": DescribedTest("share of positive CARs against that of ordinary days", "Cowan 1992"),
    "wilcoxon": DescribedTest("signed ranks of the CARs", "Wilcoxon 1945"),
}  # fmt: skip
