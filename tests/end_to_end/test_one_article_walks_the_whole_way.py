"""Fetched by a spider, matched against terms typed in Latin, stored, mailed, and posted as a signed webhook."""

from __future__ import annotations

import json
from collections import Counter

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


def test_matches_are_stored_mailed_and_posted_exactly_once(installation: Installation) -> None:
    marsad, newsroom = installation.marsad, installation.newsroom
    marsad.run("poll", "--once")
    newsroom.stories = STORIES
    marsad.run("poll", "--once", "--all")

    matches = marsad.facts("matches", "list")
    slug = {story.title: story.slug for story in STORIES}
    assert {(slug[m["article"]["title"]], m["term"]) for m in matches} == EXPECTED
    assert len(matches) == len(EXPECTED)

    deliveries = marsad.facts("deliveries", "list")
    assert Counter((d["channel"], d["state"]) for d in deliveries) == {
        ("mail", "sent"): 2,
        ("hook", "sent"): 2,
    }
    assert len(installation.mailbox.mails) == 2
    assert len(installation.receiver.requests) == 2

    marsad.run("poll", "--once", "--all")
    assert len(installation.mailbox.mails) == 2
    assert len(installation.receiver.requests) == 2


def test_the_webhook_is_signed_and_names_every_match_of_its_article(installation: Installation) -> None:
    installation.marsad.run("poll", "--once")
    installation.newsroom.stories = STORIES
    installation.marsad.run("poll", "--once", "--all")
    told = {}
    for request in installation.receiver.requests:
        Webhook(installation.webhook_secret).verify(request.body, request.headers)
        content = json.loads(request.body)["data"]
        told[content["article"]["title"]] = {match["term"] for match in content["matches"]}
    assert told == {STORIES[0].title: {"Nvidia", "H20"}, STORIES[2].title: {"DeepSeek", "Huawei"}}


def test_the_mail_arrives_with_its_title_and_every_term(installation: Installation) -> None:
    installation.marsad.run("poll", "--once")
    installation.newsroom.stories = STORIES
    installation.marsad.run("poll", "--once", "--all")
    by_title = {title: m for m in installation.mailbox.mails for title in _titles() if title in m.subject}
    assert set(by_title) == {STORIES[0].title, STORIES[2].title}
    mail = by_title[STORIES[0].title]
    assert mail.recipients == ("analyst@desk.example",)
    for body in (mail.part("plain"), mail.part("html")):
        assert STORIES[0].title in body
        assert "Nvidia" in body
        assert "H20" in body


def test_a_first_poll_stores_its_back_list_quietly(installation: Installation) -> None:
    installation.newsroom.stories = STORIES
    installation.marsad.run("poll", "--once")
    assert len(installation.marsad.facts("matches", "list")) == len(EXPECTED)
    assert installation.marsad.facts("deliveries", "list") == []
    assert installation.mailbox.mails == []


def test_a_subscription_that_includes_what_exists_is_told_of_the_back_list(
    installation: Installation,
) -> None:
    installation.newsroom.stories = STORIES
    installation.marsad.run("poll", "--once")
    hook = installation.receiver.url
    installation.marsad.run("channel", "add", "webhook", hook, "--name", "second")
    installation.marsad.run("subscribe", "main", "second", "--include-existing")
    installation.marsad.run("poll", "--once")
    assert len(installation.receiver.requests) == 2
    assert installation.mailbox.mails == []


def test_overlapping_subscriptions_never_double_a_delivery(installation: Installation) -> None:
    marsad = installation.marsad
    marsad.run("watch", "add", "Nvidia", "Huawei", "--watchlist", "second")
    marsad.run("subscribe", "second", "hook")
    marsad.run("poll", "--once")
    installation.newsroom.stories = STORIES
    marsad.run("poll", "--once", "--all")
    assert len(installation.receiver.requests) == 2
    assert len(marsad.facts("matches", "list")) == len(EXPECTED) + 2


def test_a_page_that_is_refused_leaves_the_result_of_the_summary(installation: Installation) -> None:
    installation.marsad.run("poll", "--once")
    installation.newsroom.stories = STORIES
    installation.newsroom.page_status = 403
    installation.marsad.run("poll", "--once", "--all")
    terms = {m["term"] for m in installation.marsad.facts("matches", "list")}
    assert terms == {"Nvidia", "DeepSeek"}
    assert len(installation.mailbox.mails) == 2


def _titles() -> list[str]:
    return [story.title for story in STORIES]
