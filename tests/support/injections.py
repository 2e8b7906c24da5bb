"""Fifty texts that try to run something or to load something where a page takes text for HTML, script, style or a formula.

What runs sets ``window.hit`` or asks this machine's port 9, where nobody listens.
"""

from __future__ import annotations

_GO = "window.hit=1"
_AT = "http://127.0.0.1:9"

INJECTIONS: tuple[str, ...] = (
    f"<script>{_GO}</script>",
    f"<SCRIPT SRC={_AT}/01></SCRIPT>",
    f"</script><script>{_GO}</script>",
    f"</style><script>{_GO}</script>",
    f"</title><script>{_GO}</script>",
    f"</textarea><script>{_GO}</script>",
    f"--><script>{_GO}</script><!--",
    f"<![CDATA[><img src=x onerror={_GO}>",
    f"]]><img src=x onerror={_GO}>",
    f"<img src=x onerror={_GO}>",
    f"<img src={_AT}/10.png>",
    f"<img/src=x/onerror={_GO}>",
    f"<img src='x' onerror='{_GO}'",
    f'"><img src=x onerror={_GO}>',
    f"'><img src=x onerror={_GO}>",
    f"`><img src=x onerror={_GO}>",
    f'" onmouseover="{_GO}" autofocus onfocus="{_GO}" x="',
    f"' onfocus='{_GO}' autofocus x='",
    f"<svg onload={_GO}>",
    f"<svg><script>{_GO}</script></svg>",
    f"<svg><animate onbegin={_GO} attributeName=x dur=1s>",
    f"<svg><use href={_AT}/21.svg#a></svg>",
    f"<svg><style>@import url({_AT}/22);</style></svg>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={_GO}>",
    f"<iframe src=javascript:{_GO}></iframe>",
    f"<iframe srcdoc='<script>parent.{_GO}</script>'></iframe>",
    f"<object data={_AT}/26></object>",
    f"<embed src={_AT}/27>",
    f"<link rel=stylesheet href={_AT}/28>",
    f"<base href={_AT}/29/>",
    f"<meta http-equiv=refresh content='0;url={_AT}/30'>",
    f"<style>@import '{_AT}/31';</style>",
    f"<div style='background:url({_AT}/32)'>x</div>",
    f"<body onload={_GO}>",
    f"<details open ontoggle={_GO}>x</details>",
    f"<video src=x onerror={_GO}></video>",
    f"<audio src={_AT}/36 autoplay></audio>",
    f"<input onfocus={_GO} autofocus>",
    f"<form action={_AT}/38><button>x</button></form>",
    f"<marquee onstart={_GO}>x</marquee>",
    f"<a href=javascript:{_GO}>x</a>",
    f"[x](javascript:{_GO})",
    f"![x]({_AT}/42.png)",
    f"<{_AT}/43>",
    f"&lt;script&gt;{_GO}&lt;/script&gt;",
    f"&#60;img src=x onerror={_GO}&#62;",
    "{{ 7 * 7 }}{% for x in y %}",
    "$\\frac{1}{$ and $$\\href{javascript:x}{y}$$",
    f'=HYPERLINK("{_AT}/48","x")',
    f"<noscript><p title='</noscript><img src=x onerror={_GO}>'>",
)
