"""How often a provider is asked, after which waits, and when asking again is of no use."""

import datetime as dt

import pytest

from potash.errors import (
    BadAnswerError,
    NoDataError,
    RateLimitedError,
    SeamError,
    StaleSourceError,
    StoreError,
    UnreachableError,
)
from potash.market.providers.patience import Patience, list_symbols, patiently

NOW = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)


class Asked:
    """A call that raises its errors one after the other, then answers."""

    name, whole = "made", True

    def __init__(self, *errors, answer=("NTR", "MOS")):
        self.errors, self.answer, self.times = list(errors), answer, 0

    def __call__(self):
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.answer

    def symbols(self, now):
        assert now == NOW
        return self()


def tried(call, attempts=4):
    waits = []
    return patiently(call, Patience(attempts, sleep=waits.append)), waits


@pytest.mark.parametrize("error", [UnreachableError("gone"), BadAnswerError("nonsense")])
def test_waits_double_from_a_second(error):
    assert tried(Asked(error, error, error)) == (("NTR", "MOS"), [1.0, 2.0, 4.0])


def test_a_limit_is_waited_for_from_half_a_minute():
    assert tried(Asked(RateLimitedError("slow"), RateLimitedError("slow"))) == (("NTR", "MOS"), [30.0, 60.0])
    assert tried(Asked(UnreachableError("gone"), RateLimitedError("slow")))[1] == [1.0, 60.0]


def test_the_last_error_is_raised_after_all_attempts():
    call = Asked(*[UnreachableError(f"{number}") for number in range(9)])
    with pytest.raises(UnreachableError, match=r"^2$"):
        tried(call, attempts=3)
    assert call.times == 3


@pytest.mark.parametrize("error", [NoDataError("none"), SeamError("seam"), StaleSourceError("old"), StoreError("full")])
def test_what_will_not_pass_is_raised_at_once(error):
    call = Asked(error)
    with pytest.raises(type(error)):
        tried(call)
    assert call.times == 1


def test_symbols_are_listed_and_none_where_there_is_no_list():
    patience = Patience(sleep=lambda _: None)
    assert list_symbols(Asked(UnreachableError("gone")), lambda: NOW, patience) == ["NTR", "MOS"]
    assert list_symbols(Asked(answer=None), lambda: NOW, patience) == []
