"""Quantities in sentences: the figure, its unit, its role; and the many digits that count nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.language.quantities import find_quantities


def read(sentence):
    """Return value, unit and role of every quantity."""
    return [(q.value, q.unit, q.role) for q in find_quantities(sentence)]


def only(sentence):
    found = find_quantities(sentence)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("Exports once brought in $3.7 billion.", 3.7e9, "USD"),
        ("BHP put US$1.2bn into the shaft.", 1.2e9, "USD"),
        ("The loan is worth USD 500 mln.", 5e8, "USD"),
        ("They owe USD500m to the bank.", 5e8, "USD"),
        ("The fine was C$95.", 95, "CAD"),
        ("Cargo worth C$7.5 billion waits.", 7.5e9, "CAD"),
        ("Brussels pledged €30 million.", 3e7, "EUR"),
        ("Brussels pledged EUR 30m.", 3e7, "EUR"),
        ("Brussels pledged 30 million euros.", 3e7, "EUR"),
        ("London gave £5m to the fund.", 5e6, "GBP"),
        ("London gave 5 million pounds.", 5e6, "GBP"),
        ("Minsk set aside 1.5 billion roubles.", 1.5e9, "RUB"),
        ("Minsk set aside 1.5 billion Belarusian rubles.", 1.5e9, "BYN"),
        ("A loan of 200 million yuan was signed.", 2e8, "CNY"),
        ("A loan of RMB 200 million was signed.", 2e8, "CNY"),
        ("The subsidy is Rs 500 crore.", 5e9, "INR"),
        ("The plan costs R$ 2,420 in all regions.", 2420, "BRL"),
        ("A 500-million-dollar plant opens.", 5e8, "USD"),
        ("A $500-million plant opens.", 5e8, "USD"),
        ("He promised a million dollars.", 1e6, "USD"),
        ("He promised half a million dollars.", 5e5, "USD"),
        ("The state lost three billion U.S. dollars.", 3e9, "USD"),
        ("The state paid two hundred million dollars.", 2e8, "USD"),
        ("The mill cost 12 million Canadian dollars.", 1.2e7, "CAD"),
    ],
)
def test_money(sentence, value, unit):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (value, unit, "flow")


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("Mills shipped 12.5Mt.", 12.5e6, "tonnes"),
        ("Mills shipped 12.5 Mt in the season.", 12.5e6, "tonnes"),
        ("Mills shipped 1.1 million t.", 1.1e6, "tonnes"),
        ("Mills shipped 1.1 mn t.", 1.1e6, "tonnes"),
        ("Mills shipped 1.1m t of it.", 1.1e6, "tonnes"),
        ("Mills shipped 4m tonnes.", 4e6, "tonnes"),
        ("Mills shipped 650,000 mt.", 650_000, "tonnes"),
        ("Mills shipped 650,000 metric tons.", 650_000, "tonnes"),
        ("Mills shipped 600 kt.", 600_000, "tonnes"),
        ("Mills shipped 600kt.", 600_000, "tonnes"),
        ("Mills shipped 2025 tonnes.", 2025, "tonnes"),
        ("Mills shipped one million tons.", 1e6, "tonnes"),
        ("A 60,000-tonne cargo left.", 60_000, "tonnes"),
        ("Mills shipped 5,000 short tons.", 5000, "short tons"),
        ("The line adds 600,000 tpy.", 600_000, "tonnes per year"),
        ("The line adds 1.5 Mtpa.", 1.5e6, "tonnes per year"),
        ("The line adds 7.8 mn t/yr.", 7.8e6, "tonnes per year"),
        ("Belarus sold 12 million tonnes of potash a year.", 12e6, "tonnes per year"),
        ("It ships 11 million tonnes annually.", 11e6, "tonnes per year"),
        ("The stop costs 70,000 tonnes a month.", 70_000, "tonnes per month"),
        ("Buyers took 3.000.000 tonnes.", 3e6, "tonnes"),
        ("Buyers took 1 200 000 tonnes.", 1.2e6, "tonnes"),
        ("Buyers took 12,5 million tonnes.", 12.5e6, "tonnes"),
        ("Buyers took two and a half million tonnes.", 2.5e6, "tonnes"),
        ("Buyers took 12,34,000 tonnes.", 1_234_000, "tonnes"),
    ],
)
def test_weights(sentence, value, unit):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (value, unit, "flow")


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("The deal was struck at $346 per tonne CFR.", 346, "USD per tonne"),
        ("Offers stand at $330/t cfr China.", 330, "USD per tonne"),
        ("India pays 346 dollars a ton.", 346, "USD per tonne"),
        ("India pays USD 348 pmt.", 348, "USD per tonne"),
        ("India pays 348 USD/t.", 348, "USD per tonne"),
        ("Rondonopolis trades at R$ 2,420/t.", 2420, "BRL per tonne"),
        ("Nola barges changed hands at $310 per short ton.", 310, "USD per short ton"),
        ("A bag costs Rs.1,350 per bag.", 1350, "INR per bag"),
        ("A surcharge of €45 a tonne applies.", 45, "EUR per tonne"),
        ("The bid is worth C$40.25 a share.", 40.25, "CAD per share"),
        ("China settled at $307 in June.", 307, "USD"),
        ("Nutrien closed at $61.29.", 61.29, "USD"),
    ],
)
def test_prices(sentence, value, unit):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (value, unit, "price")


def test_an_amount_per_year_is_no_price():
    assert read("The state loses $2 billion a year.") == [(2e9, "USD per year", "flow")]


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "role"),
    [
        ("Monitors named 123 political prisoners.", 123, "prisoners", "flow"),
        ("Minsk freed 16 detainees.", 16, "prisoners", "flow"),
        ("Minsk freed 52 individuals.", 52, "individuals", "flow"),
        ("Minsk freed 123 foreign citizens.", 123, "citizens", "flow"),
        ("Minsk freed 12 U.S. nationals.", 12, "nationals", "flow"),
        ("Minsk freed 114 Ukrainian and Belarusian civilians.", 114, "civilians", "flow"),
        ("Fifty-two prisoners crossed the frontier.", 52, "prisoners", "flow"),
        ("One hundred and twenty-three prisoners left.", 123, "prisoners", "flow"),
        ("The guards let one prisoner go.", 1, "prisoners", "flow"),
        ("Two military attachés watched the drill.", 2, "attachés", "flow"),
        ("Some trains had 80 railcars.", 80, "railcars", "flow"),
        ("Sixty new wagons came.", 60, "wagons", "flow"),
        ("The mine dismissed 1,000 workers.", 1000, "workers", "flow"),
        ("The cut costs 300 jobs.", 300, "jobs", "flow"),
        ("The list grew by eight judges.", 8, "judges", "flow"),
        ("Two dozen vessels queued.", 24, "vessels", "flow"),
        ("A dozen vessels queued.", 12, "vessels", "flow"),
        ("Berlin widened five sanctions packages.", 5, "packages", "flow"),
        ("On Friday 52 walked out.", 52, "", "flow"),
        ("Minsk Frees 250 in Swap for Relief", 250, "people", "flow"),
        ("Lukashenko pardoned 31 on Sunday.", 31, "people", "flow"),
        ("More is due from the two countries.", 2, "countries", "other"),
    ],
)
def test_persons_and_things(sentence, value, unit, role):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (value, unit, role)


@pytest.mark.parametrize("percent", ["20%", "20 %", "20 per cent", "20 percent", "20 pct", "twenty percent"])
def test_percent(percent):
    assert read(f"The duty is {percent} from May.") == [(20, "%", "flow")]


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "role"),
    [
        ("Belarus supplied 20% of global exports.", 20, "%", "share"),
        ("Belarus accounted for about 20 percent in that trade.", 20, "%", "share"),
        ("Its exports made up 8 per cent.", 8, "%", "share"),
        ("The fund sold a 12% stake.", 12, "%", "share"),
        ("Nutrien fell 3.02% on Friday.", -3.02, "%", "change"),
        ("Mosaic was up 4 % at noon.", 4, "%", "change"),
        ("Mosaic added 4.05%.", 4.05, "%", "change"),
        ("Mosaic ended down nearly 2%.", -2, "%", "change"),
        ("Shares were 2.1 percent lower at the open.", -2.1, "%", "change"),
        ("Imports were 8% more than a year before.", 8, "%", "change"),
        ("The index posted a 5% drop.", -5, "%", "change"),
        ("The index posted a drop of 5%.", -5, "%", "change"),
        ("Shares rose sharply, by more than 7 percent.", 7, "%", "change"),
        ("Nutrien (-3.02%) led the list.", -3.02, "%", "change"),
        ("Mosaic (+4.05%) led the list.", 4.05, "%", "change"),
        ("The tariff fell to 5%.", 5, "%", "flow"),
        ("The owner cut output by 15%.", 15, "%", "flow"),
        ("Washington set a 10% duty.", 10, "%", "flow"),
        ("The share price lost 5% of its value.", -5, "%", "change"),
        ("The rate rose by 10 basis points.", 10, "basis points", "change"),
        ("The share rose two percentage points.", 2, "percentage points", "change"),
        ("The contract is $70 higher.", 70, "USD", "change"),
        ("Urea fell by $15 per tonne.", -15, "USD per tonne", "change"),
        ("Exports fell by 2 million tonnes.", -2e6, "tonnes", "change"),
        ("Donors added $5 million.", 5e6, "USD", "flow"),
    ],
)
def test_shares_and_moves(sentence, value, unit, role):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (pytest.approx(value), unit, role)


def test_a_move_goes_on_in_its_list():
    assert read("CF rose 3.37% on Thursday and another 0.68% the day after.") == [
        (3.37, "%", "change"),
        (0.68, "%", "change"),
    ]
    assert read("The two dropped 3% and 4% by noon.")[-2:] == [(-3, "%", "change"), (-4, "%", "change")]
    assert read("Prices fell 3% and 20% of buyers left.") == [(-3, "%", "change"), (20, "%", "share")]


def test_a_level_is_not_the_move_to_it():
    assert read("Nutrien fell 3.02% to close at $61.29.") == [(-3.02, "%", "change"), (61.29, "USD", "price")]
    assert read("The duty went down from 20% to 8%.") == [(20, "%", "flow"), (8, "%", "flow")]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("They talked in a five-hour meeting.", (5, "hours")),
        ("It came after two days of talks.", (2, "days")),
        ("It came after a two-day visit.", (2, "days")),
        ("He has ruled for three decades.", (3, "decades")),
        ("The 18-month contract is signed.", (18, "months")),
        ("Ministers prolonged it by twelve months.", (12, "months")),
        ("Buyers get 180 days of credit.", (180, "days")),
        ("Hoisting stood still for about 30 hours.", (30, "hours")),
        ("The stop took five and a half weeks.", (5.5, "weeks")),
        ("The blaze burnt for two days before rain came.", (2, "days")),
    ],
)
def test_durations(sentence, expected):
    found = only(sentence)
    assert (found.value, found.unit, found.role) == (*expected, "duration")


def test_a_figure_without_its_noun_takes_that_of_its_neighbour():
    assert read("Sales fell to 7 million tonnes from 12.9 million.")[-1][:2] == (12.9e6, "tonnes")
    assert read("A fire killed nine miners and injured 12 more.")[-1][:2] == (12, "miners")


def test_an_age_is_no_duration():
    assert read("Lukashenko, 71, spoke.") == []
    assert read("The 71-year-old spoke.") == [(71, "years", "other")]


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ("more than", "more than"), ("over", "more than"), ("at least", "more than"), ("no fewer than", "more than"),
        ("well over", "more than"), ("fewer than", "less than"), ("less than", "less than"), ("up to", "less than"),
        ("no more than", "less than"), ("as many as", "less than"), ("about", "about"), ("around", "about"),
        ("roughly", "about"), ("nearly", "about"), ("almost", "about"), ("some", "about"), ("an estimated", "about"),
        ("exactly", ""),
    ],
)  # fmt: skip
def test_bounds(words, bound):
    for figure in ("615 prisoners", "€615", "615 tonnes"):
        found = only(f"They moved {words} {figure}.")
        assert (found.value, found.bound) == (615, bound)


def test_bound_behind_the_figure():
    assert only("He freed 1,000+ inmates.").bound == "more than"


def test_about_and_over_may_introduce_a_subject():
    assert only("They held talks over 52 prisoners.").bound == ""
    assert only("He spoke about 52 prisoners.").bound == ""


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Exports reach 10-12 million tonnes.", [(10e6, "tonnes"), (12e6, "tonnes")]),
        ("Exports reach 10–12 million tonnes.", [(10e6, "tonnes"), (12e6, "tonnes")]),
        ("Exports reach between 63 and 67 million tonnes.", [(63e6, "tonnes"), (67e6, "tonnes")]),
        ("Exports reach 900,000 to 1 million t.", [(9e5, "tonnes"), (1e6, "tonnes")]),
        ("Exports reach 13.5 to 14.3 mn t.", [(13.5e6, "tonnes"), (14.3e6, "tonnes")]),
        ("Aid is $10-12 billion.", [(1e10, "USD"), (1.2e10, "USD")]),
        ("Granular is at $360-365/t CFR.", [(360, "USD per tonne"), (365, "USD per tonne")]),
        ("A duty of €40 to €45 a tonne applies.", [(40, "EUR per tonne"), (45, "EUR per tonne")]),
        ("The duty is 10 to 12 percent.", [(10, "%"), (12, "%")]),
        ("It lasted two or three days.", [(2, "days"), (3, "days")]),
        ("It lasted one to two weeks.", [(1, "weeks"), (2, "weeks")]),
        ("Guards took 20-30 activists.", [(20, "activists"), (30, "activists")]),
    ],
)
def test_ranges(sentence, expected):
    found = find_quantities(sentence)
    assert [(q.value, q.unit) for q in found] == expected
    assert len({q.role for q in found}) == 1


def test_a_range_of_a_move():
    assert read("Shipments fell by 10 to 12 percent.") == [(-10, "%", "change"), (-12, "%", "change")]


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("In recent weeks, jails opened for more than 615 political prisoners.", "total"),
        ("More than 615 people were released in recent months.", "total"),
        ("So far 615 people were released.", "total"),
        ("Since July 2024, over 300 people have been pardoned.", "total"),
        ("Over 300 people have been pardoned since July 2024.", "total"),
        ("It joins the €200 million provided since the 2020 vote.", "total"),
        ("The grant adds to €200 million in earlier help.", "total"),
        ("They released 300 people in total.", "total"),
        ("They released 300 people over the past year.", "total"),
        ("The group brings the number freed to 200.", "total"),
        ("Minsk has a cumulative 200 releases.", "total"),
        ("Minsk freed 123 prisoners, the largest group since the talks began.", "flow"),
        ("Monitors have since found 167 new detainees.", "flow"),
        ("The EU, under pressure since 2020, gave €30 million.", "flow"),
        ("By noon 1,240 people were considered political prisoners.", "stock"),
        ("Some 1,240 people remain behind bars.", "stock"),
        ("About 1,200 people are still held.", "stock"),
        ("About 1,200 people are in jail.", "stock"),
        ("As of Saturday, monitors listed 1,100 people.", "stock"),
        ("Viasna still lists 1,130 prisoners.", "stock"),
        ("The list now counts 318 people.", "stock"),
        ("Port inventories of 2 million tonnes weigh on buyers.", "stock"),
        ("Minsk released 52 people who were in prison.", "flow"),
        ("He is tasked by the president with winning the release of more than 1,000 prisoners.", "target"),
        ("The company aims to ship 12 million tonnes.", "target"),
        ("Minsk seeks 500 million euros.", "target"),
        ("The goal is the freedom of 1,100 prisoners.", "target"),
        ("The miner wants up to 3 million tonnes by 2030.", "target"),
        ("The miner plans to dismiss 400 workers.", "target"),
        ("Rights groups called for the release of 1,100 prisoners.", "target"),
        ("Jansen has a capacity of 4.1 million tonnes.", "capacity"),
        ("Jansen adds 4.1 million tonnes of annual capacity.", "capacity"),
        ("Colonsay can produce 1.5 million tonnes a year.", "capacity"),
        ("The group, including 14 foreigners, left.", "part"),
        ("Among them are 14 foreigners.", "part"),
        ("Of those freed, 14 hold foreign passports.", "part"),
        ("The other 235 were allowed to stay.", "part"),
        ("Six of them are Lithuanian.", "part"),
        ("They flew 114 civilians, including Ukrainians and Poles, to safety.", "flow"),
        ("Minsk let 123 prisoners go, and many remain in jail.", "flow"),
    ],
)
def test_roles(sentence, role):
    assert only(sentence).role == role


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "More than 500 detainees have left since the talks began, but monitors count over 900 behind bars.",
            [(500, "prisoners", "total"), (900, "prisoners", "stock")],
        ),
        ("Fifteen of the 250 prisoners went west.", [(15, "prisoners", "part"), (250, "prisoners", "flow")]),
        (
            "Fourteen prisoners left in June, fifty-two in September.",
            [(14, "prisoners", "flow"), (52, "prisoners", "flow")],
        ),
        (
            "The list now has 318 people and 48 entities.",
            [(318, "people", "stock"), (48, "entities", "stock")],
        ),
        (
            "The group, including 14 Ukrainians, two Latvians and three Poles, left.",
            [(14, "ukrainians", "part"), (2, "latvians", "part"), (3, "poles", "part")],
        ),
        (
            "After freeing 52 prisoners in September and 123 on Saturday, Minsk still holds 1,100 people.",
            [(52, "prisoners", "flow"), (123, "prisoners", "flow"), (1100, "people", "stock")],
        ),
        (
            "Shipments earned $3.7 billion, some 9% of all sales and roughly 5% of output.",
            [(3.7e9, "USD", "flow"), (9, "%", "share"), (5, "%", "share")],
        ),
        (
            "Prices are $335-345/t CFR against $360 a month ago.",
            [(335, "USD per tonne", "price"), (345, "USD per tonne", "price"), (360, "USD", "price")],
        ),
        (
            "The 12-day strike cost 20,000 to 25,000 t.",
            [(12, "days", "duration"), (2e4, "tonnes", "flow"), (2.5e4, "tonnes", "flow")],
        ),
    ],
)  # fmt: skip
def test_several_in_one_sentence(sentence, expected):
    assert read(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "They met on December 13, 2025 in Minsk.",
        "They met on 13 December 2025 in Minsk.",
        "They met on Dec. 13 in Minsk.",
        "They met on 12-13 December in Minsk.",
        "They met on March 3 and 4 in Minsk.",
        "They met in May 2021 and in 2022.",
        "Sanctions followed the 2020 elections.",
        "Between 2021 and 2023 little moved.",
        "In the 2019-2021 years and in 2022/23 little moved.",
        "It was told on the 13th local time.",
        "It was told on the 13 th.",
        "08:21 14/12/2025",
        "At 7:03 am and at 10 a.m. ET nothing moved.",
        "The page is of 2022-03-02T10:15:00Z.",
        "It ended on 05/06, after 09/05.",
        "Treasury issued General License 13 and GL 8.",
        "It cites Article 5, section 232 and Annex 12.",
        "The plant bought a Boeing 737 for staff.",
        "The exercise West-2025 and Covid-19 came first.",
        "The works at Soligorsk 4 and at Soligorsk-4 went on.",
        "The K3 shaft and the Su-30 fly.",
        "Dial +375 17 222 33 44 or 1-800-555-0199.",
        "See page 12, Figure 3 and the note [3].",
        "More at example.com/article/7583368210 today.",
        "He flew in Air Force One to a meeting of the Group of Seven.",
        "It is one of the largest, and one day it will be lifted.",
        "No one knew the first or the second name.",
        "Dozens of people and hundreds of thousands of tonnes waited.",
        "Two-thirds of it and one-third of us stayed.",
        "It is a two-way street and a one-off.",
        "It happened two days earlier, and three weeks ago.",
        "It happened eight months after the vote.",
        "In the past three months little moved.",
        "Highway 22 leads to the 5G mast.",
        "It is open 24/7, they said.",
        "The S&P 500 was flat.",
        "NPK 15-15-15 is on offer.",
        "The prices of the 1990s are back.",
        "1. Read this line",
        "The Twenty-first package passed.",
        "Nothing to count here at all.",
        "",
    ],
)
def test_not_quantities(sentence):
    assert find_quantities(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("On June 21 Belarus let 14 people go.", (14, "people")),
        ("In June 14 people were let go.", (14, "people")),
        ("In 2022 over 300 people left.", (300, "people")),
        ("On March 2, 2022 some 40 firms left.", (40, "firms")),
        ("By 2 March some 40 firms left.", (40, "firms")),
    ],
)
def test_a_date_beside_a_quantity(sentence, expected):
    found = only(sentence)
    assert (found.value, found.unit) == expected


def test_a_scaled_figure_is_exact():
    assert only("Warehouses took 2.3 million tonnes.").value == 2_300_000


def test_offsets_hold_figure_and_unit():
    sentence = "It pledged some €30 million, freed 123 political prisoners and paid $346 per tonne CFR."
    spans = [sentence[q.start : q.end] for q in find_quantities(sentence)]
    assert spans == ["€30 million", "123 political prisoners", "$346 per tonne CFR"]


def test_a_currency_code_belongs_to_one_figure():
    assert read("Nutrien 61.29 USD 3.02%") == [(61.29, "USD", "flow"), (3.02, "%", "flow")]


STYLES = (str, "{:,}".format, lambda n: f"{n:,}".replace(",", " "), lambda n: f"{n:,}".replace(",", "\u00a0"))


@given(st.integers(2, 10**9), st.sampled_from(STYLES), st.sampled_from(["tonnes", "prisoners", "%", "euros"]))
def test_a_figure_is_read_back(value, style, unit):
    sentence = f"They counted {style(value)} {unit} that evening."
    found = only(sentence)
    assert found.value == value
    assert sentence[found.start : found.end].startswith(style(value))


@given(st.decimals(0, 10**6, places=2), st.sampled_from(["million", "mln", "bn", "billion", "thousand"]))
def test_a_decimal_with_a_magnitude_is_read_back(value, magnitude):
    scale = {"thousand": 1e3, "mi": 1e6, "ml": 1e6, "bn": 1e9, "bi": 1e9}
    factor = scale.get(magnitude, scale.get(magnitude[:2]))
    assert only(f"It cost ${value:f} {magnitude}.").value == pytest.approx(float(value) * factor)


FRAGMENTS = [
    "on", "in", "of", "the", "freed", "fell", "rose", "12", "52", "2022", "1,197", "March", "May", "13th", "$", "€", "%",
    "2.4", "million", "bn", "t", "tonnes", "prisoners", "-", "to", "and", "two", "twenty", "one", "hundred", ",", ".", "(",
    ")", "days", "ago", "including", "since", "2020", "up", "per", "a", "m", "K", "USD", "No", "08:21", "5G", "3/4", "+4",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14), st.sampled_from([" ", ""]))
def test_offsets_are_in_order_and_hold_the_digits(words, glue):
    sentence = glue.join(words)
    end = 0
    for found in find_quantities(sentence):
        assert end <= found.start < found.end <= len(sentence)
        assert any(c.isalnum() for c in sentence[found.start : found.end])
        end = found.end


@given(st.text(max_size=80))
def test_any_text_is_read_without_failure(text):
    find_quantities(text)


def test_speed():
    sentences = [
        "Belarus sold about 12 million tonnes of potash a year, roughly 20 percent of world exports, before March 2022.",
        "The envoy said on Saturday that relations between the countries are on the way to becoming normal once again.",
        "More than 615 political prisoners were let go since July 2024, and the EU gave €45 million to those who were left.",
    ] * 1000
    start = time.process_time()
    for sentence in sentences:
        find_quantities(sentence)
    assert time.process_time() - start < 1.5
