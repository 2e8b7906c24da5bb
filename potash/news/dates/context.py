"""What the words around a date expression say: whether it is one, whether it lies ahead, what it bounds."""

from __future__ import annotations

import re

from potash.news.dates.grammar import FLAGS, MONTH, Part

_REACH = 110  # characters looked at on either side

_BEFORE_A_YEAR = re.compile(
    r"""(?:\b(?:in|since|during|by|until|till|through|throughout|before|after|from|of|for|between|as\s+of|around|circa|year
      |calendar|following|to|and)\s+
    |\b(?:the|its|their|his|her|our|this|that|an?|in|after|before|since)\s+(?:[a-z-]+\s+){1,2}
    |\b(?:the|its|their|his|her|our|this|that|a)\s+
    |['’]s\s+(?:[a-z-]+\s+)?|\()$""",
    FLAGS,
)
_BEFORE_A_COUNT = re.compile(
    r"""(?:\b(?:total|average|price|maximum|minimum|out|capacity|number|crew|group|low|high|level|score|cost|rate)\s+of
    |\b(?:page|no\.|model|number|room|flight|resolution|article|than|about|nearly|over))\s*$""",
    FLAGS,
)
_AT = re.compile(r"\b(?:at|to|and)\s+$", re.IGNORECASE)
_AFTER_A_CHANGE = re.compile(
    r"\b(?:rose|fell|up|down|increased?|decreased?|cut|reduced?|grew|dropped|gained|lost|climbed|slipped)\s+(?:by|to|from)\s+$",
    re.IGNORECASE,
)
_AFTER_A_YEAR = re.compile(
    r"""\s+(?:(?:presidential|parliamentary|general|disputed)\s+)?(?:elections?|votes?|crisis|crackdown|protests?|invasion|war
    |sanctions|pandemic|contracts?|harvest|season|budget|sales|output|production|results|guidance|earnings|revenues?|profits?
    |report|agreement|deal|accord|ban|tariffs?|accident|disaster|floods?|period|marketing|crop|saw|was|brought|will|has
    |marked|ended|began)\b""",
    FLAGS,
)
_BEFORE_A_MONTH = re.compile(
    rf"""(?:\b(?:in|since|by|until|till|from|of|during|for|through|to|before|after|between|around)\s+|-
    |\b{MONTH}\s*(?:,|and|or|/)\s*)$""",
    FLAGS,
)
_MONTH_NEXT = re.compile(rf"\s*(?:-|–|—|to|through)\s*{MONTH}", FLAGS)
_OWNER = re.compile(r"\b(?:the|its|their|his)\s+$", re.IGNORECASE)
_NOUN_NEXT = re.compile(r"\s+(?!on\b|of\b)[a-z]")
_NAME_BEFORE = re.compile(r"(?:\b(?!The\b)[A-Z][a-z]+|\b(?:Mrs?|Ms|Dr)\.)\s+$")
_NAME_NEXT = re.compile(r"\s+[A-Z][a-z]")
_NO_ONE_WEEKDAY = re.compile(
    r"\b(?:an?|any|one|most|black|good|cyber|easter|bloody|ash|palm|super|shrove|mail\s+on)\s+$", re.IGNORECASE
)
_SEASONAL_GOODS = re.compile(
    r"\s+(?:wheat|barley|fill|crops?|lines?|water|planting|application|applications)\b", re.IGNORECASE
)
_FALLING = re.compile(r"\s+(?:in|of|from|to|by|below)\b", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|during|for|over|of|since|until|by|through)\s+(?:the\s+)?$", re.IGNORECASE)
_SAYING = re.compile(
    r"\b(?:sa(?:id|ys?)|added|noted|expects?|expected|believes?|confirmed|showed?|warned|so)\s+$", re.IGNORECASE
)
_AGAIN = re.compile(r"\s+(?:another|day|week|month|year)\b", re.IGNORECASE)


def is_date(part: Part, sentence: str) -> bool:
    """Return whether the words around let an expression be a date: ``in 2022``, not ``2022 bags``."""
    check = _CHECKS.get(part.form)
    before = sentence[max(0, part.start - 40) : part.start]
    return check is None or check(part, before, sentence[part.start : part.end], sentence[part.end : part.end + 40])


def _year(part: Part, before: str, text: str, after: str) -> bool:
    if _BEFORE_A_COUNT.search(before) or before[-1:] in ("-", "/"):
        return False
    if part.form == "year" and _AFTER_A_CHANGE.search(before):
        return False
    is_named = part.words.keys() & {"stage", "fiscal"} or (
        len(part.words.get("tail", "")) == 4 and not _AT.search(before)
    )
    return bool(is_named or _BEFORE_A_YEAR.search(before) or _AFTER_A_YEAR.match(after))


