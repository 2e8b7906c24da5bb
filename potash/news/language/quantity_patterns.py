"""Words and patterns that the reading of quantities rests on: figures, units, what stands around them."""

from __future__ import annotations

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _any(text: str) -> str:
    return f"(?:{'|'.join(text.split())})"


# Figures.
ONES = _words("one two three four five six seven eight nine")
TEENS = _words("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
SPELLED = {
    "a": 1.0, "an": 1.0, "and": 0.0, **{word: float(n) for n, word in enumerate(ONES + TEENS, 1)},
    **{word: 10.0 * n for n, word in enumerate(TENS, 2)},
}  # fmt: skip
LARGE = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0, "lakh": 1e5,
    "crore": 1e7, "mln": 1e6, "mn": 1e6, "mio": 1e6, "bln": 1e9, "bn": 1e9, "trn": 1e12, "tn": 1e12, "k": 1e3, "m": 1e6,
    "b": 1e9,
}  # fmt: skip
BELOW_100 = rf"(?:(?:{'|'.join(TENS)})(?:[\s-](?:{'|'.join(ONES)})\b)?|(?:{'|'.join(TEENS + ONES)})\b)"
BELOW_1000 = rf"(?:(?:{BELOW_100}|a)[\s-]hundred\b(?:(?:\s+and)?\s+{BELOW_100})?|{BELOW_100})"
SPELLED_OUT = (
    rf"(?i:\b(?:{BELOW_1000}[\s-]thousand\b(?:(?:,|\s+and)?\s+{BELOW_1000})?|{BELOW_1000}\b"
    r"|(?:half\s+)?an?(?=[\s-](?:dozen|hundred|thousand|million|billion|trillion)\b)))"
)
# Groups of three after a comma, a space or dots; Indian groups; two decimals after a comma, as on translated pages.
DIGITS = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d{1,2})?"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d+,\d{1,2}|\d+(?:\.\d+)?)(?!\d|[.,:]\d)"
)
FIGURE = (
    rf"(?P<figure>{DIGITS}|{SPELLED_OUT})(?P<half>½|\s+and\s+a\s+half(?!\w))?(?P<plus>\+(?!\w))?"
    r"(?:[\s-]?(?P<large>(?i:(?:(?:hundred|thousand)[\s-])?(?:million|billion|trillion|thousand|hundred|dozen)s?"
    r"|lakhs?|crores?|mln|bln|trn|mio|bn|mn|tn))(?!\w)|(?P<gap>\s?)(?P<letter>[kKmMbB])(?![\w-]))?"
)

# Money.
CODES = "USD|EUR|CAD|GBP|CNY|RMB|INR|BRL|RUB|BYN|ILS|NIS|NOK|AUD|NZD|PLN|CHF|JPY|UAH|SEK|TRY|CLP|MAD|KZT"
CURRENCIES = {
    "$": "USD", "US$": "USD", "U.S.$": "USD", "C$": "CAD", "CA$": "CAD", "CAN$": "CAD", "R$": "BRL", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "€": "EUR", "£": "GBP", "₽": "RUB", "₹": "INR", "RS": "INR",
    "RMB": "CNY", "NIS": "ILS", "₴": "UAH", "₪": "ILS",
}  # fmt: skip
SYMBOL = rf"(?:(?:{CODES})\s?\$?|U\.S\.\s?\$|[A-Z][A-Za-z]{{0,2}}\$|[$€£¥₽₹₴₪]|R[Ss]\.?)"
CURRENCY_NAMES = (
    (r"canadian(?:\s+dollars?)?", "CAD"), (r"australian\s+dollars?", "AUD"), (r"swiss\s+francs?", "CHF"),
    (r"(?:(?:u\.?s\.?|american)\s+)?dollars?|dlrs?", "USD"), (r"euros?", "EUR"), (r"belarus\w+\s+ro?ubles?", "BYN"),
    (r"(?:russian\s+)?ro?ubles?", "RUB"), (r"(?:british\s+)?pounds?(?!\s+of)(?:\s+sterling)?", "GBP"),
    (r"(?:chinese\s+)?yuan|renminbi", "CNY"), (r"(?:indian\s+)?rupees?", "INR"), (r"(?:brazilian\s+)?reais", "BRL"),
    (r"(?:israeli\s+)?shekels?", "ILS"), (r"zlotys?", "PLN"), (r"norwegian\s+(?:kroner?|crowns?)", "NOK"), (r"yen", "JPY"),
)  # fmt: skip
CURRENCY_AFTER = re.compile(rf"[\s-]?(?:{CODES}|(?i:{'|'.join(name for name, _ in CURRENCY_NAMES)}))(?!\w)")

