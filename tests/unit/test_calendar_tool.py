"""What the tool `calendar` answers; how an admin adds to it and removes from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.rendering.reply import plain_text, render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.calendar_store import Planned, calendar_context, with_state
from tools.answer import Answer, ToolCall
from tools.calendar.calendar import PromotionCalendar
from tools.errors import InvalidArgument, NotAllowed
from tools.registry import discover
from tools.runner import run
from tools.semantic.periods import Period
from tools.tool import Context, User

REGISTRY = discover()
TODAY = date(2026, 11, 5)
PLANNED = (
    Planned("Winter Fair 2026", date(2026, 11, 20), date(2026, 11, 29), "Germany", "burst"),
    Planned("Winter Fair 2025", date(2025, 11, 21), date(2025, 11, 30), "Germany", "burst"),
)
SPRING: dict[str, Any] = {
    "name": "Spring Sale",
    "period": {"start": "2027-04-01", "end": "2027-04-07"},
    "country": "Germany",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    path = tmp_path_factory.mktemp("calendar") / "warehouse.duckdb"
    context = calendar_context(path, {"Germany": 60.0, "China": 40.0, "Albion": 1.0}, PLANNED, today=TODAY)
    yield context
    context.warehouse.close()


@pytest.fixture
def context(store: Context) -> Context:
    return with_state(store)


class Log:
    """What the audit was told."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, dict[str, Any]]] = []

    def __call__(self, user: User, action: str, details: Any) -> None:
        self.entries.append((user.id, action, dict(details)))


def ask(context: Context, log: Log | None = None, **args: Any) -> Answer:
    return run(REGISTRY, context, ToolCall("calendar", args), log or Log())


def tapped(context: Context, answer: Answer, number: int = 0, log: Log | None = None) -> Answer:
    call = answer.follow_ups[number].call
    assert call is not None
    return run(REGISTRY, context, call, log or Log())


def text(answer: Answer, language: str = "en") -> str:
    voice = Voice("zh" if language == "zh" else "en")
    return plain_text(Reply("answered", language, answers=(answer,)), voice)


def cells(answer: Answer, column: str) -> list[Any]:
    assert answer.table is not None
    at = [one.name for one in answer.table.columns].index(column)
    return [row[at] if not hasattr(row[at], "values") else str(row[at]) for row in answer.table.rows]


def events(context: Context) -> list[tuple[str, str | None, Period]]:
    found = PromotionCalendar(context).between(Period(date(2026, 1, 1), date(2028, 1, 1)))
    return [(event.label.en, event.country, event.period) for event in found if event.source == "team"]


# --- what is on -------------------------------------------------------------------------------------------------------


def test_what_is_coming_up_names_the_next_with_the_days_to_go(context: Context) -> None:
    answer = ask(context)
    assert "Next: Double 11, 10–11 Nov 2026 (China), 5 days from now" in text(answer)
    assert cells(answer, "event")[:4] == ["Double 11", "Winter Fair", "Black Friday", "Cyber Monday"]
    assert [fact.value for fact in answer.facts if fact.name == "days_until"] == [5]
    assert cells(answer, "starts_on")[0] == date(2026, 10, 21)
    assert cells(answer, "source")[:3] == ["shipped", "imported", "shipped"]


def test_one_kind_one_country_one_period(context: Context) -> None:
    november = {"start": "2026-11-01", "end": "2026-11-30"}
    promotions = ask(context, kind="promotion", country="Germany", period=november)
    assert cells(promotions, "event") == ["Winter Fair", "Black Friday", "Cyber Monday"]
    assert set(cells(promotions, "kind")) == {"promotion"}
    easter = ask(context, kind="holiday", country="德国", period={"start": "2027-03-20", "end": "2027-04-10"})
    assert cells(easter, "event") == ["Easter"]
    assert cells(easter, "main_from") == [date(2027, 3, 26)]


def test_small_public_holidays_are_a_line_and_in_the_file(context: Context) -> None:
    answer = ask(context, period={"start": "2026-09-28", "end": "2026-10-12"})
    assert cells(answer, "event") == ["National Day", "Halloween"]
    assert "Public holidays besides: German Unity Day" in text(answer)
    assert answer.whole is not None
    assert len(answer.whole.rows) == 3


