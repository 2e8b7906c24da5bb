"""What every test has: the calendars kept on this machine, also where a test gives its processes another home."""

import os

from potash.cache import CACHE_VARIABLE, cache_folder

os.environ.setdefault(CACHE_VARIABLE, str(cache_folder()))
