"""What one cell means: text, dates, times, hours, ticks, money. Each raises Wrong with a remedy."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from instance.spreadsheets.faults import Wrong, _

MOST_LETTERS = 200
MOST_TEXT = 4_000
DAY = 24 * 60
WEEK = 7 * DAY

# What makes a spreadsheet program take a cell for a formula.
FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
_HIDDEN = frozenset("\u00ad\u200b\u2060\ufeff")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_YES = frozenset("yes y true 1 ✓ ✔ ☑ x 是 有 對 已簽 已簽署 已同意 同意 ok agreed signed".split())
_NO = frozenset("no n false 0 ✗ ✘ ☐ - 否 無 沒有 不 未 未簽 未簽署 none".split())
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4}) ?年 ?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日號号]?"),
    re.compile(r"(?P<d>\d{1,2})[ -](?P<name>[a-z]{3})[a-z]*[ ,-]{1,2}(?P<y>\d{4})"),
    re.compile(r"(?P<name>[a-z]{3})[a-z]* (?P<d>\d{1,2}),? (?P<y>\d{4})"),
)
_SERIAL = re.compile(r"[3-7]\d{4}(?:\.0+)?")
_EPOCH = date(1899, 12, 30)
_CLOCK = re.compile(
    r"(?P<before>上午|早上|下午|晚上|中午|凌晨)? ?(?P<hour>\d{1,2}) ?"
    r"(?:[:.時时點点h] ?(?P<minute>\d{2}|半)? ?分?)?(?::00)? ?(?P<after>am|pm|a\.m\.|p\.m\.)?"
)
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()/.\-]{3,30}(?: ?(?:x|ext\.?|內線) ?\d{1,6})?")
_EMAIL = re.compile(r"[^\s@,;<>()\"']{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def line(cell: str) -> str:
    """Return a cell as one line of text: spaces tidied, nothing hidden in it."""
    return text(" ".join(cell.split()), MOST_LETTERS)


def text(cell: str, most: int = MOST_TEXT) -> str:
    """Return a cell's text in normal form; refuses control characters and turned directions."""
    tidy = unicodedata.normalize("NFC", cell.replace("\u3000", " ").replace("\r\n", "\n")).strip()
    tidy = "".join(one for one in tidy if one not in _HIDDEN)
    if len(tidy) > 1 and tidy[0] == "'" and tidy[1] in FORMULA:
        tidy = tidy[1:]  # how a spreadsheet says that a cell is no formula
    for one in tidy:
        if one in _BIDI:
            raise Wrong(
                _("it holds a hidden sign that turns the direction of the text; type it anew")
            )
        if unicodedata.category(one) in {"Cc", "Cs", "Co", "Cn"} and one not in "\n\t":
            raise Wrong(
                _("it holds a control character (%(code)s); type it anew"), code=f"U+{ord(one):04X}"
            )
    if len(tidy) > most:
        raise Wrong(
            _("it has %(there)s letters; shorten it to %(most)s"), there=len(tidy), most=most
        )
    return tidy


def narrow(cell: str) -> str:
    """Return a cell with the wide forms of signs as plain ones, as words are compared."""
    return unicodedata.normalize("NFKC", cell)


def name(cell: str) -> str:
    """Return somebody's or something's name: no formula and no markup."""
    tidy = line(cell)
    if tidy and tidy[0] in FORMULA:
        raise Wrong(_("a name does not begin with '%(sign)s'; type it anew"), sign=tidy[0])
    if "<" in tidy or ">" in tidy:
        raise Wrong(_("a name has no < or >; type it anew"))
    return tidy


def handle(cell: str) -> str:
    """Return a handle as it is stored: small letters, without the @ in front."""
    tidy = line(cell).removeprefix("@").casefold()
    if not re.fullmatch(r"[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?", tidy) or len(tidy) > 64:
        raise Wrong(_("a handle has the letters a to z, digits, dots, dashes and underscores only"))
    return tidy


def email(cell: str) -> str:
    """Return an e-mail address."""
    tidy = text(cell, 254)
    if not _EMAIL.fullmatch(tidy):
        raise Wrong(_("this is no e-mail address; write one such as mei@coop.example"))
    return tidy


def phone(cell: str) -> str:
    """Return a telephone number as it was written, with single spaces."""
    tidy = line(narrow(cell))
    if not _PHONE.fullmatch(tidy) or sum(one.isdigit() for one in tidy) < 5:
        raise Wrong(_("this is no telephone number; write digits, such as +852 2345 6789"))
    return tidy


def day(cell: str) -> date:
    """Return a date: 2026-11-03, 3/11/2026 (day first), 3.11.2026, 2026年11月3日, 3 Nov 2026."""
    tidy = _folded(cell)
    if _SERIAL.fullmatch(tidy):
        return _EPOCH + timedelta(days=int(tidy.partition(".")[0]))
    for form in _DATES:
        found = form.fullmatch(tidy)
        if found:
            return _date(found)
    raise Wrong(_("this is no date; write it as 2026-11-03"))