def test_days_without_anything_say_so(context: Context) -> None:
    answer = ask(context, kind="promotion", period={"start": "2026-07-01", "end": "2026-07-02"})
    assert text(answer).startswith("No promotion from 1 to 2 Jul 2026")
    assert answer.facts[0].value == 0


@pytest.mark.parametrize(
    "period", [{"start": "0001-01-01", "end": "0001-02-01"}, {"start": "2020-01-01", "end": "2026-12-31"}]
)
@pytest.mark.parametrize("name", [None, "Easter"])
def test_days_beyond_the_calendar_are_refused(context: Context, period: dict[str, str], name: str | None) -> None:
    with pytest.raises(InvalidArgument, match="years"):
        ask(context, period=period, name=name)


def test_a_country_without_sales_is_refused_with_the_nearest(context: Context) -> None:
    with pytest.raises(InvalidArgument, match=r"sells nothing in “Germny”\. Nearest: Germany"):
        ask(context, country="Germny")


# --- one occasion -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Double 11", "双十一", "singles' day", "11.11"])
def test_when_is_it_and_when_was_it(context: Context, name: str) -> None:
    answer = ask(context, name=name)
    assert "Double 11: 21 Oct 2026 to 14 Nov 2026 (China)" in text(answer)
    assert "5 days from now" in text(answer)
    assert "The time before: 1–3 Nov 2025 and 10–11 Nov 2025" in text(answer)
    assert cells(answer, "phase") == ["warm-up", "burst", "refill", "burst", "extension"]
    assert "预热" in text(answer, "zh")


def test_an_imported_name_without_its_year(context: Context) -> None:
    answer = ask(context, name="winter fair")
    assert "Winter Fair: 20–29 Nov 2026 (Germany), 15 days from now" in text(answer)
    assert "The time before: 21–30 Nov 2025" in text(answer)


def test_what_is_called_just_so_goes_first(context: Context) -> None:
    answer = ask(replace(context, today=date(2026, 9, 1)), name="国庆节")
    assert "1–7 Oct 2026" in text(answer).splitlines()[0]


def test_the_next_time_goes_before_a_later_one_of_that_very_name(tmp_path: Path) -> None:
    both = Planned("Black Friday and Cyber Monday 2026", date(2026, 11, 27), date(2026, 11, 30), None, "burst")
    context = calendar_context(tmp_path / "warehouse.duckdb", {"Germany": 1.0}, [both], today=TODAY)
    assert "27–30 Nov 2026" in text(ask(context, name="Black Friday")).splitlines()[0]
    context.warehouse.close()


def test_a_phase_that_is_on_and_the_day_of_the_new_year_are_said(context: Context) -> None:
    assert "Its refill is on now." in text(ask(context, name="Double 11"))
    assert "New Year's Day is 6 Feb 2027." in text(ask(context, name="Chinese New Year"))


def test_the_only_one_in_a_period_is_named(context: Context) -> None:
    answer = ask(context, period={"start": "2026-10-01", "end": "2026-10-07"}, country="China")
    assert "National Day" in text(answer).splitlines()[0]


def test_an_occasion_of_other_countries_is_told_as_such(context: Context) -> None:
    answer = ask(context, name="Thanksgiving")
    assert "26 Nov 2026" in text(answer)
    assert "Not kept in the countries that matter to this store (Germany and China)" in text(answer)


def test_unknown_future_dates_are_not_guessed(context: Context) -> None:
    assert "The next dates of Prime Day are not known yet; the last were 8–11 Jul 2025" in text(
        ask(context, name="Prime Day")
    )


def test_in_a_year_that_is_past(context: Context) -> None:
    answer = ask(context, name="Black Friday", period={"start": "2024-01-01", "end": "2024-12-31"})
    assert "Black Friday was Fri, 29 Nov 2024" in text(answer)


def test_a_name_that_is_nowhere_is_refused_with_the_nearest(context: Context) -> None:
    with pytest.raises(InvalidArgument, match="no “Dubble 11”") as refused:
        ask(context, name="Dubble 11")
    assert refused.value.options[0].call == ToolCall("calendar", {"name": "Double 11"})
    with pytest.raises(InvalidArgument, match="no “<b>zq”"):
        ask(context, name="<b>zq\n")


# --- adding -----------------------------------------------------------------------------------------------------------


