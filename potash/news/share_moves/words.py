"""The words of price moves, as patterns: directions, figures, what else moves, stretches, prices, and words for causes."""

from __future__ import annotations

import re

_DOWN = (
    r"f[ea]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|declin(?:e[ds]?|ing)|slid(?:es?|ing)?|slip(?:s|ped|ping)?|tumbl(?:e[ds]?|ing)|"
    r"plung(?:e[ds]?|ing)|s[aiu]nk(?:s|ing)?|lo(?:st|ss|sses|ses?|sing)|shed(?:s|ding)?|dip(?:s|ped|ping)?|retreat(?:s|ed|ing)?|"
    r"slump(?:s|ed|ing)?|crash(?:ed|es|ing)?|plummet(?:s|ed|ing)?|weaken(?:s|ed|ing)?|decreas(?:e[ds]?|ing)|eas(?:e[ds]|ing)|"
    r"g(?:ave|ives?|iving)\s+(?:up|back)|tank(?:s|ed|ing)|drag(?:s|ged|ging)|knock(?:s|ed|ing)|down|lower|"
    r"off(?=\s+(?:[a-z]+\s+)?\d)"
)
_UP = (
    r"rose|ris(?:es?|en|ing)|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e[ds]?|ing)|rall(?:y|ies|ied|ying)|"
    r"advanc(?:e[ds]?|ing)|add(?:s|ed|ing)|soar(?:s|ed|ing)?|leap(?:s|ed|t|ing)?|increas(?:e[ds]?|ing)|spik(?:e[ds]?|ing)|"
    r"rebound(?:s|ed|ing)?|recover(?:s|ed|y|ing)?|bounc(?:e[ds]?|ing)|pop(?:s|ped)|skyrocket(?:s|ed|ing)?|"
    r"strengthen(?:s|ed|ing)?|lift(?:s|ed|ing)|boost(?:s|ed|ing)|propel(?:s|led|ling)|up(?!\s+to\b)|higher"
)
DIRECTION = re.compile(rf"(?P<down>\b(?:{_DOWN})\b|[▼↓])|(?P<up>\b(?:{_UP})\b|[▲↑])", re.IGNORECASE)
BEFORE_DIRECTION = re.compile(r"\s+(?:(?:intraday|daily|weekly|monthly|sharp|steep|early|one-day|price|share)\s+)?")

