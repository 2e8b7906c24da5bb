"""Sentences as news writes them, what each tells, and what merely speaks of something."""

import pytest

from potash.news.lexicon import load_lexicon
from potash.news.sentences import Sentence
from potash.news.tenses import status_of
from potash.news.triggers import find_triggers

TOLD = {"done", "announced", "decided", "reported"}


def told(text: str, heading: bool = False) -> list[tuple[str, str]]:
    """Return kind and status of what a sentence tells as fact."""
    sentence = Sentence.of(text, 0, len(text), load_lexicon(), heading)
    found = [(trigger.kind, status_of(sentence, trigger)) for trigger in find_triggers(sentence)]
    return [(kind, status[0]) for kind, status in found if status is not None and status[0] in TOLD]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "sanctions_imposed",
            "The U.S. Treasury Department on Thursday imposed sanctions on Belarusian Potash Company.",
        ),
        (
            "sanctions_imposed",
            "The United States sanctioned Belaruskali, one of the world's largest potash producers, on Monday.",
        ),
        ("sanctions_imposed", "Washington blacklisted Belaruskali on Aug 9."),
        (
            "sanctions_imposed",
            "President Joe Biden signed an executive order on Monday imposing new sanctions on Belarus.",
        ),
        ("sanctions_imposed", "New U.S. sanctions against Belarusian potash came into force on Wednesday."),
        ("sanctions_imposed", "The EU hit Belarus's potash sector with economic sanctions on June 24, 2021."),
        ("sanctions_imposed", "OFAC designated Belaruskali OAO pursuant to a new executive order."),
        ("sanctions_imposed", "Canada and Britain also announced sanctions on Belarusian potash on Monday."),
        ("sanctions_tightened", "The Treasury added Belarusian Potash Company to its sanctions list on December 2."),
        ("sanctions_tightened", "The EU on Wednesday tightened sanctions against Belarus, banning imports of potash."),
        (
            "sanctions_tightened",
            "The European Union expanded its restrictions on Belarus to cover all potash products in March 2022.",
        ),
        ("sanctions_eased", "The United States removed Belinvestbank from its sanctions list on Thursday."),
        (
            "sanctions_eased",
            "Washington agreed to lift sanctions on three Belarusian companies, Coale said on Thursday.",
        ),
        ("sanctions_eased", "The U.S. Treasury issued a general license authorizing transactions with Belaruskali."),
        ("sanctions_eased", "The U.S. eased sanctions on Belavia, the national airline."),
        ("sanctions_eased", "U.S. sanctions on Belarusian potash have been lifted."),
        ("sanctions_eased", "OFAC on Monday delisted Belaruskali."),
        ("sanctions_eased", "The US has waived sanctions on Belarus's finance ministry."),
        (
            "prisoner_release",
            "Belarus freed 14 political prisoners on Saturday, including opposition leader Sergei Tikhanovsky.",
        ),
        ("prisoner_release", "Lukashenko pardoned 52 people on Thursday."),
        ("prisoner_release", "A total of 250 prisoners were released on March 19."),
        ("prisoner_release", "Belarus on Thursday released 250 prisoners in exchange for sanctions relief."),
        ("prisoner_release", "Thirty-one people convicted of extremism were pardoned by Lukashenko on Tuesday."),
        ("diplomatic_talks", "U.S. envoy Keith Kellogg met Lukashenko in Minsk on Saturday."),
        ("diplomatic_talks", "Trump spoke by phone with Lukashenko on August 15."),
        ("diplomatic_talks", "Putin and Lukashenko held talks in Moscow on Friday."),
        ("diplomatic_talks", "A U.S. delegation led by Coale visited Minsk on September 11."),
        ("supply_disruption", "Belaruskali declared force majeure on its supply contracts on Wednesday."),
        ("supply_disruption", "Belarusian Potash Company notified customers of force majeure on Feb. 16."),
        ("supply_disruption", "Mosaic halted production at its Esterhazy mine after brine inflows."),
        ("supply_disruption", "Workers at the port of Vancouver went on strike on July 1."),
        ("supply_disruption", "Some 9,300 rail workers were locked out by Canadian National and CPKC on Thursday."),
        ("supply_disruption", "Nutrien temporarily suspended shipments because of the rail stoppage."),
        ("accident", "Two workers were killed in an accident at Uralkali's Solikamsk-3 mine on Tuesday."),
        ("accident", "A fire broke out at the Belaruskali mine in Soligorsk on Sunday."),
        ("accident", "One miner died and two were injured at a K+S mine in Germany."),
        ("accident", "A rockfall trapped four miners underground on Monday."),
        (
            "accident",
            "Nine miners were killed after a fire trapped them underground at Uralkali's Solikamsk site on December 22, 2018.",
        ),
        ("accident", "The mine flooded in November 2014."),
        ("output_cut", "Nutrien curtailed production at its Cory potash mine on Tuesday."),
        ("output_cut", "K+S will cut potash production by 10 percent in the second quarter, it said on Thursday."),
        ("output_cut", "Mosaic said it is idling its Colonsay mine."),
        ("output_cut", "Uralkali reduced output at three mines for maintenance."),
        (
            "output_cut",
            "Belaruskali will carry out large-scale maintenance in July, reducing output by 900,000 tonnes.",
        ),
        ("output_cut", "Nutrien lowered potash production in response to the strike."),
        ("tariff", "U.S. President Donald Trump on Saturday imposed 25% tariffs on goods from Canada and Mexico."),
        ("tariff", "The tariff on Canadian potash was lowered to 10% on March 6."),
        ("tariff", "The 25% tariffs on Canadian imports took effect on Tuesday."),
        ("tariff", "Trump exempted potash from the reciprocal tariffs on April 2."),
        ("tariff", "The European Parliament approved tariffs on Russian and Belarusian fertilizers on May 22."),
        ("tariff", "China scrapped import duties on potash."),
        ("contract_price", "Canpotex signed a contract with China's buyers at $590 per tonne CFR."),
        ("contract_price", "Belarusian Potash Company agreed to supply potash to India at $349 a tonne."),
        ("contract_price", "India's IPL settled at $283 per tonne with ICL for 2024."),
        ("contract_price", "Uralkali signed a contract with a Chinese consortium at $346 per tonne on June 12."),
        ("contract_price", "China has agreed to pay $307 a tonne for Canadian potash."),
        ("company_news", "Nutrien reported second-quarter net earnings of $448 million on Wednesday."),
        ("company_news", "Mosaic raised its full-year guidance."),
        ("company_news", "Nutrien on Monday named Ken Seitz as chief executive."),
        ("company_news", "BHP approved a $5.7 billion investment in the Jansen potash project on August 17, 2021."),
        ("company_news", "K+S posted a loss for the quarter."),
        ("company_news", "ICL shares fell after the company cut its forecast."),
        ("company_news", "Nutrien announced plans to ramp up potash output to 18 million tonnes by 2025."),
        ("transport", "Lithuanian Railways will stop transporting Belarusian potash from Feb. 1."),
        ("transport", "Lithuania halted the transit of Belarusian potash through its territory on February 1."),
        ("transport", "The Lithuanian government terminated the transport contract with Belaruskali on Jan. 12."),
        ("transport", "Poland closed its border with Belarus on Friday."),
        ("transport", "Ukraine banned the transit of Belarusian fertilizers."),
        ("transport", "Belarus redirected its exports to Russian ports."),
        ("military", "Russia launched a full-scale invasion of Ukraine on February 24, 2022."),
        ("military", "Russia invaded Ukraine in February 2022."),
        ("election", "Lukashenko claimed victory in the Aug. 9, 2020, presidential election."),
        ("election", "Lukashenko won a seventh term in a presidential election in January 2025."),
        (
            "protest_crackdown",
            "Belarus forced a Ryanair flight to land in Minsk in May 2021 and arrested a journalist.",
        ),
        ("protest_crackdown", "Police detained more than 35,000 people during mass protests in 2020."),
        ("aid", "The EU approved a 1.2 billion euro package for Lithuania on Monday."),
        ("legal", "Belaruskali filed a $12 billion claim against Lithuania in December 2024."),
        ("legal", "A court ordered Lithuanian Railways to pay damages on Tuesday."),
        ("policy", "The EU on Thursday extended its sanctions on Belarus for a year."),
        ("policy", "The U.S. added potash to its list of critical minerals on November 6, 2025."),
        ("policy", "China released potash from its state reserves on Friday."),
        (
            "sanctions_imposed",
            "The sanctions, which target Belaruskali and 22 other entities, were announced on the first anniversary of the vote.",
        ),
        ("sanctions_imposed", "The U.S. announced sweeping new sanctions on Belarus on Monday, targeting Belaruskali."),
        ("sanctions_imposed", "Belaruskali was placed on the Specially Designated Nationals list in August 2021."),
        ("sanctions_imposed", "Monday's measures also block the property of the Belarusian Olympic Committee."),
        ("sanctions_eased", "Belarus won relief from U.S. sanctions on its national carrier in September."),
        ("sanctions_eased", "Trump's envoy said the US was lifting all sanctions on Belavia with immediate effect."),
        ("sanctions_eased", "The lifting of sanctions on Belarusian potash was announced on December 13."),
        ("sanctions_eased", "The United States formally removed Belaruskali from its blacklist on Tuesday."),
        (
            "sanctions_eased",
            "The license authorizes transactions involving Belaruskali, Belarusian Potash Company and Agrorozkvit.",
        ),
        (
            "prisoner_release",
            "Nobel laureate Ales Bialiatski walked free on Saturday together with 122 other prisoners.",
        ),
        ("prisoner_release", "In June, Tikhanovsky was released along with 13 others after a visit by Kellogg."),
        ("prisoner_release", "Minsk freed 123 detainees, among them five Ukrainian citizens."),
        ("diplomatic_talks", "Coale arrived in Minsk on Friday for talks with Lukashenko."),
        ("diplomatic_talks", "Lukashenko hosted U.S. envoy John Coale for five hours of talks on September 11."),
        ("diplomatic_talks", "The two presidents met in Alaska on August 15."),
        ("diplomatic_talks", "Deputy Assistant Secretary of State Christopher Smith travelled to Minsk in February."),
        ("supply_disruption", "Canpotex withdrew from new sales on July 10 because of the dock strike."),
        ("supply_disruption", "The company declared force majeure after the flood."),
        ("supply_disruption", "A strike by 7,400 dockworkers began on July 1 at ports in British Columbia."),
        ("supply_disruption", "Production at the mine has been halted since Monday."),
        ("supply_disruption", "Drone attacks forced Acron to halt ammonia output at its Novgorod plant."),
        ("accident", "An explosion at the K+S plant in Philippsthal injured three workers on Friday."),
        ("accident", "Water inflow was detected at Uralkali's Solikamsk-2 mine on November 18, 2014."),
        ("accident", "A worker died at Mosaic's Esterhazy K2 mine."),
        ("output_cut", "Nutrien is curtailing output at Cory."),
        ("output_cut", "K+S announced short-time work and lower production at its Werra plant."),
        ("output_cut", "Mosaic temporarily idled Colonsay in December 2022."),
        ("output_cut", "Potash producers including Uralkali and Belaruskali have announced production cuts for 2025."),
        ("output_cut", "The company is cutting 2 million tonnes of potash output."),
        ("tariff", "Canadian potash faces a 10 percent U.S. duty from March 7."),
        ("tariff", "Trump signed an order lowering the levy on potash to 10%."),
        ("tariff", "EU lawmakers voted for higher duties on Russian fertiliser on Thursday."),
        ("tariff", "The tariffs, which took effect on Tuesday, apply to potash."),
        ("tariff", "Brazil removed import taxes on fertilizers."),
        (
            "contract_price",
            "India's biggest potash buyer, IPL, signed with BPC at $590 a tonne, the highest price in a decade.",
        ),
        ("contract_price", "The contract with China was settled at $307 per tonne, down from $590."),
        ("contract_price", "Canpotex reached an agreement with China on a price of $307/t CFR through December 2023."),
        ("contract_price", "Uralkali settled at $346/t with Chinese buyers, an increase of $73 on last year."),
        ("company_news", "Mosaic's net income fell to $184 million in the third quarter."),
        ("company_news", "Nutrien cut its annual profit forecast on Wednesday."),
        ("company_news", "ICL reported adjusted EBITDA of $398 million for the second quarter."),
        ("company_news", "Mosaic's chief executive Joc O'Rourke will retire at the end of the year."),
        ("company_news", "K+S sold its Americas salt business to Stone Canyon for $3.2 billion."),
        ("company_news", "Mosaic restarted its Colonsay mine in 2021."),
        ("transport", "Trains carrying Belarusian potash stopped crossing Lithuania on Feb. 1, 2022."),
        ("transport", "Lithuania closed its border with Belarus in October after balloons disrupted flights."),
        ("transport", "Latvia barred Belarusian potash from its ports."),
        ("transport", "Belaruskali lost access to the port of Klaipeda in February 2022."),
        ("transport", "Belarus began shipping potash through the Russian port of Bronka."),
        ("transport", "Norfolk rail lines reopened on Sunday."),
        ("military", "Belarus and Russia held joint exercises, Zapad-2025, from September 12 to 16."),
        ("military", "Russian drones entered Polish airspace on September 10."),
        ("policy", "EU ambassadors agreed to extend the sanctions until February 2027."),
        ("policy", "The US embassy in Minsk reopened on Monday."),
        ("policy", "India raised its potash subsidy for the season."),
        ("legal", "Belaruskali sued Lithuania for $12 billion."),
    ],
)
def test_a_sentence_tells_an_event_of_its_kind(kind, text):
    assert kind in [found for found, _ in told(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The EU has no plans to lift sanctions on Belarusian potash.",
        "Analysts expect the US to lift sanctions on Belarusian potash next year.",
        "Lukashenko demanded that the sanctions be lifted.",
        "If sanctions are lifted, prices could fall.",
        "The EU could ease its sanctions in exchange for transit.",
        "Traders fear that the U.S. may impose tariffs on potash.",
        "Lukashenko suggested that Russia and Belarus cut potash output by 10-11 percent.",
        "Washington has threatened to impose more sanctions on Belarus.",
        "The EU is considering a ban on Belarusian potash.",
        "The commission proposed tariffs on fertilizer from Russia and Belarus.",
        "It remains unclear whether the EU will lift its ban on potash.",
        "Minsk hopes that Washington will lift sanctions on potash.",
        "There was no sign that the sanctions would be eased.",
        "He called for tougher sanctions on Belarus.",
        "Talks on lifting sanctions are continuing, diplomats said.",
        "The company denied that it had cut production.",
        "Nutrien said it had not curtailed output.",
        "Lithuania has ruled out reopening its railway for potash.",
        "K+S does not expect a production cut this year.",
        "Trump threatened to impose severe tariffs on Canadian fertilizer.",
        "The tariff could raise potash prices by 25%.",
    ],
)
def test_intentions_hopes_threats_and_denials_tell_no_event(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The United States lifted sanctions on potash.", "done"),
        ("Sanctions on potash have been lifted.", "done"),
        ("The United States is lifting sanctions on potash.", "announced"),
        ("The United States will lift sanctions on potash.", "announced"),
        ("The United States announced the lifting of sanctions on potash.", "announced"),
        ("The ministers agreed to lift sanctions on potash.", "decided"),
        ("The ministers want to lift sanctions on potash.", "intended"),
        ("The ministers may lift sanctions on potash.", "intended"),
        ("The ministers have not lifted sanctions on potash.", "denied"),
        ("If the ministers lift sanctions on potash, prices fall.", "intended"),
    ],
)
def test_the_tense_says_how_far_a_measure_has_come(text, status):
    sentence = Sentence.of(text, 0, len(text), load_lexicon())
    found = [status_of(sentence, t) for t in find_triggers(sentence) if t.kind == "sanctions_eased"]
    assert [f[0] for f in found if f] == [status]


def test_a_question_tells_nothing():
    assert told("Will the EU lift sanctions on potash?") == []


def test_a_headline_in_the_present_announces():
    assert told("U.S. lifts sanctions on potash", heading=True) == [("sanctions_eased", "announced")]
    assert told("The U.S. lifts sanctions on potash whenever it suits.") == [("sanctions_eased", "reported")]