def test_adding_is_shown_first_then_confirmed_and_counts_at_once(context: Context) -> None:
    log = Log()
    preview = ask(context, log, action="add", **SPRING)
    assert "Add to the calendar: “Spring Sale” (promotion), 1–7 Apr 2027, Germany?" in text(preview)
    assert "Nothing is added yet." in text(preview)
    assert not events(context)
    assert not log.entries
    done = tapped(context, preview, log=log)
    assert text(done).startswith("Added: “Spring Sale”")
    assert events(context) == [("Spring Sale", "Germany", Period(date(2027, 4, 1), date(2027, 4, 7)))]
    assert log.entries == [
        ("1", "changed", {"tool": "calendar", "what": "added event “Spring Sale” 2027-04-01 to 2027-04-07 in Germany"})
    ]
    assert "Spring Sale" in cells(ask(context, period=SPRING["period"]), "event")


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize("args", [{"action": "add", **SPRING}, {"action": "remove", "name": "Spring Sale"}])
@pytest.mark.parametrize("confirmed", [False, True])
def test_only_an_admin_may(context: Context, role: Any, args: dict[str, Any], confirmed: bool) -> None:
    with pytest.raises(NotAllowed, match=f"needs the role admin; yours is {role}"):
        ask(replace(context, user=User("2", role)), **args, confirmed=confirmed)
    assert not events(context)


def test_without_a_state_database_it_lists_but_keeps_nothing(store: Context) -> None:
    assert cells(ask(store), "event")
    for args in ({"action": "add", **SPRING}, {"action": "remove", "name": "Spring Sale"}):
        with pytest.raises(InvalidArgument, match="no state database"):
            ask(store, **args, confirmed=True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"name": None}, "called"),
        ({"name": " "}, "called"),
        ({"name": "x" * 61}, "no name"),
        ({"name": "a\nb"}, "no name"),
        ({"name": "a\u202eb"}, "no name"),
        ({"name": "a\x00b"}, "no name"),
        ({"name": "!!!"}, "no name"),
        ({"period": None}, "On which days"),
        ({"period": {"start": "2027-01-01", "end": "2027-05-01"}}, "at most 120"),
        ({"period": {"start": "2027-04-07", "end": "2027-04-01"}}, "before it starts"),
        ({"period": {"start": "1850-01-01", "end": "1850-01-02"}}, "takes days from"),
        ({"period": {"start": "9999-12-30", "end": "9999-12-31"}}, "takes days from"),
        ({"country": "Germny"}, "Nearest: Germany"),
        ({"country": "Brazil"}, "sells nothing in “Brazil”"),
    ],
)
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_cannot_be_added_is_refused(context: Context, changed: dict[str, Any], says: str, confirmed: bool) -> None:
    with pytest.raises(InvalidArgument, match=says):
        ask(context, action="add", **{**SPRING, **changed}, confirmed=confirmed)
    assert not events(context)


def test_hostile_names_are_values(context: Context) -> None:
    name = "<b>{0}</b> =1+1 %s 🎄"
    preview = ask(context, action="add", **{**SPRING, "name": name})
    assert f"“{name}”" in text(preview)
    tapped(context, preview)
    assert [event[0] for event in events(context)] == [name]
    assert name in cells(ask(context, period=SPRING["period"]), "event")
    assert name in text(ask(context, name=name))


def test_the_same_twice_is_refused_but_another_phase_or_country_is_not(context: Context) -> None:
    ask(context, action="add", **SPRING, confirmed=True)
    with pytest.raises(InvalidArgument, match="in the calendar already"):
        ask(context, action="add", **{**SPRING, "name": "SPRING  sale"})
    with pytest.raises(InvalidArgument, match="in the calendar already"):
        ask(context, action="add", **SPRING, kind="holiday", confirmed=True)
    ask(context, action="add", **{**SPRING, "country": "China"}, confirmed=True)
    before = {"start": "2027-03-25", "end": "2027-03-31"}
    ask(context, action="add", **{**SPRING, "period": before}, phase="warm-up", confirmed=True)
    assert len(events(context)) == 3


def test_a_second_tap_adds_nothing_and_is_not_written_down(context: Context) -> None:
    preview, log = ask(context, action="add", **SPRING), Log()
    for said in ("Added: “Spring Sale”", "It is in the calendar: “Spring Sale”"):
        answer = tapped(context, preview, log=log)
        assert text(answer).startswith(said)
        # Nothing on the answer would make the call once more.
        voice = Voice("en")
        shown = render(Reply("answered", "en", answers=(answer,)), voice)
        assert [button.label for row in shown.buttons for button in row] == ["What is coming up?", "Remove it"]
    assert len(events(context)) == len(log.entries) == 1