def _month(part: Part, before: str, text: str, after: str) -> bool:
    if part.words.keys() & {"year", "short", "year_word", "stage", "which"} or _BEFORE_A_MONTH.search(before):
        return True
    if _MONTH_NEXT.match(after):
        return True
    name = part.words["month"]
    if _OWNER.search(before) and _NOUN_NEXT.match(after):
        return text[0].isupper()
    is_plain = (name not in ("may", "march") and len(name.rstrip(".")) > 4) or name in ("june", "july")
    return is_plain and text[0].isupper() and not _NAME_BEFORE.search(before) and not _NAME_NEXT.match(after)


def _season(part: Part, before: str, text: str, after: str) -> bool:
    which = part.words.get("which", "")
    if part.words.keys() & {"year", "short", "year_word"}:
        return True
    if part.words["season"] == "fall":
        is_named = which in ("last", "this", "next", "past") or which.endswith(" the")
        return is_named and not _FALLING.match(after)
    is_named = "stage" in part.words or which not in ("", "the") or _IN.search(before) is not None
    return is_named and not _SEASONAL_GOODS.match(after)


def _quarter(part: Part, before: str, text: str, after: str) -> bool:
    is_named = (
        part.words["unit"] == "quarter" or part.words.keys() & {"year", "short", "year_word"} or "of the year" in text
    )
    return bool(is_named or "-" in text or _IN.search(before))


def _quarter_code(part: Part, before: str, text: str, after: str) -> bool:
    if part.words["unit"] == "q":
        return True
    dated = part.words.keys() & {"year", "short"} or (_IN.search(before) and text[0] == "H")
    return bool(part.words["nth"] in "12" and "H" in text and dated)


def _weekday(part: Part, before: str, text: str, after: str) -> bool:
    return part.words.get("which") not in ("every", "each") and not _NO_ONE_WEEKDAY.search(before)


def _counted(part: Part, before: str, text: str, after: str) -> bool:
    words = text.lower().split()
    plural = part.words["unit"] + "s" in words
    if _AGAIN.match(after) or ("count" not in part.words and not plural):
        return False
    return part.words.get("count") != "the" or part.words["way"] != "ago"


def _same(part: Part, before: str, text: str, after: str) -> bool:
    return not (
        text.lower().startswith("that") and part.words["unit"] not in ("day", "date") and _SAYING.search(before)
    )


def _iso(part: Part, before: str, text: str, after: str) -> bool:
    words = part.words
    return words["mark"] == words["day_mark"] and int(words["month"]) <= 12 and int(words["day"]) <= 31


def _numeric(part: Part, before: str, text: str, after: str) -> bool:
    first, second = part.words["first"], part.words["second"]
    small, large = sorted((int(first), int(second)))
    dated = part.words.keys() & {"year", "short"} or len(first) == len(second) == 2
    return bool(dated and 1 <= small <= 12 and large <= 31)


_CHECKS = {
    "year": _year, "year_pair": _year, "month": _month, "season": _season, "quarter": _quarter, "quarter_code": _quarter_code,
    "weekday": _weekday, "counted": _counted, "same": _same, "iso": _iso, "numeric": _numeric,
}  # fmt: skip

_VERB = r"(?:to\s+)?(?:be\s+)?[a-z]+"
_CUES = re.compile(
    rf"""(?<!\w)(?=[a-z])(?:(?P<ahead>\b(?:will|won['’]t|shall|would|could|might|may|can|must|should)\b
        (?:\s+(?:not|also|be|soon|then|only|again|have|[a-z]+ly)\b)*\s+[a-z]+
      |[a-z]+['’]ll\s+(?:be\s+)?[a-z]+
      |\b(?:is|are)\s+(?:[a-z]+ly\s+)?(?:due|set|scheduled|expected|planned|slated|likely|going|poised|supposed|to)\b(?:\s+{_VERB})?
      |\b(?:plan|intend|hope|aim|expect|want|agree|promise|vow|prepare|threaten)(?:s|d|ed|ing)?\s+to\s+(?:be\s+)?[a-z]+
      |\b(?:due|scheduled|planned|slated|expected|set)\s+(?:for|on|to\s+(?:be\s+)?[a-z]+)
      |\b(?:(?:has|have|had|was|were|been)\s+)*(?:postponed|delayed|moved|pushed|extended|adjourned|prolonged|rescheduled|deferred)\b[^,;]*?\b(?:to|until)\b
      |\b(?:takes?|comes?|goes|go|enters?)\s+(?:in|into|effect|force)\b
      |\b(?:expires?|begins|starts|opens|resumes|meets|votes|decides|ends|deadline|upcoming|whether)\b)
    |(?P<done>\b(?:was|were)\s+(?:due|set|scheduled|expected|planned|to)\b(?:\s+{_VERB})?
      |\b(?:has|have|had|was|were|did)\b(?:\s+(?:not|also|been|[a-z]+ly)\b)*(?:\s+[a-z]+)?
      |\b(?:said|told|met|held|took|began|came|went|made|gave|saw|fell|rose|hit|struck|broke|sent|wrote|left|lost|won|led
        |brought|bought|sold|paid|spoke|ran|got|grew|drove|drew|flew|became|found|kept|spread|withdrew|froze|put|cut|shut
        |slid|sank|chose|stood|sought|caught|fought|thought|felt|spent|built|dealt|threw|swore|drank|woke|slipped
        |according\s+to|statements?|press\s+release|briefing|interview)\b
      |(?<!\bthe\s)(?<!\ba\s)(?<!\bits\s)(?<!\bof\s)(?<!\ball\s)\b(?-i:[a-z]{{3,}})(?<!nee)(?<!spee)(?<!hundr)(?<!inde)ed\b))""",
    FLAGS,
)
_MAYBE_AHEAD = frozenset((
    "will", "won", "shall", "would", "could", "might", "may", "can", "must", "should", "ll", "due", "set", "scheduled",
    "expected", "planned", "slated", "likely", "going", "poised", "supposed", "to", "force", "effect", "expire", "expires",
    "begins", "starts", "opens", "resumes", "meets", "votes", "decides", "ends", "deadline", "upcoming",
    "whether", "until",
))  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_CLAUSE_HEAD = re.compile(
    r"(?:^|[,;:—–(]|\b(?:and|but|that|while|whereas)\s)\s*[\"“'‘]?(?:on|from|in|by|at|of)?\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[;!?](?:\s|$)|\s[–—]\s|[”\"]\s")


