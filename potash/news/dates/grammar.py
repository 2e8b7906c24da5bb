"""The English of dates: which stretches of a sentence are date expressions, and which words stand in each.

Nothing is resolved here. Each form is one pattern with named groups, and one pass looks for all of them. Where a form needs
a group twice, the second name ends in ``_``; readers see both under the first name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Part:
    """A date expression: where it stands (end exclusive), its form, and the words of its parts by name, in lower case.

    ``until`` is the other end where two expressions make one range (``between Tuesday and Thursday``).
    """

    start: int
    end: int
    form: str
    words: dict[str, str] = field(default_factory=dict)
    until: Part | None = None


# A number followed by what it counts is a quantity, neither day nor year. Patterns are verbose and ignore case.
THINGS = r"""(?:[ck]?tonnes?|tons?|t|mt|mmt|kt|kg|km|miles?|met(?:re|er)s?|hectares?|acres?|people|persons?|prisoners?|detainees
    |inmates|hostages|workers|miners|employees|staff|jobs|posts|citizens|civilians|soldiers|troops|protesters|residents|others
    |men|women|children|families|companies|firms|wagons|railcars|cars|trucks|containers|vessels|ships|shares|points|basis
    |percent|per|dollars?|euros?|yuan|rmb|ro?ubles?|rupees?|pounds|usd|eur|cny|inr|million|billion|thousand|barrels?|bags
    |units|cases|times|hours?|minutes|days|weeks|months|years|degrees|pages|votes)\b"""
_NO_COUNT = rf"(?!\s*(?:%|/t\b)|\s+(?:[a-z]+(?:al|an|ed|ic)\s+)?{THINGS})"
_NUMBER_ENDS = r"(?!\d|%|[:.]\d|,\d{3}(?!\d)|-\d{3})"

_YEAR = r"(?:1[89]|20)\d\d"
_LONG_MONTH = r"""(?:(?:january|february|april|june|july|august|september|october|november|december)|(?-i:March|MARCH|May|MAY))
    (?!\w|-(?-i:[a-z]))"""
MONTH = rf"(?:{_LONG_MONTH}|(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|(?-i:Mar|MAR))\b\.?(?!-(?-i:[a-z])))"
_WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
_SHORT_WEEKDAY = r"(?-i:Mon|Tues?|Wed|Thu(?:rs)?|Fri|Sat|Sun|MON|TUE|WED|THU|FRI|SAT|SUN)\b\.?"
_DAY = rf"(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:st|[nr]d|th)\b)?{_NUMBER_ENDS}"
_ORDINAL = r"(?:3[01]|[12]\d|0?[1-9])\s?(?:st|[nr]d|th)\b(?!-)"
_NTH = r"(?:first|second|third|fourth|1st|2nd|3rd|4th)"
_NUMBER = rf"(?:(?<![\d.,])\d{{1,3}}|{'|'.join(NUMBERS)})"
_VAGUE_NUMBER = r"(?:a\s+)?(?:few|several|many|some|couple\s+of|dozens?\s+of|number\s+of)"
_TO = r"\s*(?:-|–|—|&|\b(?:to|and|or|through|until|till)\b)\s*(?:the\s+)?"

_LEADING_WEEKDAY = rf"""(?:(?P<weekday>{_WEEKDAY}|{_SHORT_WEEKDAY})(?:\s+(?:morning|afternoon|evening|night))?
    \s*,?\s*\(?\s*(?:(?:on\s+)?the\s+)?)?"""
_STAGE = r"""(?:(?P<stage>(?:very\s+)?(?:early|late|mid)(?:\s+in)?[\s-]
    |(?:the\s+)?(?:end|beginning|start|middle|close|rest)\s+of\s
    |(?:the\s+)?(?:first|second|third|last)\s+(?:few\s+)?(?:half|days|week|part|third)\s+of\s
    |end[\s-])\s*)?"""
_OF_YEAR = rf"""(?:\s*,?\s*(?:of\s+)?(?P<year>{_YEAR}){_NUMBER_ENDS}{_NO_COUNT}
    |\s*,?\s+(?:of\s+)?(?:the\s+)?(?P<year_word>this|last|next|same|that|previous|following|current)(?:\s+same)?\s+year\b
    |\s?['’](?P<short>\d\d)(?!\d)
    |\s+of\s+the\s+year\b)?"""
# "on the 13th the ministry said" is a day; before a noun the ordinal is a rank ("the 13th package").
_DAY_NOT_RANK = rf"""(?=\s*(?:$|[,.;:()!?"“”’—–]|-\s)
      |\s+(?:local|the|an?|and|that|this|to|in|at|by|with|after|when|as|it|he|she|they|we|its|his|her|their|following|from|for
           |but|while|between|said|told|met|held|was|were|had|has|will|[a-z]{{3,}}ed)\b
      |\s+(?-i:[A-Z]))
    (?!\s+(?:and\s+(?:final|last)|century|congress|round|package|army|brigade|division|summit|session|amendment|floor|street
      |avenue|anniversary|plenum|edition)\b)(?!\s*(?:of\s+)?{MONTH})"""

_FORMS: dict[str, str] = {
    "name": r"(?:september|sept\.?)\s+11(?:th)?\s+(?:terror\w*|attacks?)\b|9/11\b(?!/)",
    "iso": rf"{_LEADING_WEEKDAY}(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d\d?)(?P<day_mark>[-/.])(?P<day>\d\d?)(?!\d|[-/.]\d)",
    "numeric": rf"""{_LEADING_WEEKDAY}(?P<first>\d\d?)(?P<mark>[-/.])(?P<second>\d\d?)[-/.](?P<year>{_YEAR})(?!\d|[-/.]\d)
        |(?P<first_>\d\d?)(?P<mark_>/)(?P<second_>\d\d?)/(?P<short>\d\d)(?![\d/])
        |(?:(?<=\bon\s)|(?<=since\s)|(?<=until\s)|(?<=after\s)|(?<=dated\s)|(?<=\bof\s))
         (?P<first__>\d\d?)(?P<mark__>/)(?P<second__>\d\d?)(?![\d/%]|[.-]\d|\s+(?:basis|split|terms))""",
    "day": rf"""{_LEADING_WEEKDAY}(?:the\s+)?(?P<day>{_DAY})(?:(?:,\s*{_DAY})*{_TO}(?P<day_end>{_DAY}))?[\s-]*(?:of\s+)?
        (?P<month>{MONTH})-?{_OF_YEAR}(?!\s+(?:be|have|not|also|still)\b)""",
    "month_day": rf"""{_LEADING_WEEKDAY}(?:(?<=\bon\s)|(?!{MONTH}\s*\d+\s+{THINGS}))
        (?P<month>{MONTH})\s*(?:the\s+)?(?P<day>{_DAY})
        (?:(?:,\s*{_DAY})*{_TO}(?P<day_end>{_DAY}){_NO_COUNT}(?!\s+(?:of\s+)?{MONTH}))?{_OF_YEAR}""",
    "first_day": rf"(?:the\s+)?(?P<nth>first|last)\s+day\s+of\s+(?P<month>{MONTH}){_OF_YEAR}",
    "nth_weekday": rf"(?:the\s+)?(?P<nth>{_NTH}|last)\s+(?P<weekday>{_WEEKDAY})\s+(?:of|in)\s+(?P<month>{MONTH}){_OF_YEAR}",
    "ordinal": rf"""(?:(?P<weekday>{_WEEKDAY}),?\s+(?:the\s+)?
          |(?P<lead>(?:on|since|by|until|till|before|after|between|from|of|through|late|early)\s+)(?:the\s+)?)
        (?P<day>{_ORDINAL})(?:{_TO}(?P<day_end>{_ORDINAL}))?
        (?:\s+of\s+(?P<of_month>(?:this|last|next|that|the(?:\s+same)?)\s+month)\b)?{_DAY_NOT_RANK}
        |(?:the\s+)(?P<day_>{_ORDINAL})(?=[,(\s]+\w+\s+time\b)""",
    "holiday": rf"(?P<holiday>new\s+year['’]s\s+(?:eve|day)|halloween)\b{_OF_YEAR}",
    "quarter": rf"""(?:the\s+)?(?P<fiscal>fiscal\s+|financial\s+)?(?P<nth>{_NTH})[\s-](?P<unit>quarter|half)(?![\w-])
        {_OF_YEAR}(?!\s+of\b)""",
    "quarter_code": rf"""(?:(?P<unit>[qh])(?P<nth>[1-4])|(?P<nth_>[1-4])(?P<unit_>[qh]))(?P<fiscal>\s?fy)?
        (?:\s*(?:of\s+)?(?P<year>{_YEAR})|\s?['’](?P<short>\d\d)|(?P<short_>\d\d))?(?!\w)""",
    "year_pair": rf"""(?P<fiscal>(?:fiscal|financial|fy)\s*(?:year\s+)?)?(?P<year>{_YEAR})(?P<mark>[-–/]|\s(?:to|through|and)\s)
        (?P<tail>(?:\d\d)?\d\d)(?![\w-]|\s+{THINGS}){_NUMBER_ENDS}""",
    "decade": r"(?:the\s+)?(?:(?:early|mid|late)[\s-])?(?:1[89]|20)\d0['’]?s\b",
    "fiscal_year": rf"(?:(?:fiscal|financial)\s+(?:year\s+)?|fy\s?)(?:{_YEAR}|['’]?\d\d)(?!\w)",
    "deictic": r"""(?:the\s+)?(?P<word>day\s+before\s+yesterday|day\s+after\s+tomorrow|yesterday|tomorrow|tonight|last\s+night
        |overnight|this\s+(?:very\s+)?(?:morning|afternoon|evening)|(?:(?:earlier|later)\s+)?today)\b""",
    "span": rf"""(?:the\s+)?(?P<way>past|last|next|coming|previous)\s+(?:
          (?P<count>{_NUMBER}|{_VAGUE_NUMBER})\s+(?P<unit>day|week|month|quarter|year|decade)s?
          |(?P<unit_>days|weeks|months|quarters|years|decades))\b(?!-|\s+of\b)
        |the\s+(?P<way_>past|last|coming)\s+(?P<unit__>week|month|year)\b(?!-|\s+of\b)""",
    "counted": rf"""(?:(?P<about>about|around|some|almost|nearly|roughly|more\s+than|over|less\s+than|at\s+least)\s+(?!the\b))?
        (?:(?P<count>{_NUMBER}|an?|the|{_VAGUE_NUMBER}|half\s+an?)\s+)?(?P<unit>day|week|month|quarter|year|decade)s?
        (?P<half>\s+and\s+a\s+half)?\s+(?:to\s+the\s+day\s+)?
        (?P<way>ago|earlier|later|before|after|prior|previously|from\s+now)\b(?!\s+than\b)""",
    "weeks_time": rf"in\s+(?P<count>{_NUMBER}|a)\s+(?P<unit>day|week|month|year)(?:s['’]?|['’]s)\s+time\b",
    "same": r"""(?:(?:earlier|later)\s+)?(?:that\s+(?:very\s+|same\s+)?|the\s+(?:very\s+)?same\s+)
        (?P<unit>day|date|morning|afternoon|evening|night|week|month|year|spring|summer|autumn|winter)\b(?!-|\s+trad)
        |(?:earlier|later|late|early)\s+(?:in|on|during)\s+the\s+(?P<unit_>day)\b(?!-)""",
    "step": r"""the\s+(?P<way>next|following|previous|preceding)\s+
        (?P<unit>day|morning|afternoon|evening|night|week|month|quarter|year)\b(?!-|\s+of\b)""",
    "then": r"(?P<bound>since|until|till|by|before)\s+then\b",
    "unit": rf"""(?:{_STAGE}|(?P<side>earlier|later)\s+(?:in\s+)?)(?<!\bthe\s)(?P<which>this|last|next|(?:the\s+)?current)\s+
        (?P<unit>week|weekend|month|quarter|year)\b(?!-|\s+of\b)
        |(?:(?:the\s+)?(?P<stage_>end|beginning|start|middle|close|rest)\s+of|(?P<side_>earlier|later|early|late)\s+in|so\s+far)
        \s+(?P<which_>the|this)\s+(?P<unit_>week|weekend|month|quarter|year)\b(?!-|\s+of\b)
        |(?P<unit__>month|quarter|year)[\s-](?P<stage__>end)\b(?!\s+\d)
        |(?P<which___>the)\s+(?P<unit___>weekend)\b(?!-)""",
    "season": rf"""{_STAGE}(?:(?P<which>last|this|next|past|the|(?:in|over|during)(?:\s+the)?)\s+)?
        (?P<season>spring|summer|autumn|winter|fall)\b(?!-){_OF_YEAR}(?:[-–/](?P<tail>\d\d)(?!\d))?""",
    "month_code": rf"(?P<month>0?[1-9]|1[0-2])/(?P<year>{_YEAR})(?![\d/-])",
    "month": rf"""{_STAGE}(?:(?P<which>last|next|this)\s+)?(?P<month>{MONTH}){_OF_YEAR}
        (?!\s*{_DAY}{_NO_COUNT})(?!\s+(?:be|have|not)\b)""",
    "year": rf"""{_STAGE}(?P<year>{_YEAR})(?![\w/%-]|[.,:]\d){_NO_COUNT}
        (?!\s*(?:to|-|–|and)\s*[\d.,]{{4,}}\s+{THINGS})""",
    "weekday": rf"""(?:(?P<which>last|next|this(?:\s+(?:past|coming))?|past|coming|that|every|each
          |the\s+(?:following|next|previous|preceding|same))\s+)?
        (?P<weekday>{_WEEKDAY})(?:['’]s)?(?:\s+(?:morning|afternoon|evening|night))?
        (?:\s*,?\s+(?:of\s+)?(?P<week>last|this|next)\s+week\b)?
        (?!\s+(?-i:Times|Telegraph|Mail|Express|Mirror|Herald|Star)\b)
        |(?<=\bon\s)(?P<weekday_>{_SHORT_WEEKDAY})(?!\s+(?:the\b|(?-i:[A-Z])))""",
    "vague": r"""(?:recently|lately|previously|formerly|(?:quite\s+)?some\s+time\s+ago|a\s+while\s+ago|the\s+other\s+day
        |(?:not\s+)?long\s+ago(?!\s+as\b)|(?:recent|coming)\s+(?:days|weeks|months|years)
        |in\s+the\s+past(?!\s+(?:half|[\w-]+\s+)?(?:day|week|month|year|decade)|\s+(?:few|several|couple))
        |earlier(?!\s+(?:than|this|today|on|in|at|\w+day)\b))\b""",
}  # fmt: skip

FLAGS = re.IGNORECASE | re.VERBOSE
_PATTERNS = {form: re.compile(pattern, FLAGS) for form, pattern in _FORMS.items()}
_SCAN = re.compile(
    r"(?<![\w$€£¥#])(?:(?=[a-z])|(?=\d)(?<!\d[.,/:-]))(?:"
    + "|".join(f"(?P<{form}>{re.sub(r'[(][?]P<[a-z_]+>', '(?:', pattern)})" for form, pattern in _FORMS.items())
    + ")",
    FLAGS,
)

# Every form holds a number or one of these words; it starts there or at a leading word shortly before. Trying a match at
# such places only is what makes the pass fast.
_TELLING = frozenset(
    f"""{" ".join(MONTHS)} sept january february march april june july august september october november december
    {" ".join(WEEKDAYS)} tues thurs monday tuesday wednesday thursday friday saturday sunday
    day days week weeks weekend month months quarter quarters year years decade decades date
    morning afternoon evening night overnight today tonight tomorrow yesterday halloween
    spring summer autumn winter fall half ago then past earlier later lately recently formerly previously""".split()
)
_LEADING = frozenset(
    f"""{" ".join(NUMBERS)} a about almost an around at before beginning between by close coming current dozen dozens
    during each early end every few financial first fiscal following fourth from fy h in last late less long many mid middle
    more nearly new next not number of on over preceding previous q quite recent rest roughly second several since so some
    start that the third this through till until very while""".split()
)
_NEAR = 5  # words between a leading word and the telling one, at most
_WORD = re.compile(r"[A-Za-z]+|\d+")

_JOINERS = re.compile(
    r"\s*(?:(?P<reach>-|–|—|\bto\b|\buntil\b|\btill\b|\bthrough\b)|(?P<pair>\band\b|\bor\b|&))\s*(?:the\s+)?"
)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE)
_DAY_LIKE = ("day", "month_day", "iso", "numeric", "first_day")
_ENDS = {
    "weekday": ("weekday",), "ordinal": ("ordinal",), "year": ("year",), "quarter": ("quarter",),
    "quarter_code": ("quarter_code",), "month": ("month", *_DAY_LIKE), "iso": _DAY_LIKE, "numeric": _DAY_LIKE,
    "day": _DAY_LIKE, "month_day": _DAY_LIKE, "first_day": _DAY_LIKE,
}  # fmt: skip


def find_parts(sentence: str) -> list[Part]:
    """Return what looks like a date expression, in order, not overlapping; the words around may yet say that it is none."""
    parts: list[Part] = []
    position = 0
    for start in _starts(sentence):
        if start < position:
            continue
        hit = _SCAN.match(sentence, start)
        if hit and hit.lastgroup:
            position = hit.end()
            parts.append(_part(sentence, hit.lastgroup, start))
    return parts


def _starts(sentence: str) -> list[int]:
    words = [(word.start(), word[0].lower()) for word in _WORD.finditer(sentence)]
    starts: list[int] = []
    since_telling = _NEAR + 1
    for start, word in reversed(words):
        since_telling += 1
        if word in _TELLING or word.isdigit():
            since_telling = 0
        elif since_telling > _NEAR or word not in _LEADING:
            continue
        starts.append(start)
    return starts[::-1]


def _part(sentence: str, form: str, start: int) -> Part:
    hit = _PATTERNS[form].match(sentence, start)
    assert hit is not None, form
    words = {name.rstrip("_"): " ".join(text.lower().split()) for name, text in hit.groupdict().items() if text}
    lead = hit.end("lead") - start if "lead" in words else 0
    return Part(start + lead, hit.end(), form, words)


def join_ranges(parts: list[Part], sentence: str) -> list[Part]:
    """Return the parts with the two ends of a range made one: ``from 2 May to 4 June``, ``Friday and Saturday``."""
    joined: list[Part] = []
    for part in parts:
        if joined and _one_range(joined[-1], part, sentence):
            joined[-1] = replace(joined[-1], end=part.end, until=part)
        else:
            joined.append(part)
    return joined


def _one_range(left: Part, right: Part, sentence: str) -> bool:
    if left.until or "day_end" in left.words or right.form not in _ENDS.get(left.form, ()):
        return False
    joiner = _JOINERS.fullmatch(sentence, left.end, right.start)
    if joiner is None or joiner["reach"]:
        return joiner is not None
    return left.form == "weekday" or _BETWEEN.search(sentence[max(0, left.start - 20) : left.start]) is not None