# What else moves by per cent: the figure is then no share's.
_HEADS = r"producers?|miners?|makers?|compan(?:y|ies)|giants?|groups?|stocks?|shares?|names|majors?|equit(?:y|ies)|firms?|peers?"
_OTHER = (
    r"(?:(?<!share )(?<!stock )prices?|futures|revenues?|sales|profits?|earnings|income|EBITDA|EPS|margins?|outputs?|production|"
    r"volumes?|shipments?|deliveries|exports?|imports?|demand|suppl(?:y|ies)|capacity|costs?|dividends?|guidance|tonnage|"
    r"inventor(?:y|ies)|workforce|headcount|tariffs?|dut(?:y|ies)|yields?|inflation|GDP|ind(?:ex|ices)|gauge|benchmark|S&P|Dow|"
    r"Nasdaq(?!\s*:)|TSX(?!\s*:)|FTSE|DAX|crude|oil|gold|corn|maize|wheat|soya?|soybeans?|urea|ammonia|phosphates?|DAP|MAP|potash|"
    r"rouble|rupee|dollar|euro|targets?|stake|holding|offer|bid)"
)
OTHER_SUBJECT = re.compile(rf"\b{_OTHER}\b(?!\s+(?:{_HEADS})\b)")
SHARES = re.compile(r"\b(?:shares|stocks?|equit(?:y|ies)|ADRs?)\b|\bshare price", re.IGNORECASE)
CLOSED = re.compile(
    r"\b(?:closed|ended|finished|settled|traded)\s+(?:\w+\s+)?(?:up|down|higher|lower)\b", re.IGNORECASE
)
SHARE_WORDS = re.compile(
    rf"{SHARES.pattern}|\b(?:clos(?:e[ds]?|ing)|trad(?:ed|ing)|session|intraday|pre-?market|after-hours|"
    r"investors|NYSE|Wall Street|bourse)\b",
    re.IGNORECASE,
)

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PERCENT = r"\s?(?:%|per\s?cent\b|pct\b)"
FIGURE = re.compile(
    rf"(?P<sign>(?<![\w.,%$)])[+−–-])?(?<![\w.,$€£])(?:(?P<value>\d{{1,3}}(?:\.\d{{1,3}}|,\d{{1,2}})?)|\b(?P<word>{'|'.join(NUMBERS)}))"
    rf"(?:{_PERCENT}(?!\s+points?)|(?=,?\s+and\s+\d+(?:\.\d+)?{_PERCENT}))",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:about|around|nearly|almost|roughly|approximately|some|more than|over|at least|less than)\s+$", re.I
)
AFTER_FIGURE = re.compile(
    rf"\s*$|[ \t]*\n|\s*[^\w\s$]|\s+(?:and|or|to|on|at|after|as|amid|this|last|since|so far|over|during|following|upon|yesterday|"
    rf"today|by|from|respectively|intraday|with|while|when|but|before|for|within|in(?!\s+(?:\w+\s+){{0,3}}{_OTHER})|year|YTD|"
    rf"each|apiece|despite|against|versus|vs|compared|thanks|because|late|earl(?:y|ier)|through|then|though|which|lately|recently|overnight|again|"
    rf"the\s+(?:day|same|next|following|previous|week)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"(?:[\s,:;()–—/|]|\b(?:by|about|around|nearly|almost|roughly|approximately|some|another|an?|additional|further|as|much|more|less|"
    r"than|over|at|least|just|only|the|of|or|and|but|up|clos(?:ed?|ing)|end(?:ed|ing)?|finish(?:ed|ing)?|\w+ly|both|each|while|with|"
    r"whereas|for|in|on|to|from|earl(?:y|ier)|late|afternoon|morning|pre-?market|after-hours|intraday|trad(?:e|ing)|session|New|York|"
    r"Toronto|London|shares?|stocks?|day|bell|again|also|those)\b)*",
    re.IGNORECASE,
)
LIST = re.compile(r"(?:[\s,/&]|\b(?:and|the|by|plus|as well as|shares|stock|of|in|both)\b)*")
ADJACENT = re.compile(
    r"(?:[\s,:|(–—-]|['’]s\b|\b(?:shares?|stock|price|were|was|is|are|had|has|have|also|each|both|all|then|by|which|closed|ended|finished|"
    r"\w+ly|an?|of|the|posted|saw|with|week|day|session|trading|those)\b|\([^)]*\))*",
    re.IGNORECASE,
)
COLUMNS = re.compile(r"[\s\d.,:|$€()+−–-]*")
DOUBT = re.compile(
    r"\b(?:could|may|might|would|will|should|cannot|can|expect\w*|forecast\w*|likely|potential\w*|not|never|target|upside|downside|"
    r"predict\w*|unless|if|par(?:ed|ing)|trimm\w+|eras\w+|recoup\w+|revers\w+)\b|n['’]t\b"
)
# "to fall" is a wish or a plan, but not in "sent the shares to", "continued to".
INFINITIVE = re.compile(r"\bto\s+$")
FACTUAL_INFINITIVE = re.compile(
    r"\b(?:led|caus(?:ed|ing)|prompt(?:ed|ing)|continued|went on|helped)\b[^,;]{0,90}\bto\s+$"
)
_MEASURES = {
    "intraday": r"as much as|intraday|at one point|session (?:low|high)|pre-?market|after-hours|extended trading|midday|"
    r"(?:after|before) the (?:bell|close|open)|"
    r"in (?:early|late|morning|afternoon) (?:\w+ )?trad\w+|at the open(?:ing)?|shortly after the open\w*",
    "week": r"(?:this|last|the|previous) week",
    "month": r"(?:this|last|the|previous) month",
    "year": r"(?:so far )?this year|year[ -]to[ -]date|YTD|since January",
    "days": r"(?:past|last|a) (?:\w+ )?(?:weeks?|months?|years?)|(?:past|last) (?:\w+ )?days|"
    r"(?:\d+|two|three|four|five|six|twelve)[ -](?:day|session|week|month)s?|weekly|monthly|"
    r"since (?:mon|tues|wednes|thurs|fri)day|year[ -](?:on|over)[ -]year|from a (?:year|month) (?:ago|earlier)",
}
MEASURE = re.compile("|".join(rf"(?P<{name}>\b(?:{words})\b)" for name, words in _MEASURES.items()), re.IGNORECASE)

_MONEY = r"(?:US|C)?\$\s?(\d{1,4}(?:\.\d+)?)"
PRICE = re.compile(_MONEY)
LEVEL = re.compile(rf"\b(?:at|to)\s+{_MONEY}")
PAIR = re.compile(
    rf"\b(?:to|at)\s+{_MONEY}[^%;]{{0,50}}?\bfrom\s+{_MONEY}|\bfrom\s+{_MONEY}[^%;]{{0,40}}?\bto\s+{_MONEY}",
    re.IGNORECASE,
)

_NEWS = r"news|word|reports?|announcements?|headlines?|decision|deal|agreement|relief|release|statement"
CAUSE = re.compile(
    rf"\b(?:after(?!-)|following|upon|in (?:response|reaction) to|react(?:ed|ing|s|ions?)?(?: \w+ly)? to|"
    rf"thanks to|due to|because(?: of)?|"
    rf"(?:driven|sparked|affected|stimulated|influenced|buoyed|hurt|fuell?ed|boosted|triggered|spurred|lifted|helped|hit) by|"
    rf"(?:cheered|welcomed|greeted|digested)|on the (?:back|heels) of|when|"
    rf"on(?=\s+(?:(?!\w+day\b(?!['’])|after\b|following\b|\d)[\w’'.-]+\s+){{0,3}}(?:{_NEWS})\b)|"
    rf"as(?!\s+(?:much|well|of|many|high|low|far|an?|investors|traders)\b))"
    rf"(?!\s*(?:(?:its|their|the) (?:shares?|stock)\b|(?:US|C)?\$|\d|hours\b|the (?:bell|close|open)|"
    rf"markets?\b|having\b|closing\b|opening\b|trading\b|"
    rf"(?:an? )?(?:two|three|four|five|\d+)[ -]|(?:\w+ )?(?=\w*ing\b|gains\b|losses\b)(?:{_DOWN}|{_UP})\b))",
    re.IGNORECASE,
)
CAUSE_END = re.compile(r"[,;:\n(]|\s[–—-]\s|\s(?:with|while|but|whereas)\s")
CAUSATIVE = re.compile(
    r"\b(?:sent|sending|push(?:ed|es)|drove|drives|lift(?:s|ed)|boost(?:s|ed)|propel(?:s|led)|drag(?:s|ged)|knock(?:s|ed)|pulled|"
    r"weigh(?:s|ed) on|trigger(?:s|ed)|spark(?:s|ed)|prompt(?:s|ed)|fuel+ed|ignit(?:es|ed)|set off|led(?: to)?|caus(?:es|ed))\s+"
    r"(?:(?:the|an?|both|broad|sharp|in|of|for|among|(?:potash|fertili[sz]er)(?: (?:producers?|miners?|makers?))?)\s+)*"
    r"(?:shares?|stocks?|rivals|rally|sell-?off|gains|losses|jump|surge|drop|slide|decline|\x00)"
)
SAME_SHARES = re.compile(r"\b(?:its|their|the|and|while|but)\s+(?:shares?|stock)\b(?!\s+(?:of|in)\b)", re.IGNORECASE)
ASIDE = re.compile(
    r"(?:\s+(?:shares|stock))?\s*"
    r"(,\s*(?!and\b)[^,;%]{3,90}(?:,\s*(?:which|whose|who|based|the|an?)\b[^,;%]{3,90})*,)(?=\s)"
)
