import json

from potash.report.front.facts import CurveFacts, Front, NotStudied, OtherPortfolio, OwnNews, Share
from tests.report.front.made_up import event, front, pool


def test_facts_survive_json():
    other = OtherPortfolio(("NTR", "MOS"), -0.026, None, 0.0, "effect", 0.05)
    share = Share("MOS", 0.01, None, 8)
    facts = front(
        events=(
            event(own_news=(OwnNews("MOS", "A mine", True),), other=other, controls_left_out=(("DE", "results"),)),
        ),
        pool=pool(variants=(share,), without_event=(share, share)),
        not_studied=(NotStudied("e", "Later", "2026-03-19", "outside the prices"),),
        curve=CurveFacts("e", 100, 0.5, None, 0.01, 0.2),
    )
    content = json.loads(json.dumps(facts.to_json(), allow_nan=False))
    assert content["version"] == 2
    assert content["answer"] == {"sentence": "An answer.", "qualification": "What qualifies it."}
    assert content["events"][0]["CAR"] == -0.0143
    assert Front.from_json({**content, "notebooks": []}) == facts


def test_the_events_of_the_pool_are_those_without_a_reason_against_it():
    events = (event(event_id="a", not_pooled="no sign"), event(event_id="b"))
    assert [e.event_id for e in front(events=events).pooled_events] == ["b"]
