"""Where things lie: the checkout, and the larger material beside it that only some machines have."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OWN_ARTICLES = ROOT / "tests" / "evaluation" / "articles"
