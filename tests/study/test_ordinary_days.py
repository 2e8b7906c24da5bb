"""The same firms on ordinary days, against a study of each day alone."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.study.ordinary_days import ordinary_days
from tests.study.exchanges import BOTH_OPEN, NEW_YORK, TEL_AVIV, joined
from tests.study.made_up import DAYS, events, made_returns, study


def test_placebo_days_keep_clear_of_the_events_whatever_calendars_the_other_events_use():
    """Days are numbered over the calendars in play, so the numbers of one alignment must not be read by another."""
    rng = np.random.default_rng(0)
    returns = joined(NEW_YORK)
    returns = returns.mask(
        returns.notna(), pd.DataFrame(rng.normal(0, 0.02, returns.shape), returns.index, returns.columns)
    )
    us, israel = BOTH_OPEN[150], BOTH_OPEN[180]
    rows = pd.DataFrame(
        {"event_id": ["us", "il"], "ticker": ["NTR", "ICL.TA"], "session": [us, israel], "exchange": ["XNYS", "XTAE"]}
    )
    event_study = potash.EventStudy(
        returns, rows, returns_kind="log", model=potash.MeanAdjusted(),
        event_window=(-2, 2), estimation_window=(-110, -11), min_estimation=60,
    )  # fmt: skip
    ordinary = event_study.placebo_cars((0, 0))
    at = NEW_YORK.get_loc(us)
    crowded = set(NEW_YORK[at - 4 : at + 5]) & set(ordinary.loc[ordinary["event_id"] == "us", "session"])
    assert not crowded


def test_placebo_days_are_the_sessions_clear_of_every_event_with_all_firms():
    returns = made_returns(3)
    returns.loc[DAYS[290], "B"] = np.nan
    event_study = study(returns, events(200, 240))
    ordinary = event_study.placebo_cars((0, 1))
    assert ordinary.columns.tolist() == ["event_id", "session", "CAR", "std_error", "tstat", "pvalue"]
    # Four fifths of the window are there from session 106 on, and the event window must end at 299.
    near = {p for at in (200, 240) for p in range(at - 10, at + 11)}
    expected = [DAYS[p] for p in range(106, 295) if p not in near and p != 290]
    for _, days in ordinary.groupby("event_id"):
        assert days["session"].tolist() == expected


def test_placebo_cars_are_those_of_the_same_study_on_that_day():
    event_study = study(made_returns(3), events(200))
    ordinary = event_study.placebo_cars((0, 1)).set_index("session")
    day = ordinary.index[40]
    direct = study(made_returns(3), pd.DataFrame({"event_id": ["x"], "session": [day]})).fit().portfolio((0, 1)).iloc[0]
    np.testing.assert_allclose(
        ordinary.loc[day, ["CAR", "std_error", "tstat"]].astype(float), direct[["CAR", "std_error", "tstat"]]
    )


def noisy(index: pd.DatetimeIndex, exchanges: dict[str, str]) -> pd.DataFrame:
    """Return firms and the market M; a firm has returns on its exchange's sessions alone, with gaps."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, len(index))
    returns = pd.DataFrame({t: market + rng.normal(0, 0.02, len(index)) for t in exchanges}, index=index)
    returns = returns.mask(rng.random(returns.shape) < 0.01)
    for ticker, mic in exchanges.items():
        returns.loc[~index.isin(NEW_YORK if mic == "XNYS" else TEL_AVIV), ticker] = np.nan
    return returns.assign(M=market)