# Dates, clocks, names, phone numbers, addresses: digits that count nothing. They are scanned before the figures.
MONTH = (
    r"(?:(?i:jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)|Mar(?:ch)?|MAR(?:CH)?|May|MAY)(?!\w)\.?"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|[nr]d|th)?(?!\w)"
YEAR = r"(?:19|20)\d\d(?!\d)"
NOT_COUNTED = (
    r"(?![.,]?\d|[\s-]?(?:%|(?:per\s?cent|pct|million|billion|thousand|hundred|mln|mn|bn|tonnes?|tons?|mt|kt|t|km|people"
    r"|jobs|(?:prisoner|detainee|inmate|hostage|citizen|individual|civilian|national|person|worker|miner|employee|railcar"
    r"|wagon|vessel|ship)s?|(?:political|foreign|other|new|more)\s\w+)\b))"
)
DAYS = rf"{DAY}(?:\s?(?:[-–,&]|to|and|or)\s?{DAY}{NOT_COUNTED})?"
LABEL = (
    r"(?:(?i:articles?|sections?|chapters?|annex|paragraphs?|phase|stage|version|figure|table|licen[cs]es?|resolution"
    r"|directive|regulation|highway|flight|room|footnote|pages?|pp?\.|nos?\.|nr\.?|decree|vol\.|tel\.?:?|phone:?)"
    r"|GLs?|EO|No|Part|Order|Rule|Title|Schedule|Unit|Line|Route|Terminal|Berth|Gate|Mine|Shaft|Mill|Tier|Grade|Class"
    r"|Category|Type|Level|Channel|Boeing|Airbus|Tupolev|Embraer|Day|Week|Round|Issue|Volume|Agenda|Vision|Covid|Law"
    r"|S&P|Nasdaq|FTSE|DAX|CAC|Nikkei|Russell|Fortune|Stoxx|IBEX)"
)
SKIPPED = (
    r"(?:https?://|www\.)\S+", r"\w[\w.+-]*@[\w-]+\.\w+", r"\w[\w-]*(?:\.[\w-]+)*\.[a-z]{2,}/\S*",
    r"\d{4}-\d{2}-\d{2}(?:T\d\d:\d\d\S*)?", r"\d{1,2}(?P<dot>[./])\d{1,2}(?P=dot)(?:\d{4}|\d{2})(?!\d)",
    r"\d{1,2}/\d{1,2}(?![\d/])", rf"{YEAR}\s?[-–/]\s?(?:{YEAR}|\d\d(?!\d)){NOT_COUNTED}",
    r"\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]m|[ap]\.m\.)(?!\w)", r"\d{1,2}:\d\d(?::\d\d)?",
    r"\d{4}\s(?:GMT|UTC|[ECMPB][SD]?T|CEST|MSK|BRT)\b", rf"{DAYS}[\s-](?:of\s)?{MONTH}(?:,?\s{YEAR})?",
    rf"{MONTH}[\s-](?:the\s)?(?:{YEAR}{NOT_COUNTED}|(?=\d+(?:st|[nr]d|th)?{NOT_COUNTED}){DAYS}(?:,?\s{YEAR})?)",
    r"\d+\s?th(?!\w)", r"\d+(?:st|[nr]d|s)(?!\w)", r"(?!\d{1,3}(?:\.\d{3})+(?![\d.]))\d+(?:\.\d+){2,}",
    r"\d+(?:-\d+){2,}", r"\(\d{3}\)\s?\d{3}-\d{4}", r"\+\d{1,3}[\s(-]+\d[\d\s()-]{4,}\d",
    r"(?!\d{1,3}(?: \d{3})+(?![ -]?\d))\d{1,4}(?:[ -]\d{2,4}){3,}", r"Group\s+of\s+[A-Z]\w+",
    rf"{LABEL}\s?#?\d+[A-Za-z]?(?!\w){NOT_COUNTED}",
    rf"(?i:{BELOW_100}(?:-(?:first|second|hal(?:f|ves))|(?:-|(?=\s\w+\sof\b)\s)(?:quarters?|thirds?|\w+th[s]?))(?!\w))",
)  # fmt: skip
SCAN = re.compile(
    rf"(?<!\w)(?<![^\W\d][-–])(?<!\d[.,:/])(?:(?P<skip>{'|'.join(SKIPPED)})"
    rf"|(?P<sign>[+−-](?=[\d$€£]))?(?P<currency>{SYMBOL}\s?)?{FIGURE})"
)
HINT = re.compile(rf"\d|\b(?:{'|'.join(ONES + TEENS + TENS)}|hundred|thousand|million|billion|dozen)\b", re.I)

