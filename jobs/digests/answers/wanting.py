"""From what was asked for to a definition, with the nearest choices where a name is not known."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, cast

from jobs.digests.answers.calls import arguments, tap
from jobs.digests.definition import Definition
from jobs.digests.quiet import DaysOff, QuietHours
from jobs.digests.sections import chosen
from jobs.digests.timing import Daily, Monthly, Rhythm, Schedule, Weekly, timezones
from jobs.digests.wanted import Wanted
from tools.calendar.public_holidays import knows_holidays
from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest
from tools.semantic.countries import country_label, territories, territory

if TYPE_CHECKING:
    from jobs.catalog.digest import DigestArgs
    from tools.tool import Context

NINE = "09:00"
MONDAY = 0
_LONGEST_SHOWN = 60


def defined(context: Context, args: DigestArgs) -> Definition:
    """The digest that was asked for; what was left open is daily, at nine, in the asker's timezone.

    Raises InvalidArgument for what is not known, and for what does not go together.
    """
    timezone = _timezone(args, context.user.timezone)
    return Definition(
        Schedule(_rhythm(args), time.fromisoformat(args.at or NINE), timezone, _quiet(args), _days_off(args, timezone)),
        _wanted(context, args),
    )


def redefined(context: Context, old: Definition, args: DigestArgs) -> Definition:
    """The digest with what was asked for in place of what it had; the rest stays. Raises InvalidArgument as above."""
    given = {name: getattr(args, name) for name in args.plain()}
    had = arguments(old)
    if (args.rhythm or had.rhythm) != had.rhythm or args.weekdays or args.day:
        given |= {"rhythm": args.rhythm, "weekdays": args.weekdays, "day": args.day}
    if args.days_off == "none":
        given["country"] = None
    return defined(context, had.model_copy(update=given))


def _wanted(context: Context, args: DigestArgs) -> Wanted:
    for name in args.metrics:
        context.catalog.metric(name)
    for one in args.filters:
        context.catalog.dimension(one.dimension)
    chosen(args.sections)
    return Wanted(args.metrics, args.sections, args.filters, bool(args.only_when_moved))


def _rhythm(args: DigestArgs) -> Rhythm:
    name = args.rhythm or ("weekly" if args.weekdays else "monthly" if args.day else "daily")
    if args.weekdays and name != "weekly":
        raise InvalidArgument(
            say("Weekdays are for a weekly digest; a daily one comes every day, a monthly one on a day of the month."),
            (tap(say("Weekly instead"), args, rhythm="weekly", day=None),),
        )
    if args.day is not None and name != "monthly":
        raise InvalidArgument(
            say("A day of the month is for a monthly digest."),
            (tap(say("Monthly instead"), args, rhythm="monthly", weekdays=()),),
        )
    if name == "weekly":
        return Weekly(frozenset(args.weekdays or (MONDAY,)))
    return Monthly(args.day or 1) if name == "monthly" else Daily()


def _timezone(args: DigestArgs, own: str) -> str:
    given = args.timezone or own
    known = timezones()
    if given in known:
        return given
    near = nearest(given, sorted(known))
    if not near:
        # The schedule says what a timezone looks like.
        return given
    raise InvalidArgument(
        say("I know no timezone “{name}”. Nearest: {choices}.", name=given[:_LONGEST_SHOWN], choices=tuple(near)),
        tuple(tap(say("{choice}", choice=choice), args, timezone=choice) for choice in near),
    )


def _quiet(args: DigestArgs) -> QuietHours | None:
    if args.quiet is None or args.quiet == "none":
        return None
    start, end = args.quiet
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


def _days_off(args: DigestArgs, timezone: str) -> DaysOff | None:
    if args.days_off in (None, "none"):
        if args.country is not None and args.days_off is None:
            # A country says nothing but whose days off are kept.
            return DaysOff(_country(args, args.country))
        return None
    holidays = args.days_off in ("holidays", "both")
    country = _country(args, args.country) if args.country else country_of(timezone) if holidays else None
    if holidays and country is None:
        raise InvalidArgument(say("The public holidays of which country? Write an ISO code such as GB or CN."))
    return DaysOff(country, weekends=args.days_off != "holidays", holidays=holidays)


def _country(args: DigestArgs, given: str) -> str:
    code = territory(given) or territory(given.upper())
    if code is not None and knows_holidays(code):
        return code
    known = {name: of for of, names in territories().items() if knows_holidays(of) for name in (of, *names)}
    near = tuple(dict.fromkeys(known[name] for name in nearest(given, known)))
    raise InvalidArgument(
        say(
            "I know no public holidays of “{country}”; write an ISO code such as GB or CN.",
            country=given[:_LONGEST_SHOWN],
        ),
        tuple(tap(say("{choice}", choice=country_label(one) or one), args, country=one) for one in near),
    )


def country_of(timezone: str) -> str | None:
    """The country that a timezone lies in, if its holidays are known; None for those of no country, such as UTC."""
    from babel.core import get_global

    found = cast("str | None", get_global("zone_territories").get(timezone))
    return found if found is not None and knows_holidays(found) else None