def test_what_it_takes_the_place_of_is_said_before(context: Context) -> None:
    args: dict[str, Any] = {
        "action": "add",
        "name": "双11",
        "period": {"start": "2027-11-05", "end": "2027-11-11"},
        "country": "China",
    }
    preview = ask(context, **args)
    assert "It takes the place of Double 11 (21 Oct–14 Nov 2027)" in text(preview)
    tapped(context, preview)
    found = PromotionCalendar(context).between(Period(date(2027, 10, 1), date(2027, 12, 1)), "China")
    assert [event.source for event in found if event.occasion == "double-11"] == ["team"]


def test_past_days_may_be_added_to_explain_them(context: Context) -> None:
    past = {"start": "2026-04-01", "end": "2026-04-07"}
    assert "These days are past" in text(ask(context, action="add", **{**SPRING, "period": past}))


def test_another_stores_events_are_its_own(context: Context, tmp_path: Path) -> None:
    ask(context, action="add", **SPRING, confirmed=True)
    other = calendar_context(tmp_path / "other.duckdb", {"Germany": 1.0}, today=TODAY, name="Other")
    assert not events(replace(other, state=context.state))
    assert len(events(context)) == 1
    other.warehouse.close()


# --- removing ---------------------------------------------------------------------------------------------------------


def test_removing_is_shown_first_then_confirmed(context: Context) -> None:
    log = Log()
    ask(context, action="add", **SPRING, confirmed=True)
    preview = ask(context, log, action="remove", name="spring sale")
    assert "Remove from the calendar: “Spring Sale”" in text(preview)
    assert len(events(context)) == 1
    assert text(tapped(context, preview, log=log)).startswith("Removed: “Spring Sale”")
    assert not events(context)
    assert [entry[2]["what"] for entry in log.entries] == [
        "removed event “Spring Sale” 2027-04-01 to 2027-04-07 in Germany"
    ]
    with pytest.raises(InvalidArgument, match="none has been added yet"):
        tapped(context, preview)


def test_the_nearest_name_is_offered_never_taken(context: Context) -> None:
    ask(context, action="add", **SPRING, confirmed=True)
    assert "“Spring Sale”" in text(ask(context, action="remove", name="Sprng Sale"))
    with pytest.raises(InvalidArgument, match="Nearest: Spring Sale"):
        ask(context, action="remove", name="Sprng Sale", confirmed=True)
    assert len(events(context)) == 1


def test_of_several_one_is_chosen(context: Context) -> None:
    later = {"start": "2028-04-01", "end": "2028-04-07"}
    ask(context, action="add", **SPRING, confirmed=True)
    ask(context, action="add", **{**SPRING, "period": later}, confirmed=True)
    choice = ask(context, action="remove", name="Spring Sale")
    assert "Which one is to be removed? There are 2." in text(choice)
    assert "“Spring Sale” (promotion), 1–7 Apr 2028" in text(tapped(context, choice, 1))
    # A second tap on what is gone takes nothing else.
    with pytest.raises(InvalidArgument, match="no event “Spring Sale”"):
        tapped(context, choice, 1)
    assert [event[2].start.year for event in events(context)] == [2027]
    narrowed = ask(context, action="remove", name="Spring Sale", period=SPRING["period"])
    assert "Remove from the calendar" in text(narrowed)


def test_all_of_one_name_may_go_together(context: Context) -> None:
    for country in ("Germany", "China"):
        ask(context, action="add", **{**SPRING, "country": country}, confirmed=True)
    choice = ask(context, action="remove", name="Spring Sale")
    log = Log()
    tapped(context, choice, 2, log)
    assert not events(context)
    assert len(log.entries) == 2


@pytest.mark.parametrize(
    ("name", "says"), [("Black Friday", "comes with the product"), ("Winter Fair", "was imported")]
)
def test_shipped_and_imported_events_cannot_be_removed(context: Context, name: str, says: str) -> None:
    for confirmed in (False, True):
        with pytest.raises(InvalidArgument, match=says):
            ask(context, action="remove", name=name, confirmed=confirmed)