# What a figure counts nothing after, before or within.
DATED_BEFORE = re.compile(r"(?i:\b(?:past|last|next|first|previous|coming|recent|following|final|opening)\s*$)")
DATED_AFTER = re.compile(r"(?i:\s+(?:ago|earlier|later|after|before|since|prior|from\snow|previously)(?!\w))")
LASTING = re.compile(r"(?i:\b(?:for|last(?:s|ed|ing)|took|takes?)\s*$)")
YEAR_BEFORE = re.compile(
    r"(?i:\b(?:in|since|during|until|till|early|late|mid|spring|summer|autumn|winter|year|season)[\s-]*$)"
)
WORDLIKE = re.compile(r"[^\W_]|-[^\W\d]")
NUMBERED = re.compile(r"(?i:[#№\[]$|\b(?:per|every|each)\s+$)")
AGE_BEFORE = re.compile(r"[A-Z][\w’'-]+,\s$")
ONE_TO_TWO = re.compile(r"\s?(?:-|–|to|or)\s?(?:\d|two\b)")
CAPITALISED = re.compile(r"\w\W+(?!\w+day\s)[A-Z][\w&.’'-]*\s$")

# Units.
PER = re.compile(
    r"(?i:(?:\s?/\s?|[\s-]per[\s-]|\s(?:an?|each|every)\s|\s?p(?=mt\b|t\b))(?P<per>metric\ston(?:ne)?|short\ston|mt|st|tonne"
    r"|ton|t|share|barrel|bbl|pound|lb|kg|bag|bushel|mmbtu|hectare|ha|acre|head|person|hour|h|day|d|week|month|year|yr|y"
    r"|annum)(?![\w-])(?!\s(?:ago|earlier|later|after|before)\b)(?:\s(?:CFR|CPT|FOB|CIF|FCA|DAP|EXW)\b)?)"
)
PER_NAMES = {
    "t": "tonne", "mt": "tonne", "ton": "tonne", "metric ton": "tonne", "metric tonne": "tonne", "st": "short ton",
    "bbl": "barrel", "lb": "pound", "ha": "hectare", "h": "hour", "d": "day", "y": "year", "yr": "year", "annum": "year",
}  # fmt: skip
TIMES = {"hour", "day", "week", "month", "year"}
RATE = re.compile(
    r"(?i:(?:\s+of(?:\s+[a-z][\w-]*){1,3}?)?(?:(?:\s?/\s?|\s(?:per|an?|each|every)\s)(?P<per>year|yr|y|annum|a|month|week"
    r"|day|d|hour)(?!\w)(?!\s(?:ago|earlier|later|after|before)\b)|\s(?P<adverb>annual|year|month|week|dai)ly\b))"
)
PERIODS = {
    "pa": "year", "py": "year", "pd": "day", "pm": "month", "a": "year", "annual": "year", "annum": "year", "y": "year",
    "yr": "year", "d": "day", "dai": "day",
}  # fmt: skip
MEASURE = re.compile(
    r"(?P<points>[\s-](?i:per\s?centage[\s-]points?|basis[\s-]points?)\b|\s?(?:ppt|pp|bps?)\b)"
    r"|(?P<percent>\s?%|[\s-]?(?i:per\s?cent|pct)\b)|(?P<short>[\s-](?i:short[\s-]tons?)\b)"
    r"|(?P<tonnes>[\s-]?(?i:(?:metric[\s-])?(?:tonnes?|tons?)\b|(?P<prefix>mm|[mk])?t(?P<rate>p[aydm])?(?![\w-])))"
    r"|(?P<time>[\s-]?(?i:(?:(?:consecutive|straight|full|calendar|working|business|long|whole|additional)\s)?"
    r"(?P<span>second(?=s)|minute|min|hour|hr|day|week|month|year|yr|decade)s?\b|h(?!\w)))"
    r"|(?P<other>\s?(?:km|kg|lbs?|ha|[MGk]Wh?|(?i:mmbtu))(?!\w))"
)
TONNES_NEXT = re.compile(r"\s(?:m?t|tonnes?|tons?)\b")
OLD = re.compile(r"[\s-]old\b|\sof\sage\b")
SHORT_TIMES = {"min": "minute", "hr": "hour", "yr": "year"}
PERSONS = {
    **dict.fromkeys(_words("prisoners detainees inmates hostages captives"), "prisoners"), "persons": "people",
    **{word: word for word in _words("people citizens individuals civilians nationals foreigners workers miners")},
}  # fmt: skip
PLURALS = {
    *PERSONS,
    *_words("men women children staff personnel aircraft police crew troops dead injured wounded missing"),
}
# Words that the search for a noun passes although they end in s, and words that end it.
PASSED = {*_words("sanctions customs sports goods arms news operations logistics overseas various previous")}
STOPS = {
    *_words(
        """of in on at to for from by with and or but as after before than that which who whom whose were was are is be been
        has have had will would could should may might can did do does it they he she we this these those the a an its his
        their not yes thus plus less minus versus perhaps always besides across towards under over into since until while
        when where if so because during without against per about around behind also then there out off up down times
        remain remains includes makes means comes says goes represents accounts takes gives gets shows needs thanks hold held went
        came left got gave took made said stood sat won stayed walked crossed died yesterday today tomorrow monday tuesday
        wednesday thursday friday saturday sunday"""
    )
}
NEXT_WORD = re.compile(r"\s+((?:[A-Z]\.){2,}|[^\W\d_](?:[\w&-]|['’](?=\w))*)")

