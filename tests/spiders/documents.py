"""Small documents of our own for the spiders' tests."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

TITLES = ("إنفيديا تكشف عن مُعالجٍ جديد", "هـواوي: «خطة» الأعوام المقبلة", "أخبار الذكاء الاصطناعي، اليوم")


def rss(*titles: str, declared: str | None = "utf-8", first: int = 1) -> str:
    """An RSS 2.0 feed with an item for each title (as XML), hourly from 1 February 2026, 08:00 UTC."""
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{n}</link>"
        f'<guid isPermaLink="false">item-{n}</guid>'
        f"<pubDate>Sun, 01 Feb 2026 {7 + n:02d}:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;ملخص الخبر {n}&lt;/p&gt;</description></item>"
        for n, title in enumerate(titles or TITLES, first)
    )
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    return f'{declaration}<rss version="2.0"><channel><title>مرصد تجريبي</title>{items}</channel></rss>'


PAGE = """<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>خبر | موقع</title>
<meta property="article:published_time" content="2026-02-01T10:30:00+03:00">
</head><body><nav><a href="/">الرئيسية</a><a href="/tech">تقنية</a></nav><article><h1>خبر</h1>
<p>أعلنت الشركة اليوم عن نتائجها المالية للربع الأخير من العام الماضي وسط اهتمام واسع من المستثمرين.</p>
<p>وقالت في بيان إن المبيعات ارتفعت بفضل الطلب على مراكز البيانات، وإنها تتوقع أن يستمر النمو خلال العام.</p>
<p>وأضاف المدير التنفيذي أن الخطة المقبلة تشمل افتتاح ثلاثة مصانع جديدة في المنطقة قبل نهاية العام الحالي.</p>
</article><footer>جميع الحقوق محفوظة</footer></body></html>"""
