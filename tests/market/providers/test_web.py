"""One file from one address: whole, or an error that names address and status."""

import io

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

import potash
from potash.errors import BadAnswerError, RateLimitedError, UnreachableError
from potash.market.providers.web import Download, get
from tests.support.fake_market.server import FakeMarket, Reply

URL = "https://files.example.org/a/data.zip"
BODY = bytes(range(256)) * 40


@pytest.fixture
def market():
    with FakeMarket() as market:
        market.route("files.example.org", lambda request: Reply(body=BODY, content_type="application/zip"))
        yield market


@pytest.fixture
def session(market):
    with market.requests_session() as session:
        yield session


def test_page_is_what_was_answered(market, session):
    market.fault("data.zip", [lambda reply: Reply(200, reply.body, "application/zip", {"Last-Modified": "yesterday"})])
    assert get(URL, session) == Download(URL, 200, "application/zip", BODY, "yesterday")
    assert get(URL, session).last_modified is None


def test_request_names_program_and_version(market, session):
    get(URL, session)
    assert market.requests[0].headers["User-Agent"] == f"potash/{potash.__version__}"


def test_without_a_session_a_fresh_one_is_made_and_closed(session, monkeypatch):
    closed = []
    monkeypatch.setattr(session, "close", lambda: closed.append(True))
    monkeypatch.setattr(requests, "Session", lambda: session)
    assert get(URL).body == BODY
    assert closed == [True]


def test_session_of_the_caller_stays_open(session):
    closed = []
    session.close = lambda: closed.append(True)
    get(URL, session)
    assert closed == []


@pytest.mark.parametrize("status", [404, 410])
def test_file_that_is_gone_may_have_moved(market, session, status):
    market.fault("data.zip", [Reply(status, b"<html>", "text/html")])
    with pytest.raises(BadAnswerError, match=rf"{URL}: HTTP {status} .*moved"):
        get(URL, session)


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_error_page_is_a_bad_answer(market, session, status):
    market.fault("data.zip", [Reply(status, b"<html>", "text/html")])
    with pytest.raises(BadAnswerError, match=rf"{URL}: HTTP {status} .*error page"):
        get(URL, session)


def test_too_many_requests_says_how_long_to_wait(market, session):
    market.fault("data.zip", [Reply(429, headers={"Retry-After": "17"}), Reply(429)])
    with pytest.raises(RateLimitedError, match=rf"{URL}: HTTP 429 .*Retry-After: 17"):
        get(URL, session)
    with pytest.raises(RateLimitedError, match="no Retry-After"):
        get(URL, session)


def test_server_that_is_silent_is_unreachable(market, session):
    market.fault("data.zip", [Reply(body=BODY, delay=5.0)])
    with pytest.raises(UnreachableError, match=rf"{URL}: no answer within 0.2 s"):
        get(URL, session, timeout=0.2)


@pytest.mark.parametrize("drop", ["before", "within"])
def test_connection_that_breaks_is_unreachable(market, session, drop):
    market.fault("data.zip", [Reply(body=BODY, drop=drop)])
    with pytest.raises(UnreachableError, match=rf"{URL}: no whole answer"):
        get(URL, session)
    assert get(URL, session).body == BODY


def test_port_without_server_is_unreachable():
    with FakeMarket() as gone:
        address = f"{gone.url}/x"
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(UnreachableError, match=f"{address}: no whole answer"):
            get(address, session)


def test_body_that_cannot_be_decompressed_is_unreachable(market, session):
    market.fault("data.zip", [Reply(body=BODY, headers={"Content-Encoding": "gzip"})])
    with pytest.raises(UnreachableError, match=rf"{URL}: no whole answer"):
        get(URL, session)


class _OldClient(HTTPAdapter):
    """A client that hands out a body shorter than promised, as urllib3 did before version 2."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        super().__init__()
        self.body, self.promises = body, headers

    def send(self, request, **options):
        raw = urllib3.HTTPResponse(
            io.BytesIO(self.body), self.promises, 200, preload_content=False, enforce_content_length=False
        )
        return self.build_response(request, raw)


@pytest.mark.parametrize("length", [len(BODY) + 1, 2 * len(BODY)])
def test_short_body_is_noticed_whatever_the_client(length):
    with requests.Session() as session:
        session.mount("https://", _OldClient(BODY, {"Content-Length": str(length)}))
        with pytest.raises(
            UnreachableError, match=rf"{URL}: HTTP 200.* {len(BODY)} bytes came and {length} were promised"
        ):
            get(URL, session)


def test_length_is_that_on_the_wire_for_a_compressed_body():
    import gzip

    packed = gzip.compress(BODY)
    with requests.Session() as session:
        session.mount("https://", _OldClient(packed, {"Content-Length": str(len(packed)), "Content-Encoding": "gzip"}))
        assert get(URL, session).body == BODY


def test_redirection_is_followed_and_the_last_address_told(market, session):
    market.fault("data.zip", [Reply(302, headers={"Location": "/b/other.zip"})])
    assert get(URL, session).url == "https://files.example.org/b/other.zip"


def test_redirection_without_end_is_a_bad_answer(market, session):
    market.fault("data.zip", [Reply(302, headers={"Location": URL})], always=True)
    with pytest.raises(BadAnswerError, match=rf"{URL}: TooManyRedirects"):
        get(URL, session)


def test_address_that_is_none_is_a_bad_answer(session):
    with pytest.raises(BadAnswerError, match=r"data\.zip: MissingSchema"):
        get("data.zip", session)


def test_beginning_shows_type_size_and_first_characters():
    page = Download(URL, 200, "", b"<html>\n  <body>\xff" + b"x" * 500, None)
    assert page.beginning() == f"516 bytes of an unnamed type that begin with '<html> <body>\ufffd{'x' * 46}'"