@pytest.mark.parametrize(
    ("exchanges", "exclude_events"),
    [(dict.fromkeys("ABC", "XNYS"), False), ({"A": "XNYS", "B": "XNYS", "C": "XTAE"}, True)],
)
def test_ordinary_days_are_those_of_a_study_of_every_session(exchanges, exclude_events):
    index = NEW_YORK.union(TEL_AVIV)
    returns = noisy(index, exchanges)
    firms = pd.DataFrame({"ticker": list(exchanges), "exchange": list(exchanges.values())})
    rows = firms.merge(pd.DataFrame({"event_id": ["x", "y"], "session": [BOTH_OPEN[120], BOTH_OPEN[170]]}), how="cross")
    # The last firm of y has no return on day 0: it is in the ledger, and its day is still no ordinary one.
    returns.loc[BOTH_OPEN[170], "C"] = np.nan
    setup = {"event_window": (-1, 2), "estimation_window": (-80, -6), "model": potash.MeanAdjusted()}
    event_study = study(returns, rows, exclude_events=rows if exclude_events else False, **setup)
    actual = event_study.placebo_cars((0, 1)).set_index(["event_id", "session"])
    results = event_study.fit()
    busy = set(results.panel.days_event.ravel()) | {BOTH_OPEN[170].value // 86_400_000_000_000}
    expected = {}
    for event_id, labels in results.panel.labels.groupby("event_id"):
        members = firms[firms["ticker"].isin(labels["ticker"])]
        days = members.merge(pd.DataFrame({"event_id": range(len(index)), "session": index}), how="cross")
        each = study(returns, days, exclude_events=rows if exclude_events else False, **setup).fit()
        portfolio, day = each.portfolio((0, 1)), each.panel.labels["event_id"].to_numpy()
        for number, session in enumerate(index):
            clear = not busy & set(each.panel.days_event[day == number].ravel())
            if (day == number).sum() == len(members) and clear:
                expected[event_id, session] = portfolio.loc[number]
    assert actual.index.tolist() == list(expected)
    assert len(expected) > 300
    table = pd.DataFrame(expected).T[["CAR", "std_error", "tstat", "pvalue"]]
    np.testing.assert_allclose(actual.to_numpy(), table.to_numpy(float), rtol=1e-9, atol=1e-15)


def test_ordinary_days_of_the_same_firms_are_made_once():
    event_study = study(made_returns(3), events(180, 210, 240))
    panel, fitted = event_study.fit().panel, []

    def portfolio_fit(places):
        fitted.append(places)
        return event_study._portfolio_fit(places)

    days = ordinary_days(panel, DAYS, portfolio_fit)
    assert len(days) == 3
    assert len(fitted) == 1
    assert days[0] is days[1] is days[2]
    others = ordinary_days(panel.only(panel.labels.index != 2), DAYS, portfolio_fit)
    assert len(fitted) == 3
    assert others[0] is not others[1]
    assert others[1] is others[2]


def test_days_near_other_events_are_not_ordinary():
    """A window that holds day 0 of one of ``other_events`` is no ordinary one; its neighbours are."""
    returns, rows = made_returns(2), events(200)
    settings = {"event_window": (-1, 2), "estimation_window": (-60, -11)}
    plain = study(returns, rows, **settings).ordinary_days("e0").sessions
    other = pd.DataFrame({"event_id": ["o"], "session": [DAYS[150]]})
    fewer = study(returns, rows, other_events=other, **settings).ordinary_days("e0").sessions
    assert set(plain) - set(fewer) == set(DAYS[148:152])


def with_holes(positions) -> potash.EventStudy:
    """Return a study of A and B against the market and a factor that is missing at positions."""
    returns = made_returns(2)
    oil = pd.Series(np.random.default_rng(3).normal(0, 0.02, 300), DAYS, name="OIL")
    oil.iloc[list(positions)] = np.nan
    model = potash.FactorModel(returns[["M"]].join(oil))
    return study(returns, events(200), model=model, event_window=(-2, 2), estimation_window=(-60, -11))


def test_holes_of_a_factor_cost_ordinary_days_and_that_is_said():
    """Against a loop over the days: every tenth day of the last hundred is missing."""
    holes = set(range(209, 300, 10))
    event_study = with_holes(holes)
    with pytest.warns(potash.PotashWarning) as caught:
        event_study.placebo()
    assert caught[0].filename == __file__
    ordinary = event_study.ordinary_days("e0")
    clear = [day for day in range(50, 298) if day - 2 > 202 or day + 2 < 198]  # 40 of 50 returns are there from 50 on
    unusable = [day for day in clear if day in holes]
    broken = [day for day in clear if day not in holes and holes & set(range(day - 2, day + 3))]
    assert (ordinary.possible, len(ordinary.sessions)) == (len(clear), len(clear) - len(unusable))
    assert ordinary.holes.loc["OIL"].tolist() == [len(unusable), len(broken)]
    assert list(ordinary.holes.index) == ["OIL"]
    assert str(caught[0].message) == (
        f"{len(clear) - len(unusable)} of {len(clear)} ordinary days of A, B are left, since factors have missing values: those "
        f"of OIL make {len(unusable)} unusable and leave {len(broken)} without all days of the event window. Hand over factors "
        "without holes, or leave one out."
    )


def test_a_vote_that_holes_take_away_is_said_to_be_gone():
    event_study = with_holes([*range(130), *range(201, 300)])
    with pytest.warns(
        potash.PotashWarning, match=r"fewer than the 20 that a randomization needs, so it has no p-value"
    ):
        pvalue = event_study.placebo()["pvalue"]
    assert pvalue.isna().all()


def test_a_hole_that_costs_little_is_counted_and_not_warned_about():
    ordinary = with_holes([250]).ordinary_days("e0")
    assert ordinary.holes.loc["OIL"].tolist() == [1, 4]
    assert ordinary.why_fewer() == ""


def test_without_holes_there_is_nothing_to_say():
    ordinary = with_holes([]).ordinary_days("e0")
    assert ordinary.holes.empty
    assert ordinary.possible == len(ordinary.sessions)
    assert ordinary.why_fewer() == ""