def _date(found: re.Match[str]) -> date:
    parts = found.groupdict()
    month = _MONTHS.get(parts["name"], 0) if "name" in parts else int(parts["m"])
    try:
        there = date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        raise Wrong(
            _("there is no such day; write it as 2026-11-03 (or day first: 3/11/2026)")
        ) from None
    if not 1990 <= there.year <= 2100:
        raise Wrong(_("the year cannot be meant; write it as 2026-11-03"))
    return there


def clock(cell: str) -> int:
    """Return a time of day in minutes after midnight, 0 to 1440: 08:30, 8.30, 0830, 8:30 pm."""
    tidy = _folded(cell)
    fraction = re.fullmatch(r"0?[.]\d{1,17}|1(?:\.0+)?|0", tidy)
    if fraction and ("." in tidy or tidy == "0"):
        return round(float(tidy) * DAY)
    packed = re.fullmatch(r"([01]\d|2[0-4])([0-5]\d)", tidy)
    found = _CLOCK.fullmatch(f"{packed[1]}:{packed[2]}" if packed else tidy)
    if found is None or (tidy.isdigit() and not packed and len(tidy) > 2):
        raise Wrong(_("this is no time of day; write it as 08:30"))
    minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
    hour = _hour(int(found["hour"]), found["before"] or found["after"] or "")
    if minute > 59 or not 0 <= hour * 60 + minute <= DAY:
        raise Wrong(_("there is no such time of day; write it as 08:30"))
    return hour * 60 + minute


def _hour(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 0 < hour <= 12:
        raise Wrong(_("there is no such time of day; write it as 08:30"))
    late = half[0] == "p" or half in {"下午", "晚上", "中午"}
    if half == "中午" and hour < 12:
        return hour + 12 if hour < 3 else hour
    return hour % 12 + (12 if late else 0)


def weekly_minutes(cell: str) -> int:
    """Return hours a week in minutes: 20, 34.5, 34,5, 20 h, 20小時."""
    tidy = re.sub(r"(?:hours?|hrs?|h|小時|個鐘)$", "", _folded(cell)).strip()
    amount = _number(tidy, _("this is no number of hours; write one such as 20 or 34.5"))
    if not 0 <= amount <= 168:
        raise Wrong(_("a week has 168 hours; write how many she wants to work, such as 20"))
    return int(amount * 60)


def minutes(cell: str) -> int:
    """Return a break in minutes."""
    tidy = re.sub(r"(?:minutes?|mins?|分鐘|分)$", "", _folded(cell)).strip()
    amount = _number(tidy, _("this is no number of minutes; write one such as 30"))
    if not 0 <= amount <= DAY or amount != int(amount):
        raise Wrong(_("this is no number of minutes; write one such as 30"))
    return int(amount)


def cents(cell: str) -> int:
    """Return an amount of money in the smallest unit: 75, 75.50, $75, HK$ 1,075."""
    tidy = re.sub(r"^(?:[a-z]{2,3})? ?[$€£]?|(?:元|/h|/hour|per hour)$", "", _folded(cell)).strip()
    tidy = re.sub(r",(?=\d{3}(?:\D|$))", "", tidy)
    amount = _number(tidy, _("this is no amount of money; write one such as 75 or 75.50"))
    if not 0 <= amount < 1_000_000 or amount * 100 != int(amount * 100):
        raise Wrong(_("this is no amount of money; write one such as 75 or 75.50"))
    return int(amount * 100)


def percent(cell: str) -> int:
    """Return a share in whole percents."""
    amount = _number(
        _folded(cell).removesuffix("%").strip(),
        _("this is no share; write a whole number from 0 to 100"),
    )
    if not 0 <= amount <= 100 or amount != int(amount):
        raise Wrong(_("this is no share; write a whole number from 0 to 100"))
    return int(amount)


def tick(cell: str) -> bool:
    """Return whether a box is ticked: yes, ✓, 是 … or no, ✗, 否 …."""
    tidy = _folded(cell)
    if tidy in _YES:
        return True
    if tidy in _NO:
        return False
    raise Wrong(_("this is neither yes nor no; write yes or no"))


def tick_or_day(cell: str) -> date | bool:
    """Return the day on which something was agreed, or only whether it was."""
    try:
        return tick(cell)
    except Wrong:
        pass
    try:
        return day(cell)
    except Wrong as wrong:
        if any(one.isdigit() for one in cell):
            raise
        raise Wrong(
            _(
                "this is neither a date nor yes or no; write the date on the paper, "
                "such as 2026-11-03"
            )
        ) from wrong


def _folded(cell: str) -> str:
    return line(narrow(cell)).casefold()


def _number(tidy: str, message: str) -> Decimal:
    """Read a number with a decimal point or comma."""
    if not re.fullmatch(r"-?\d{1,9}(?:[.,]\d{1,4})?", tidy):
        raise Wrong(message)
    try:
        return Decimal(tidy.replace(",", "."))
    except InvalidOperation:
        raise Wrong(message) from None


def parts(cell: str, separators: str) -> Iterator[str]:
    """Yield the parts of a list, tidied, empty ones left out."""
    for part in re.split(f"[{re.escape(separators)}]", cell):
        if part.strip():
            yield line(part)
