"""Put on PYTHONPATH of a process under test: any connection that leaves this machine is refused and written down."""

import os
import socket

_connect = socket.socket.connect
_resolve = socket.getaddrinfo
LOCAL = ("127.", "localhost", "::1")


def _refuse(what):
    with open(os.environ["POTASH_OFFLINE_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123 - before anything else runs
        log.write(f"{what}\n")
    raise OSError(f"the network is blocked in this test: {what}")


def connect(self, address):
    if isinstance(address, tuple) and not str(address[0]).startswith(LOCAL):
        _refuse(address)
    return _connect(self, address)


def getaddrinfo(host, *args, **kwargs):
    if host is not None and not str(host).startswith(LOCAL) and host != "0.0.0.0" and host != socket.gethostname():
        _refuse(host)
    return _resolve(host, *args, **kwargs)


socket.socket.connect = connect
socket.getaddrinfo = getaddrinfo
