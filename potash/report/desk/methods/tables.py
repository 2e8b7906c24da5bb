"""What each model and each test makes of one event's portfolio, the one that its verdict is about."""

from __future__ import annotations

from typing import Any

import pandas as pd

from potash.report.desk.methods.described import MODELS, TESTS
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import TEST_NAMES, percent_or_missing, size_or_missing
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.words import p_value, percent, size_of, when
from potash.study.results import EventStudyResults

HYPOTHESES = {
    "mean_effect": "the mean effect is zero",
    "no_effect": "every effect is zero",
    "equal_effects": "all effects are equal",
}


def models_table(setting: Setting, event_id: str | None) -> ShownTable:
    """Return what each model of the normal return makes of an event's portfolio, below the number of its verdict.

    Without an event, the models alone.
    """
    if event_id is None:
        frame = pd.DataFrame(
            [(m.name, m.words, m.reference) for m in MODELS], columns=["model", "normal return", "reference"]
        )
        return ShownTable(frame, frame, "", "models", "Models of the normal return")
    study, verdict = setting.counting(event_id), setting.verdict(event_id)
    events = study.events[study.events["event_id"] == event_id]
    portfolio = list(study.fit().events.loc[event_id].index)
    there = [ticker for ticker in setting.returns if ticker != setting.market]
    crops = [ticker for ticker in setting.universe.with_role("crop equity") if ticker in there][:1]
    factors = setting.returns[[setting.market, *crops]]
    rows: list[dict[str, Any]] = [
        {
            "model": "verdict", "normal_return": _counts(setting, event_id), "reference": "the page of the event",
            "CAR": verdict.CAR, "std_error": verdict.std_error, "pvalue": verdict.scaled_pvalue,
        }
    ]  # fmt: skip
    absent, unstable = [], []
    for model in MODELS:
        row = {"model": model.name, "normal_return": model.words, "reference": model.reference}
        try:
            results = study.changed(events=events, model=model.make(setting.returns[setting.market], factors)).fit()
        except ImportError:  # the package that fits it is not installed
            absent.append(model.name)
            continue
        if event_id in results.event_ids and list(results.events.loc[event_id].index) == portfolio:
            car = results.for_event(event_id).portfolio((verdict.window.start, verdict.window.end)).iloc[0]
            row |= {"CAR": car["CAR"], "std_error": car["std_error"], "pvalue": car["pvalue"]}
        else:
            unstable.append(model.name)
        rows.append(row)
    frame = pd.DataFrame(rows)
    note = (
        f"Equal-weighted portfolio of {', '.join(portfolio)}, {when(verdict.window)}. The first row is the verdict's; "
        "the others are measured against the market, with standard errors of the estimation window. Returns from trade to trade "
        "(Maynes and Rumsey 1993) are made by potash.trade_to_trade for shares that do not trade every day."
        + (f" No stable fit for one of these firms: {', '.join(unstable)}." if unstable else "")
        + (f" Not installed: {', '.join(absent)} (pip install 'potash[garch]')." if absent else "")
    )
    title = f"Models, and what each makes of the newest event: {setting.title(event_id)}"
    return ShownTable(frame, _estimates(frame), note, "models", title)


def _counts(setting: Setting, event_id: str) -> str:
    controls = setting.verdict(event_id).controls
    group = f" and the mean of {', '.join(controls)}" if controls else ""
    return f"alpha plus a slope for the market{group}; standard error by the days around the event"


def _estimates(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": frame["model"],
            "normal return": frame["normal_return"],
            "reference": frame["reference"],
            "abnormal return": frame["CAR"].map(percent_or_missing),
            "standard error": frame["std_error"].map(size_or_missing),
            "p": frame["pvalue"].map(p_value),
        }
    )


def tests_table(setting: Setting, event_id: str | None) -> ShownTable:
    """Return every test in words, with what it says of an event's portfolio in the verdict's window, and whether it holds.

    Without an event, the tests alone.

    Raises
    ------
    KeyError
        If a test has no description in :data:`potash.report.desk.methods.described.TESTS`.
    """
    if event_id is None:
        rows = [(TEST_NAMES[name], test.words, test.reference) for name, test in TESTS.items()]
        words = pd.DataFrame(rows, columns=["test", "what it computes", "reference"])
        return ShownTable(words, words, "", "tests", "Tests")
    window = setting.verdict(event_id).window
    frame = _alone(setting, event_id).tests((window.start, window.end)).reset_index()
    described = [TESTS[name] for name in frame["test"]]
    shown = pd.DataFrame(
        {
            "test": frame["test"].map(TEST_NAMES),
            "what it computes": [test.words for test in described],
            "reference": [test.reference for test in described],
            "null": frame["null"],
            "p": frame["pvalue"].map(p_value),
            "holds here": frame["holds"].map({True: "yes", False: "no"}),
        }
    )
    note = f"Measured against the market alone, {when(window)}. None of these tests has a vote in the verdict."
    return ShownTable(
        frame, shown, note, "tests", f"Tests, and what each says of the newest event: {setting.title(event_id)}"
    )


