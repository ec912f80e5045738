"""An installation in use: sources in every state, articles that match, alerts that went out or wait."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from marsad.types import (
    ChannelKind,
    ClaimedDelivery,
    DeliveryState,
    ExtractedPage,
    FailureKind,
    FeedEntry,
    FeedWork,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    Grade,
    PageWork,
    Settlement,
    Term,
)
from pipeline.ingest import plan_feed, plan_page
from pipeline.watching import compile_watches
from storage import articles, channels, deliveries, matched, sources, texts, watchlists
from storage.database import Database
from storage.models import Article

TERMS = ("Nvidia", "Huawei", "H20", "DeepSeek")


@dataclass(frozen=True, slots=True)
class Story:
    """An invented item of a feed; with a body its page was read too."""

    title: str
    summary: str = ""
    body: str = ""
    minutes_ago: int = 30
    link: str | None = None
    author: str | None = None


STORIES = (
    Story(
        "وهواوي تكشف عن معالج جديد لمراكز البيانات في الخليج",
        "قالت الشركة إن المعالج سيصل إلى عملائها في المنطقة قبل نهاية العام، وسط سباق على بدائل إنفيديا.",
        "كشفت هواوي اليوم في دبي عن معالج جديد لمراكز البيانات، وقالت إنه صُمّم لتشغيل نماذج كبيرة بالعربية.\n"
        "وقال مديرها الإقليمي إن «الطلب على بدائل إنفيديا يتزايد»، مضيفًا أن شرائح H20 لا تكفي السوق.\n"
        "ومن المنتظر أن تبدأ الشحنات خلال ثلاثة أشهر، على أن تُعلن الأسعار في معرض تقني تستضيفه الرياض.",
        4,
        author="ليلى الحداد",
    ),
    Story(
        "DeepSeek تطلق نموذجًا أصغر، وخبراء: يعمل على هاتف متوسط",
        "يقول مختبر مستقل إن نموذج ديب سيك الجديد أسرع بمرتين من سابقه في المهام العربية.",
        "",
        27,
    ),
    Story(
        "صندوق خليجي يدرس شراء 20 ألف شريحة من إنفيديا",
        "نقلت مصادر مطلعة أن المفاوضات تشمل أيضًا بناء مركز بيانات يعمل بالطاقة الشمسية.",
        "قالت مصادر مطلعة إن صندوقًا خليجيًا يدرس شراء عشرين ألف شريحة من إنفيديا.",
        75,
    ),
    Story(
        "هل تلحق الشركات الناشئة العربية بسباق الذكاء الاصطناعي؟",
        "تقرير يرصد 40 شركة من المغرب إلى عُمان، ويقارن كلفة التدريب على معالجات Nvidia و Huawei.",
        "",
        60 * 9,
    ),
    Story(
        "مصر: مركز بحثي يدرّب نموذجًا طبيًا على 512 شريحة H20",
        "يقول الباحثون إن النموذج قرأ مليون تقرير أشعة بعد إزالة أسماء المرضى.",
        "",
        60 * 24 * 3,
    ),
    Story("متحف الحاسوب في تونس يفتح أبوابه مجانًا للطلاب", "يضم أكثر من 300 جهاز من ستة عقود.", "", 90),
)


@dataclass(slots=True)
class NewsDesk:
    """Fills a database by the same plans that a poll applies."""

    database: Database
    user_id: int
    now: datetime

    @classmethod
    def at(cls, database: Database, user_id: int) -> NewsDesk:
        return cls(database, user_id, datetime.now(UTC))

    def watch(self, *names: str) -> dict[str, int]:
        """Watch terms; returns their ids by name."""
        with self.database.write() as session:
            watchlist = watchlists.ensure_watchlist(session, self.user_id, "main", now=self.now)
            return {name: watchlists.add_term(session, watchlist, Term(name), now=self.now) for name in names}

    def add_source(self, name: str, host: str = "news.example") -> int:
        with self.database.write() as session:
            url = f"https://{host}/feed"
            return sources.add_source(session, url=url, name=name, host=host, now=self.now)

    def publish(self, source_id: int, *stories: Story, first: bool = False, minutes_ago: int = 5) -> None:
        """Poll a source that carries these stories, and read the pages of those with a body."""
        entries = tuple(_entry(story, self.now) for story in stories)
        url = "https://news.example/feed"
        feed = FetchedFeed(url, url, 200, "rss2.0", "أخبار", entries, body_hash="h")
        self._poll(source_id, feed, first=first, at=self.now - timedelta(minutes=minutes_ago))
        for story in stories:
            if story.body:
                self._read_page(story)

    def fail(
        self, source_id: int, kind: FailureKind, *, status: int | None = None, minutes_ago: int = 5
    ) -> None:
        """Poll a source that cannot be read."""
        failure = FetchFailure("u", "u", status, Grade.TEMPORARY, "It failed.", kind=kind)
        self._poll(source_id, failure, first=True, at=self.now - timedelta(minutes=minutes_ago))

    def add_channel(self, name: str, kind: ChannelKind, *, confirmed: bool = True) -> int:
        address = "https://hook.example/marsad" if kind is ChannelKind.WEBHOOK else name
        with self.database.write() as session:
            return channels.add_channel(
                session,
                self.user_id,
                kind=kind,
                name=name,
                address=address,
                secret=None,
                confirmed=confirmed,
                now=self.now,
            )

    def subscribe(self, channel_id: int) -> None:
        with self.database.write() as session:
            watchlist = watchlists.find_watchlist(session, self.user_id, "main")
            watchlists.subscribe(session, watchlist, channel_id, include_existing=True, now=self.now)

    def send_one(self, *, refused: str | None = None) -> None:
        """Have the next alert accepted, or refused with this reason."""
        with self.database.write() as session:
            claimed = deliveries.claim_deliveries(
                session,
                now=self.now + timedelta(hours=1),
                limit=1,
                lease=timedelta(minutes=1),
                worker="w",
                kinds=tuple(ChannelKind),
                per_channel=9,
            )
        for each in claimed:
            self._settle(each, refused)

    def _settle(self, claimed: ClaimedDelivery, refused: str | None) -> None:
        state = DeliveryState.SENT if refused is None else DeliveryState.PARKED
        settlement = Settlement(state, refused or "HTTP 204", self.now, None)
        with self.database.write() as session:
            deliveries.settle(session, claimed, settlement, started=self.now, now=self.now)

    def _poll(self, source_id: int, result: FetchResult, *, first: bool, at: datetime) -> None:
        with self.database.write() as session:
            watches = watchlists.read_watch_set(session)
            work = FeedWork(source_id, FetchRequest("https://news.example/feed", "feed"), first, 0)
            plan = plan_feed(work, result, known={}, watching=compile_watches(watches), now=at)
            articles.apply_feed(session, plan, now=at, page_patience=timedelta(minutes=15))

    def _read_page(self, story: Story) -> None:
        with self.database.write() as session:
            watches = watchlists.read_watch_set(session)
            article = session.scalars(
                select(Article.id).where(Article.title == story.title.replace("\0", ""))
            ).one()
            work = PageWork(article, 1, FetchRequest("https://news.example/a", "page"), False, 0)
            known = matched.known_terms(session, article)
            stored = texts.read_texts(session, [article])[article]
            page = FetchedPage("u", "u", 200, ExtractedPage(None, story.body, author=story.author))
            plan = plan_page(
                work,
                page,
                stored=stored,
                known_terms=known,
                watching=compile_watches(watches),
                now=self.now,
            )
            articles.apply_page(session, plan, now=self.now)


def fill(database: Database, user_id: int) -> NewsDesk:
    """An installation with something of everything."""
    desk = NewsDesk.at(database, user_id)
    desk.watch(*TERMS)
    hook = desk.add_channel("غرفة الأخبار", ChannelKind.WEBHOOK)
    desk.add_channel("mona@example.com", ChannelKind.EMAIL, confirmed=False)
    desk.subscribe(hook)
    noon = desk.add_source("نون التقنية", "noon.example")
    desk.publish(noon, *STORIES[3:], minutes_ago=65)
    bits = desk.add_source("Bits بالعربية", "bits.example")
    desk.publish(bits, *STORIES[:3])
    desk.add_source("مرفأ الأعمال", "port.example")
    refusing = desk.add_source("جريدة الضحى", "duha.example")
    desk.fail(refusing, FailureKind.REFUSED, status=403)
    silent = desk.add_source("Levant Wire", "levant.example")
    desk.fail(silent, FailureKind.WEB_PAGE, status=200, minutes_ago=42)
    desk.send_one()
    desk.send_one()
    desk.send_one(refused="HTTP 400: unknown field")
    return desk


def _entry(story: Story, now: datetime) -> FeedEntry:
    number = abs(hash(story.title)) % 10**8
    link = story.link if story.link is not None else f"https://news.example/a/{number}"
    published = now - timedelta(minutes=story.minutes_ago)
    entry = FeedEntry(story.title, link, f"id-{number}", published, summary=story.summary or None)
    return replace(entry, author=story.author)
