"""Frames that are handed to a study: what is taken, and what is refused with which words."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import EventsError, InputError
from potash.study.inputs import check_units
from tests.paths import ROOT, SHARED
from tests.study.made_up import DAYS, events, made_returns, study


def test_text_dates_are_dates():
    same = study(made_returns(1), events(200).assign(session=f"{DAYS[200]:%Y-%m-%d}")).fit()
    pd.testing.assert_frame_equal(same.car(), study(made_returns(1), events(200)).fit().car())


def refused(rows: object, message: str, returns: pd.DataFrame | None = None) -> None:
    with pytest.raises(EventsError, match=message):
        study(made_returns(2) if returns is None else returns, rows).fit()


def test_events_that_are_refused():
    refused(["2024-10-10"], "events is a list; a DataFrame with event_id and session is needed")
    refused(events(200).drop(columns="session"), "no column session; found event_id")
    refused(events(200).drop(columns="event_id"), "no column event_id")
    refused(events(200).iloc[:0], "there is no row")
    refused(events(200).assign(event_id=None), "a row has no event_id")
    refused(events(200, 200).assign(event_id="e"), r"stand more than once: e \(A\), e \(B\)")
    refused(events(200).assign(ticker="NTR"), "no returns for 'NTR'.*Returns are there for: A, B")
    refused(events(200).assign(ticker="Aa"), "no returns for 'Aa'")


def test_an_unknown_ticker_gets_a_hint():
    returns = made_returns(2).rename(columns={"A": "ICL.TA"})
    refused(events(200).assign(ticker="ICL"), r"'ICL' \(did you mean 'ICL.TA'\?\)", returns)


def test_a_missing_ticker_is_refused():
    rows = pd.DataFrame({"event_id": ["a", "b"], "ticker": [np.nan, "NTR"], "session": DAYS[[200, 200]]})
    refused(rows, "a row has no ticker")


@pytest.mark.parametrize(
    "moment", [pd.Timestamp("2024-10-10 09:30"), pd.Timestamp("2024-10-10", tz="UTC"), "2024-10-10 09:30"]
)
def test_times_and_zones_are_refused(moment):
    refused(events(200).assign(session=moment), "dates without time and zone. Timeline.align finds them")


def test_text_that_is_no_date_is_refused():
    refused(events(200).assign(session="next week"), "a session is not a date.*Write YYYY-MM-DD")


def test_a_date_that_could_be_two_is_refused():
    """10/11/2024 is the tenth of November in Minsk and the eleventh of October in New York."""
    refused(events(200).assign(session="10/11/2024"), "YYYY-MM-DD")


def test_exchanges_may_be_categories_with_gaps():
    rows = events(200, 240).assign(
        exchange=pd.Categorical(["XNYS", None]), session=pd.to_datetime(["2024-10-10", "2024-12-02"])
    )
    assert len(study(made_returns(1), rows).fit().car()) == 2


def test_whole_numbers_may_be_tickers_and_event_ids():
    returns = made_returns(2).rename(columns={"A": 7203})
    rows = pd.DataFrame({"event_id": [1], "ticker": [7203], "session": [DAYS[200]]})
    results = study(returns, rows).fit()
    assert results.car((0, 0)).shape == (1, 4)


def with_value(frame: pd.DataFrame, value: object) -> pd.DataFrame:
    changed = frame.copy()
    changed.iloc[1, 0] = value
    return changed


def test_returns_that_are_refused():
    good = made_returns(2)
    bad = {
        "returns: the index must hold dates without a zone": good.tz_localize("UTC"),
        "returns: the index must hold dates": good.reset_index(drop=True),
        "returns: sessions that stand more than once: 2024-01-01": pd.concat([good.iloc[:1], good]),
        "returns: sessions are not in order": good.iloc[::-1],
        "returns: A on 2024-01-02 is infinite; was a price zero": with_value(good, np.inf),
        "returns: a value is not a number": with_value(good.astype(object), "n/a"),
    }
    for message, frame in bad.items():
        with pytest.raises(InputError, match=message):
            potash.EventStudy(frame[["A", "B"]], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    twice = pd.concat([good[["A"]], good[["A"]]], axis=1)
    with pytest.raises(InputError, match="columns that stand more than once: A"):
        potash.EventStudy(twice, events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    with pytest.raises(InputError, match="returns: a Series came in"):
        potash.EventStudy(good["A"], events(200), returns_kind="log", model=potash.MeanAdjusted())
    with pytest.raises(InputError, match="at least one row"):
        potash.EventStudy(good.iloc[:0], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()


def test_sessions_with_a_time_of_day_are_refused():
    """At 16:00 no session equals a date, and every event would go into the ledger with a puzzling reason."""
    returns = made_returns(2)
    with pytest.raises(InputError, match=r"returns: .*without"):
        study(returns.set_axis(DAYS + pd.Timedelta(hours=16)), events(200), model=potash.MeanAdjusted()).fit()


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_prices_and_percent_are_not_returns(kind):
    returns = made_returns(2)
    prices = 50 * np.exp(returns.cumsum())
    for frame in (prices, returns * 100):
        with pytest.raises(InputError, match=r"Are they .*prices"):
            study(frame, events(200), returns_kind=kind)


def test_a_market_of_prices_or_percent_is_refused_too():
    """The regression runs, and its beta and abnormal returns mean nothing."""
    returns = made_returns(2)
    for market in (400 * np.exp(returns["M"].cumsum()), returns["M"] * 300):
        with pytest.raises(InputError, match="prices or percent"):
            study(returns, events(200), model=potash.MarketModel(market)).fit()


def test_simple_returns_below_minus_one_hundred_percent():
    returns = made_returns(2)
    returns.loc[DAYS[5], "A"] = -1.2
    with pytest.raises(InputError, match="returns: A fall below -100 %"):
        study(returns, events(200), returns_kind="simple")
    assert len(study(returns, events(200), returns_kind="log").fit().car()) == 2


def test_a_market_with_a_zone_is_refused():
    returns = made_returns(2)
    with pytest.raises(InputError, match="the model's factors: the index must hold dates without a zone"):
        study(returns, events(200), model=potash.MarketModel(returns["M"].tz_localize("UTC"))).fit()


SPACING = {"day": 1, "week": 5, "month": 21, "quarter": 63}


def made_column(deviation: float, every: str = "day", rows: int = 130, tails: bool = False) -> pd.Series:
    """Return normal or t(3) returns whose daily standard deviation is given, with a row every day, week, ..."""
    days = pd.bdate_range("2000-01-03", periods=rows * SPACING[every])[:: SPACING[every]]
    rng = np.random.default_rng(11)
    draws = rng.standard_t(3, rows) / np.sqrt(3) if tails else rng.normal(0, 1, rows)
    return pd.Series(draws * deviation * np.sqrt(SPACING[every]), days, name="X")


@pytest.mark.parametrize("tails", [False, True])
@pytest.mark.parametrize("every", SPACING)
@pytest.mark.parametrize("deviation", [0.002, 0.005, 0.01, 0.03, 0.06, 0.1])
def test_fractions_pass_at_any_spacing(deviation, every, tails):
    """From currencies (.2 % a day) to crypto-currencies (10 %)."""
    check_units({"returns": made_column(deviation, every, tails=tails).to_frame()})


@pytest.mark.parametrize("tails", [False, True])
@pytest.mark.parametrize("every", SPACING)
@pytest.mark.parametrize("deviation", [0.004, 0.005, 0.01, 0.03, 0.06, 0.1])
@pytest.mark.parametrize("unit", [100, 10_000])
def test_percent_and_basis_points_are_refused_at_any_spacing(deviation, every, tails, unit):
    column = made_column(deviation, every, tails=tails) * unit
    with pytest.raises(InputError, match="returns: X moves"):
        check_units({"returns": column.to_frame()})


def test_the_message_says_the_figure_the_rule_and_the_remedy():
    calm = pd.DataFrame({"SPY": np.tile([0.2, -0.2], 60)}, index=DAYS[:120])
    with pytest.raises(InputError) as refusal:
        check_units({"the model's factors": calm})
    assert str(refusal.value) == (
        "the model's factors: SPY moves 0.2 on an ordinary day, which as a fraction is 20.0%; at most 10% is credible. Are they "
        "prices or percent? Hand over fractions, .01 for one percent (divide percent by 100), or pass check_units=False if they "
        "are right."
    )
    with pytest.raises(InputError, match=r"basis points, prices or percent.*divide basis points by 10,000"):
        check_units({"returns": calm * 100})
    with pytest.raises(InputError, match=r"SPY is above zero on every one of 120 rows, from 50 to 52.*use .pct_change"):
        check_units({"returns": calm * 5 + 51})


@pytest.mark.parametrize(("size", "taken"), [(0.0999, True), (0.1001, False)])
def test_the_limit_is_ten_percent_a_day(size, taken):
    column = pd.DataFrame({"X": np.tile([size, -size], 60)}, index=DAYS[:120])
    if taken:
        check_units({"returns": column})
    else:
        with pytest.raises(InputError):
            check_units({"returns": column})


@pytest.mark.parametrize("level", [0.007, 0.08, 1.1, 52.0, 40_000.0])
def test_prices_are_refused_at_any_level(level):
    """A rate of exchange of .007 is smaller than most returns, and never falls below zero."""
    prices = level * np.exp(made_column(0.01).cumsum())
    with pytest.raises(InputError, match="above zero on every one of 130 rows"):
        check_units({"returns": prices.to_frame()})


def test_an_interest_rate_and_marks_of_days_are_factors():
    """A rate never falls below zero either; a column of 0 and 1 is no return."""
    rate = np.linspace(0.0001, 0.0006, 120)
    marks = (np.arange(120) % 5 == 0).astype(float)
    check_units({"the model's factors": pd.DataFrame({"RF": rate, "monday": marks}, index=DAYS[:120])})
    check_units({"the model's factors": made_column(0.00001, "month").add(0.06 / 12).to_frame()})


@pytest.mark.parametrize(("factor", "taken"), [(29, True), (31, False)])
def test_a_column_is_compared_with_the_other_columns(factor, taken):
    """A bond fund in percent moves less than 10 % a day; beside others in fractions it stands out."""
    signs = np.tile([1.0, -1.0], 60)
    rest = pd.DataFrame(dict.fromkeys("ABC", signs * 0.0015), index=DAYS[:120])
    odd = pd.DataFrame({"BND": signs * 0.0015 * factor}, index=DAYS[:120])
    if taken:
        check_units({"returns": rest, "the model's factors": odd})
    else:
        with pytest.raises(InputError, match=r"the model's factors: BND moves 0.0465 .*the other columns move 0.150%"):
            check_units({"returns": rest, "the model's factors": odd})
    check_units({"returns": rest / 100, "controls": rest * 20})  # 3 % a day beside a money market


def test_a_security_that_seldom_trades_moves_more_when_it_does():
    """One day in nine at 15 %: by session that is 5 %."""
    returns = np.zeros(270)
    returns[::9] = np.tile([0.15, -0.15], 15)
    check_units({"returns": pd.DataFrame({"X": returns}, index=DAYS[:270])})
    with pytest.raises(InputError, match="X moves 5 on"):
        check_units({"returns": pd.DataFrame({"X": returns * 100}, index=DAYS[:270])})


def test_numbers_kept_as_objects_are_judged_too():
    column = made_column(0.01).to_frame()
    check_units({"returns": column.astype(object)})
    with pytest.raises(InputError, match="X moves"):
        check_units({"returns": (column * 100).astype(object)})


@pytest.mark.parametrize("place", ["returns", "factors", "controls"])
def test_each_frame_of_a_study_is_judged_and_may_be_taken_as_it_is(place):
    made = made_returns(4)
    returns, market, controls = made[["A", "B"]], made["M"], made[["C", "D"]]
    if place == "returns":
        returns = returns.assign(B=returns["B"] * 100)
    market, controls = (
        (market * 100 if place == "factors" else market),
        (controls.assign(D=controls["D"] * 100) if place == "controls" else controls),
    )
    options = {
        "returns_kind": "log", "model": potash.MarketModel(market), "controls": controls, "event_window": (-5, 5),
        "estimation_window": (-130, -11),
    }  # fmt: skip
    with pytest.raises(InputError, match=r"(B|M|D) moves .* check_units=False"):
        potash.EventStudy(returns, events(200), **options)
    taken = potash.EventStudy(returns, events(200), check_units=False, **options)
    assert len(potash.verdicts(taken)) == 1


def test_a_factor_that_is_no_return_may_fall_below_minus_one_where_units_are_not_checked():
    returns = made_returns(2)
    model = potash.FactorModel(returns[["M"]].assign(change=np.random.default_rng(5).normal(0, 2, 300)))
    with pytest.raises(InputError, match="change fall below -100 %"):
        study(returns, events(200), returns_kind="simple", model=model)
    assert len(study(returns, events(200), returns_kind="simple", model=model, check_units=False).fit().car()) == 2


def test_no_carried_price_is_refused():
    for path in sorted((ROOT / "data").glob("prices/*.csv")) + sorted((ROOT / "data").glob("monthly/*.csv")):
        prices = pd.read_csv(path, index_col=0, parse_dates=True)
        returns = np.log(prices).diff()
        check_units({"returns": returns})
        for ticker in returns:
            with pytest.raises(InputError, match="moves"):
                check_units({"returns": returns[[ticker]] * 100})
            with pytest.raises(InputError, match="above zero"):
                check_units({"returns": prices[[ticker]]})


@pytest.mark.skipif(not SHARED.exists(), reason="the larger material is not on this machine")
@pytest.mark.parametrize("name", ["equities_2015_2024", "equities_2024_2026"])
@pytest.mark.parametrize("every", ["D", "W", "ME", "QE"])
def test_ten_years_of_prices_pass_and_their_percent_does_not(name, every):
    rows = pd.read_csv(SHARED / f"data/reference/{name}.csv.gz", parse_dates=["date"])
    prices = rows.groupby(["date", "ticker"])["adj_close"].last().unstack().resample(every).last()
    for ticker in prices:
        returns = prices[ticker].dropna().pct_change().dropna().to_frame()
        if len(returns) >= 20:
            check_units({"returns": returns})
            with pytest.raises(InputError, match="moves"):
                check_units({"returns": returns * 100})


def test_a_ticker_in_other_letters_gets_a_hint():
    refused(events(200).assign(ticker="a"), r"no returns for 'a' \(did you mean 'A'\?\)")
    refused(events(200).assign(ticker="B "), r"no returns for 'B ' \(did you mean 'B'\?\)")