# What stands around a figure.
BOUND = re.compile(
    r"(?i:(?<!\w)(?:(?P<less>(?:no|not)\s+more\s+than|(?:less|fewer)\s+than|under|below|up\s+to|at\s+most"
    r"|as\s+(?:many|much)\s+as|a\s+maximum\s+of|[<≤])|(?P<more>(?:no|not)\s+(?:less|fewer)\s+than|more\s+than|over|above"
    r"|at\s+least|upwards\s+of|exceeding|in\s+excess\s+of|a\s+minimum\s+of|[>≥])|(?P<about>about|around|roughly|nearly"
    r"|almost|close\s+to|approximately|some|circa|ca\.|c\.|an\s+estimated|~))\s*$)"
)
# After these words "about" and "over" introduce a subject.
SUBJECT = re.compile(
    r"(?i:\b(?:talk|negotiat|disput|discuss|ask|concern|worr|question|told|sa(?:y|id)|sp(?:o|ea)k)\w*\s+$)"
)
DOWN = _any("fall drop decline decrease loss slide slump plunge dip")
UP = _any("rise gain increase jump rally surge growth advance")
FELL = _any(
    "fall fell fallen falling drop dropped dropping lose lost losing slid slide slump slumped sank sink shed tumbled"
    " plunged slipped declined declining decreased shrank shrunk contracted retreated eased dipped weakened down"
)
ROSE = _any(
    "rise rose risen rising gain gained gaining jumped jump surged climbed rallied added adding advanced soared grew grown"
    " increased expanded strengthened rebounded up"
)
MOVED = re.compile(
    rf"(?i:\b(?:(?P<down>{FELL}|{DOWN}(?:s|es)?\sof)|(?P<up>{ROSE}|{UP}(?:s|es)?\sof))(?P<by>(?:\s\w+){{0,3}},?\s+by)?"
    r"(?:\s+(?:another|an?\s+further|an?\s+additional|an?|further))?\s*$)"
)
MOVE_AFTER = re.compile(
    r"(?i:\s+(?:(?:price|daily|weekly|monthly|annual|yearly|quarterly|share)\s+)?"
    rf"(?:(?P<down>lower|less|fewer|down|below|cheaper|{DOWN})|(?P<up>higher|more|up|above|{UP}))\b)"
)
MOVE_GOES_ON = re.compile(r"(?i:[^\d;:]{0,30}(?:,|\band\b)(?:\s+(?:another|an?\s+further|then|by))*\s*)")
SHARE_BEFORE = re.compile(
    r"(?i:\b(?:account\w*\sfor|represent\w*|ma(?:ke|kes|king|de)\sup|compris\w+|constitut\w+|hold(?:s|ing)?|held"
    r"|own(?:s|ed)?|control(?:s|led)?|(?:share|stake)\sof)\s*(?:only|just)?\s*$)"
)
SHARE_AFTER = re.compile(r"(?i:\s+(?:of|stake|share|interest|holding|owned)\b)")
PRICED = re.compile(
    r"(?i:\b(?:settle|settling|pric|sold|sell|trad|quot|close|closing|end|offer|contract|assess|cfr|fob|cif)\w*\b.{0,40}"
    r"\b(?:at|to|of|near|from|between|and|against|versus)\s*$)"
)
BETWEEN = re.compile(r"(?i:\bbetween\s*$)")
LIST = re.compile(r"(?i:[\s,]*(?:and|or|to|-|–|—|&|plus|as\s+well\s+as)?\s*)")
OF_THE = re.compile(r"(?i:\s+of\s+(?:the|its|their)\s+)")
DEFINITE = re.compile(r"(?i:\b(?:the|these|those|both|its|their|our|all)\s*$)")
FREED_BARE = re.compile(r"(?i:\b(?:free(?:d|s|ing)?|release[sd]?|releasing|pardon(?:s|ed|ing)?|jail(?:s|ed|ing)?)\s*$)")
FREEING = re.compile(
    r"(?i:\b(?:free(?:d|s|ing)?|release\w*|releasing|pardon\w*|amnest\w+|deport\w*|let)\b[^,;]{0,25}$)"
)
BORDER = re.compile(
    r"(?i:;|—|\s[–-]\s|,?\s(?:but|while|whereas|though|although|after|because|before)\s"
    r"|,\s(?:and|which|who|whose|where|with|as(?!\s(?:of|many|much))|according)\s)"
)
AND = re.compile(r"\band\b")
SUPERLATIVE = re.compile(
    r"(?i:\b(?:largest|biggest|smallest|highest|lowest|longest|shortest|worst|best|first|steepest|sharpest|strongest"
    r"|weakest|fastest|slowest|the\s+most|only)\b)"
)
# Cues in order of strength: role, pattern in the words before the figure, pattern in the words after it.
CUES = tuple(
    (role, re.compile(f"(?i:{before})"), re.compile(f"(?i:{after})"))
    for role, before, after in (
        (
            "part",
            r"(?:\bincluding\b|\bamong\s+(?:them|whom|those)\b|\bof\s+(?:them|whom)\b|\bthe\s+(?:other|remaining)\b)"
            r"[^,;]{0,60}$|\b(?:of|among)\s+(?:those|them|whom)\b[^,;]{0,40},\s*$",
            r"^\s*of\s+(?:them|whom|those|these)\b|^\s*of\s+(?:the|its|their)(?:\s\w+){0,3}\s*$",
        ),
        (
            "capacity",
            r"\b(?:capacity\s+(?:of|to|at|is|was)|capable\s+of|able\s+to\s+(?:make|produce|mine|ship|load|handle)"
            r"|can\s+(?:make|produce|mine|ship|load|handle)|nameplate)\b[^,]{0,40}$",
            r"^(?:(?!\band\b)[^,]){0,40}\bcapacity\b(?!\s+(?:of|to))",
        ),
        (
            "target",
            r"\b(?:tasked|tasks|aim(?:s|ed|ing)?|seek(?:s|ing)?|goals?|targets?\s+(?:of|is|to)"
            r"|plan(?:s|n\w+)?\s+(?:to|for)|hop(?:es|ed|ing)\s+(?:to|for)|intend(?:s|ed)?|wants?|expect(?:s|ed)?"
            r"|forecasts?|projected|guidance|call(?:s|ed|ing)\s+for|demand(?:ed|ing)|urg(?:es|ed|ing))\b",
            r"\bby\s+(?:the\s+end\s+of\s+)?20\d\d\b|\b(?:should|must)\s+(?:follow|be\s+(?:freed|released))\b"
            r"|\byet\s+to\s+be\b",
        ),
        (
            "stock",
            r"\b(?:still|now|continues?\s+to)\s+(?:hold|held|count|list|jail|detain|ha(?:s|ve)\b|stands?\s+at|number"
            r"|employ)|\b(?:inventor(?:y|ies)|stocks?|stockpiles?|workforce|headcount)\s+(?:of|at|were|was|are|is"
            r"|st(?:an|oo)d|reach)|\bemploys\b|\bholds\b",
            r"\bremain(?:s|ed|ing)?\b|\bbehind\s+bars\b|\b(?:in|of)\s+(?:jail|prison|custody|detention|stock|storage"
            r"|inventor(?:y|ies))\b|\b(?:were|are)\s+(?:still\s+)?(?:considered|regarded|recogni[sz]ed|deemed)\b"
            r"|\b(?:are|being)\s+(?:held|jailed|imprisoned)\b|\bstill\s+(?:held|in|behind|detained|jailed|imprisoned)\b",
        ),
        (
            "total",
            r"\b(?:bring|add)(?:s|ing)?\b[^,]{0,40}\bto\s+(?:the\s*)?$|\badded\s+to\s+(?:the\s*)?$|\bcumulative\b",
            r"\bcumulatively\b",
        ),
    )
)
# Cues that may stand on either side.
EITHER_SIDE = tuple(
    (role, re.compile(f"(?i:{pattern})"))
    for role, pattern in (
        ("stock", r"\bas\s+of\b|\bcurrently\b|\bat\s+present\b"),
        (
            "total",
            r"\b(?:so\s+far|to\s+date|in\s+total|altogether|in\s+all(?=\W*$)|all\s+told|(?<!have\s)(?<!has\s)(?<!had\s)since"
            r"|(?:over|in|during|for)\s+the\s+(?:past|last)\s+(?:[\w-]+\s+)?(?:years?|months?|weeks?|decades?)"
            r"|in\s+(?:recent|the\s+past)\s+(?:months|weeks|years)|(?:until|up\s+to)\s+now|between\s+them)\b",
        ),
    )
)
