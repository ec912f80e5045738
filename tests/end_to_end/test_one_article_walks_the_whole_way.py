"""Fetched by a spider, matched against terms typed in Latin, stored, mailed, posted as a signed webhook."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from standardwebhooks import Webhook

from tests.end_to_end.conftest import Installation
from tests.newsroom import Story

STORIES = [
    Story(
        "exports",
        "واشنطن تعيد النظر في تصدير الرقائق",
        "قرار جديد يشمل معالجات لـ«إنفيديا» الموجّهة إلى السوق الصينية.",
        "قالت مصادر مطلعة إن القرار الجديد يشمل رقاقة H20 التي صممتها شركة إنفيديا خصيصًا للسوق الصينية.\n"
        "وأضافت المصادر أن الطلب على الرقاقة ارتفع منذ مطلع العام بعد أن رفعت الشركات الصينية مشترياتها.\n"
        "ولا يشمل القرار رقاقة H200 الأقوى، وهي محظورة منذ صدورها وتباع في أسواق أخرى فقط.",
    ),
    Story(
        "rain",
        "وابل من الأمطار يغرق شوارع العاصمة",
        "هطل وابل غزير من المطر مساء أمس على أحياء المدينة كلها.",
        "قالت هيئة الأرصاد إن الأمطار ستستمر يومين آخرين، ونصحت السكان بتجنب الطرق المنخفضة والأنفاق.\n"
        "وأعلنت البلدية أن فرقها تعمل على سحب المياه من الشوارع الرئيسية منذ ساعات الفجر الأولى.",
    ),
    Story(
        "models",
        "نموذج جديد من ديب سيك يعمل على معالجات محلية",
        "الشركة الصينية تقول إن كلفة التدريب انخفضت إلى النصف.",
        "أعلنت الشركة أن نموذجها الجديد دُرّب على معالجات صنعتها هواوي في مصانع محلية داخل الصين.\n"
        "ويرى محللون أن الخطوة تقلل الاعتماد على الموردين الأجانب في وقت تشتد فيه قيود التصدير.",
    ),
]
EXPECTED = {("exports", "Nvidia"), ("exports", "H20"), ("models", "DeepSeek"), ("models", "Huawei")}


async def test_matches_are_stored_mailed_and_posted_exactly_once(installation: Installation) -> None:
    await installation.poll()
    installation.newsroom.stories = STORIES
    await installation.poll()

    matches = installation.matches()
    slug = {story.title: story.slug for story in STORIES}
    assert {(slug[m.title], m.term) for m in matches} == EXPECTED
    assert len(matches) == len(EXPECTED)
    states = Counter((d.channel, d.state) for d in installation.deliveries())
    assert states == {("mail", "sent"): 2, ("hook", "sent"): 2}

    await installation.poll()
    assert len(installation.mailbox.mails) == 2
    assert len(installation.receiver.requests) == 2


async def test_every_hit_points_at_its_place_in_the_stored_text(installation: Installation) -> None:
    installation.newsroom.stories = STORIES
    await installation.poll()
    for match in installation.matches():
        assert match.hits
        for hit in match.hits:
            assert match.texts[hit.field][hit.start : hit.end] == hit.spelling


async def test_the_webhook_is_signed_and_names_every_match_of_its_article(installation: Installation) -> None:
    await installation.poll()
    installation.newsroom.stories = STORIES
    await installation.poll()
    told = {}
    for request in installation.receiver.requests:
        Webhook(installation.secret).verify(request.body, request.headers)
        content = json.loads(request.body)["data"]
        told[content["article"]["title"]] = {match["term"] for match in content["matches"]}
    assert told == {STORIES[0].title: {"Nvidia", "H20"}, STORIES[2].title: {"DeepSeek", "Huawei"}}


async def test_the_mail_arrives_with_its_title_and_every_term(installation: Installation) -> None:
    await installation.poll()
    installation.newsroom.stories = STORIES
    await installation.poll()
    titles = [story.title for story in STORIES]
    by_title = {title: m for m in installation.mailbox.mails for title in titles if title in m.subject}
    assert set(by_title) == {STORIES[0].title, STORIES[2].title}
    mail = by_title[STORIES[0].title]
    assert mail.recipients == ("analyst@desk.example",)
    for body in (mail.part("plain"), mail.part("html")):
        assert STORIES[0].title in body
        assert "Nvidia" in body
        assert "H20" in body


async def test_a_first_poll_stores_its_back_list_quietly(installation: Installation) -> None:
    installation.newsroom.stories = STORIES
    await installation.poll()
    assert len(installation.matches()) == len(EXPECTED)
    assert installation.deliveries() == []
    assert installation.mailbox.mails == []


async def test_a_subscription_that_includes_what_exists_is_told_of_the_back_list(
    installation: Installation,
) -> None:
    installation.newsroom.stories = STORIES
    await installation.poll()
    main = installation.watch("main")
    installation.subscribe(main, installation.add_webhook("second"), include_existing=True)
    await installation.poll()
    assert len(installation.receiver.requests) == 2
    assert installation.mailbox.mails == []


async def test_a_subscription_that_includes_what_exists_is_told_of_a_first_poll(
    installation: Installation,
) -> None:
    main = installation.watch("main")
    installation.subscribe(main, installation.add_webhook("second"), include_existing=True)
    installation.newsroom.stories = STORIES
    await installation.poll()
    assert Counter(d.channel for d in installation.deliveries()) == {"second": 2}


async def test_overlapping_subscriptions_never_double_a_delivery(installation: Installation) -> None:
    second = installation.watch("second", "Nvidia", "Huawei")
    hook = installation.add_webhook("another")
    installation.subscribe(second, hook)
    installation.subscribe(installation.watch("main"), hook)
    await installation.poll()
    installation.newsroom.stories = STORIES
    await installation.poll()
    assert len(installation.matches()) == len(EXPECTED) + 2
    assert Counter(d.channel for d in installation.deliveries()) == {"mail": 2, "hook": 2, "another": 2}


async def test_a_page_that_is_refused_leaves_the_result_of_the_summary(installation: Installation) -> None:
    await installation.poll()
    installation.newsroom.stories = STORIES
    installation.newsroom.page_status = 403
    await installation.poll()
    assert {match.term for match in installation.matches()} == {"Nvidia", "DeepSeek"}
    assert len(installation.mailbox.mails) == 2


async def test_an_edit_that_brings_a_new_term_is_told_with_that_term_only(installation: Installation) -> None:
    await installation.poll()
    installation.newsroom.stories = STORIES
    await installation.poll()
    edited = replace(STORIES[2], title="هواوي وإنفيديا تعلّقان على نموذج ديب سيك الجديد")
    installation.newsroom.stories = [*STORIES[:2], edited]
    await installation.poll()
    told = [json.loads(request.body)["data"] for request in installation.receiver.requests]
    terms = [
        {m["term"] for m in content["matches"]}
        for content in told
        if content["article"]["url"].endswith("/a/models")
    ]
    assert sorted(map(sorted, terms)) == [["DeepSeek", "Huawei"], ["Nvidia"]]
    assert len({request.headers["webhook-id"] for request in installation.receiver.requests}) == 3
