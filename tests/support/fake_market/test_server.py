"""The fake itself: routes, faults, refusals, and other processes behind TLS."""

from dataclasses import replace

import pytest

from tests.support.fake_market.server import FakeMarket, Reply, UnroutedHostError, run_python
from tests.support.fake_market.yahoo import FakeYahoo, random_walk


@pytest.fixture
def market():
    with FakeMarket() as market:
        yield market


@pytest.fixture
def ntr(market):
    listing = random_walk("NTR", "XNYS", "2025-09-02", "2025-12-19")
    FakeYahoo(market, listing)
    return listing


def test_other_processes_reach_the_fake_behind_tls(market, ntr):
    window = "start='2025-09-02', end='2025-09-03', auto_adjust=False"
    done = run_python(market, f"import yfinance as yf; print(yf.Ticker('NTR').history({window})['Close'].iloc[0])")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == ntr.bars["close"].iloc[0]
    assert market.refused == []


def test_other_processes_check_certificates_and_go_nowhere_else(market, ntr):
    code = "import requests; requests.get('https://query1.finance.yahoo.com/')"
    done = run_python(market, code, REQUESTS_CA_BUNDLE="", CURL_CA_BUNDLE="")
    assert "certificate verify failed" in done.stderr
    assert run_python(market, "import requests; requests.get('https://example.com/')").returncode != 0
    assert market.refused[-1] == "example.com"


def test_hosts_without_route_are_refused(market, ntr):
    for session in (market.session(), market.requests_session()):
        with session, pytest.raises(UnroutedHostError, match=r"no route to 'example\.com'"):
            session.get("https://example.com/")


def test_faults_come_one_a_request_then_the_normal_answer(market):
    market.route("example.com", lambda request: Reply(body=b"well", content_type="text/plain"))
    market.fault("x", [Reply(503), lambda normal: replace(normal, body=normal.body + b" again")])
    with market.requests_session() as session:
        replies = [session.get("https://example.com/a/x?b=1") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 200, 200]
    assert [reply.content for reply in replies] == [b"", b"well again", b"well"]
    assert [(r.host, r.path, r.query) for r in market.requests] == [("example.com", "/a/x", {"b": "1"})] * 3


def test_mistake_in_the_fake_does_not_pass_for_a_fault():
    def ask():
        with FakeMarket() as market, market.requests_session() as session:
            market.route("example.com", lambda request: 1 / 0)
            assert session.get("https://example.com/").status_code == 500

    with pytest.raises(ExceptionGroup, match="handlers of the fake market failed"):
        ask()
