"""What every test has: the calendars kept on this machine, also where a test gives its processes another home."""

import os

from potash.cache import CACHE_VARIABLE, cache_folder
from tests.support.stores import address, postgres_server  # noqa: F401 - fixtures

os.environ.setdefault(CACHE_VARIABLE, str(cache_folder()))