def direction(sentence: str, start: int, end: int) -> str:
    """Return ``ahead``, ``done`` or nothing: what the nearest verb says of an expression at ``start:end``.

    At the head of a clause that is the verb that follows (``On Monday ministers will decide``), else the one before.
    """
    before = _STOP.split(sentence[max(0, start - _REACH) : start])[-1]
    after = _STOP.split(sentence[end : end + _REACH], maxsplit=1)[0]
    following = _CUES.search(after)
    if following and _CLAUSE_HEAD.search(before):
        return following.lastgroup or ""
    cues = [cue.lastgroup or "" for cue in _CUES.finditer(before)]
    if cues:
        return cues[-1]
    return (following.lastgroup or "") if following else ""


def may_lie_ahead(sentence: str) -> bool:
    """Return whether any word of a sentence could put a date into the future: a cheap test before :func:`direction`."""
    return not _MAYBE_AHEAD.isdisjoint(_WORD.findall(sentence.lower()))


_BOUND = re.compile(
    r"""\b(?:(?P<since>since|(?:as|starting|beginning|effective|dating)\s+(?:from|on)|starting|beginning|effective)
    |(?P<after>after|following|not\s+before|later\s+than)
    |(?P<until>until|till|through|up\s+to|lasting\s+to)
    |(?P<by>by|no(?:t)?\s+later\s+than)
    |(?P<before>before|prior\s+to|ahead\s+of|on\s+the\s+eve\s+of|in\s+the\s+run-up\s+to)
    |(?P<about>around|circa|roughly|approximately|some\s+time\s+in)
    |(?P<to>to)|(?P<from>from))\s+(?:the\s+)?(?:on\s+)?$""",
    FLAGS,
)
_ONWARDS = re.compile(r"\s+(?:onwards?|forward|on\b(?!\s+[a-z]))", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:than|versus|vs\.?|(?:compared|relative)\s+(?:with|to)|against|up\s+from|down\s+from)\s+(?:in\s+|that\s+of\s+|the\s+)*$"
    r"|\b(?:first|most|least|[a-z]{3,}est)\b[^.;,]{0,60}\bsince\s+$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:from|over|on)\s+$", re.IGNORECASE)


def bound_before(sentence: str, start: int, end: int, towards: str) -> tuple[str, int]:
    """Return how the words before an expression bound it (``since``, ``by`` ...; may be empty) and where they start."""
    before = sentence[max(0, start - 30) : start]
    hit = _BOUND.search(before)
    if not hit or not hit.lastgroup:
        return "", start
    begins = start - len(before) + hit.start()
    if hit.lastgroup != "from":
        return hit.lastgroup, begins
    opens = not sentence[max(0, begins - 20) : begins].strip()
    return ("since", begins) if opens or towards == "ahead" or _ONWARDS.match(sentence, end) else ("", start)


def is_compared(sentence: str, part: Part) -> bool:
    """Return whether an expression only names what something is compared with: ``up 5 % from a year earlier``."""
    before = sentence[max(0, part.start - 80) : part.start]
    if part.form in ("counted", "step") and part.words["unit"] in ("month", "quarter", "year") and _FROM.search(before):
        return True
    return _COMPARED.search(before) is not None


def is_quoted(sentence: str, position: int) -> bool:
    """Return whether a position stands between quotation marks that open before it in the sentence."""
    before = sentence[:position]
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1