def joint_table(setting: Setting, event_id: str) -> ShownTable | None:
    """Return the tests of the joint regression; None where the firms share no days or there is only one."""
    alone = _alone(setting, event_id)
    if not alone.panel.members_share_days() or len(alone.panel.labels) < 2:
        return None
    system, spans = alone.joint(), (Window(0, 0), Window(0, 1))
    tests = [
        (span, words, system.test(name, list(range(span.start, span.end + 1))))
        for span in spans
        for name, words in HYPOTHESES.items()
    ]
    frame = pd.DataFrame(
        {
            "null": [words for _, words, _ in tests],
            "window": [str(span) for span, _, _ in tests],
            "statistic": [test.stat for *_, test in tests],
            "distribution": [test.distribution for *_, test in tests],
            "pvalue": [test.pvalue for *_, test in tests],
        }
    )
    shown = pd.DataFrame(
        {
            "null": frame["null"],
            "over": [when(span) for span, *_ in tests],
            "statistic": frame["statistic"].map("{:.2f}".format),
            "distribution": frame["distribution"],
            "p": frame["pvalue"].map(p_value),
        }
    )
    note = "Wilks' lambda in Rao's F form, exact for one session and for the mean effect."
    return ShownTable(frame, shown, note, "joint", f"Joint tests: {setting.title(event_id)}")


def buy_and_hold_table(setting: Setting, event_id: str) -> ShownTable:
    """Return cumulated and buy-and-hold abnormal returns of the firms from day 0 to the end of the event window."""
    alone, window = _alone(setting, event_id), (0, setting.event_window[1])
    held = alone.bhar(window).rename(columns={"BHAR": "value"}).add_prefix("BHAR_")
    frame = alone.car(window).join(held.rename(columns={"BHAR_value": "BHAR"})).reset_index()
    weighted = alone.weighted_car(window)
    shown = pd.DataFrame(
        {
            "firm": frame["ticker"],
            "cumulated (CAR)": frame["CAR"].map(percent_or_missing),
            "standard error": frame["std_error"].map(size_or_missing),
            "p": frame["pvalue"].map(p_value),
            "bought and held (BHAR)": frame["BHAR"].map(percent_or_missing),
            "standard error of BHAR": frame["BHAR_std_error"].map(size_or_missing),
            "p of BHAR": frame["BHAR_pvalue"].map(p_value),
        }
    )
    note = (
        f"Precision-weighted mean CAR: {percent(weighted.estimate)} (standard error {size_of(weighted.std_error)}, "
        f"p {p_value(weighted.pvalue)}). Against the market."
    )
    title = f"Cumulated and buy-and-hold abnormal returns {when(Window.of(window))}: {setting.title(event_id)}"
    return ShownTable(frame, shown, note, "bhar", title)


def corrections_table(setting: Setting, event_id: str) -> ShownTable:
    """Return the p-value of each firm's CAR in three windows, corrected for their number in three ways."""
    alone, event = _alone(setting, event_id), Window.of(setting.event_window)
    windows: list[tuple[int, int] | Window] = [
        window for window in ((0, 0), (-1, 1), (0, 1)) if Window.of(window) in event
    ]
    raw = pd.concat({str(Window.of(window)): alone.car(window)["pvalue"] for window in windows}, axis=1)
    tables = {"not corrected": raw, "Holm": alone.adjusted_pvalues(windows, "holm")}
    if alone.panel.members_share_days():
        tables["Romano-Wolf"] = alone.adjusted_pvalues(windows, "romano_wolf")
    tables["Benjamini-Hochberg"] = alone.adjusted_pvalues(windows, "benjamini_hochberg")
    frame = pd.concat(
        {name: table.droplevel("event_id").stack() for name, table in tables.items()}, axis=1
    ).reset_index()
    frame.columns = pd.Index(["firm", "window", *tables])
    shown = frame.assign(**{name: frame[name].map(p_value) for name in tables})
    title = f"P-values of each firm's CAR, corrected for their number: {setting.title(event_id)}"
    return ShownTable(frame, shown, "", "corrections", title)


def diagnostics_table(setting: Setting, event_id: str) -> ShownTable:
    """Return what the residuals of the estimation windows look like, firm by firm."""
    frame = _alone(setting, event_id).diagnostics().reset_index()
    shown = pd.DataFrame(
        {
            "firm": frame["ticker"],
            "returns": frame["nobs"],
            "normal, p": frame["jarque_bera_pvalue"].map(p_value),
            "no autocorrelation over 1 day, p": frame["ljung_box_1_pvalue"].map(p_value),
            "over 5 days, p": frame["ljung_box_5_pvalue"].map(p_value),
            "one variance, p": frame["arch_lm_pvalue"].map(p_value),
            "stable beta, p": frame["chow_pvalue"].map(p_value),
            "returns of zero": frame["zero_returns"].map(size_or_missing),
            "largest residual": [
                f"{value:+.1f}".replace("-", "\u2212") + f" s.d., {day:%Y-%m-%d}"
                for value, day in zip(frame["largest"], frame["largest_session"], strict=True)
            ],
        }
    )  # fmt: skip
    note = (
        "normal: Jarque-Bera. autocorrelation: Ljung-Box. one variance: Engle's Lagrange multiplier (ARCH). stable beta: Chow, "
        "at the middle of the window."
    )
    return ShownTable(frame, shown, note, "diagnostics", f"The estimation windows of {setting.title(event_id)}")


def _alone(setting: Setting, event_id: str) -> EventStudyResults:
    return setting.counting(event_id).fit().for_event(event_id)
