"""What the sentences of an article leave behind for those after them."""

EASED, IMPOSED, TIGHTENED = "sanctions_eased", "sanctions_imposed", "sanctions_tightened"


def test_sanctions_spoken_of_just_before_have_the_same_author(read):
    near = read("The EU tightened sanctions on Belarus in June 2021. The sanctions were widened in March 2022.")
    assert [set(c.authorities) for c in near.claims] == [{"EU"}, {"EU"}]


def test_a_pronoun_means_the_sanctions_just_spoken_of(read):
    reading = read("In 2021 the United States imposed sanctions on Belaruskali. In March 2022 the EU tightened them.")
    assert [(c.kind, set(c.authorities)) for c in reading.claims] == [(IMPOSED, {"US"}), (TIGHTENED, {"EU"})]


def test_sanctions_spoken_of_far_above_lend_no_author(read):
    filler = (
        "Rain kept every ship in the harbour and nobody in the town could remember a spring that had been as wet as this.",
        "The baker sold out by noon, two cranes were painted yellow, and a choir of forty sang at the gate of the yard.",
        "Children flew kites over the dunes while the old lamp was lit again by the keeper, who is ninety this year.",
    )
    claims = read("The EU tightened sanctions on Belarus in June 2021.", *filler, "The sanctions were widened in 2022.")
    assert [set(c.authorities) for c in claims.claims] == [{"EU"}, set()]
