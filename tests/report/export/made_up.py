"""A small report on disk, made by hand, for what reads reports back."""

import json
from pathlib import Path

FIGURE = (
    '<figure class="plot"><figcaption>Path</figcaption><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" role="img">'
    '<circle cx="20" cy="10" r="4" fill="var(--c-1, #0072B2)"><title>NTR: −1.4 %</title></circle></svg></figure>'
)
TABLE = (
    '<figure class="table"><div class="tools"><button>Copy</button></div><div class="scroll"><table><caption><span>Firms &amp; '
    'moves</span></caption><thead><tr><th scope="col"><button>firm</button>firm</th><th class="num">CAR</th></tr></thead><tbody>'
    '<tr><th scope="row">NTR</th><td class="num">−1.4 %</td></tr><tr><th scope="row">[0, +1]</th><td class="num">+0.2 %</td></tr>'
    "</tbody></table></div><figcaption>CAR: beyond the market.</figcaption></figure>"
)


def page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head><body><nav>menu</nav>'
        f'<main id="content"><h1>{title}</h1>'
        f"{body}<script>alert(1)</script></main><footer>made</footer></body></html>"
    )


def small_report(folder: Path, events: int = 1, filler: int = 0) -> Path:
    """Return a report of a first page, pages of events, and one more."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"event-2025-12-{13 - number}-news" for number in range(events)]
    long = "".join(f"<p>{'Words about the day. ' * 12}</p>" for _ in range(filler))
    pages = {name: page(f"News {name[6:16]}", f'<h2 id="path">Path</h2>{FIGURE}{TABLE}{long}'
                        '<section class="backmatter"><h2 id="more">Behind it</h2><p>Small print.</p></section>')
             for name in names}  # fmt: skip
    pages["90-methods"] = page("Methods", '<h2 id="tests">Tests</h2><p><a href="index.html">First page</a></p>')
    first = page("Supply news moved them", f'<p>A sentence.</p><p><a href="{names[0]}.html#path">see</a></p>')
    (folder / "index.html").write_text(first, encoding="utf-8")
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    manifest = {"pages": [{"file": f"{name}.html", "title": name, "name": name} for name in pages], "tables": []}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
