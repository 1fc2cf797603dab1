"""How good the data is: rows read and set aside at the import, missing values, days without sales, freshness."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tools.answer import Answer, Cell, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, say, say_n
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.profile import (
    ColumnProfile,
    closed_weekdays,
    column_profiles,
    gaps,
    orphans,
    sale_days,
    time_range,
)
from tools.warehouse.report import ImportReport, ReasonRows, SourceReport, reasons_table, stored_reports, weekdays

if TYPE_CHECKING:
    import ibis

About = Literal["overview", "set_aside", "gaps", "freshness", "missing"]
NAME = "quality"
STALE_AFTER_DAYS = 2


class QualityArgs(Args):
    """What of the data's quality is asked about."""

    about: About = Field(
        "overview",
        description=(
            "overview: rows read, loaded, duplicates and set aside at the import; set_aside: why rows were left out; "
            "gaps: days without sales; freshness: how recent the data is; missing: values that are not there"
        ),
    )


def run(context: Context, args: QualityArgs) -> Answer:
    """Answers from the stored import report, and (as of the day) from the tables themselves.

    Raises NotEnoughData when there are no order lines where they are needed.
    """
    match args.about:
        case "overview":
            return _overview(context)
        case "set_aside":
            return _set_aside(context)
        case "gaps":
            return _gaps(context)
        case "freshness":
            return _freshness(context)
        case "missing":
            return _missing(context)


def _overview(context: Context) -> Answer:
    reports = _reports(context)
    if not reports:
        return _without_report(context)
    sources = tuple(source for report in reports for source in report.sources)
    read, duplicates = sum(s.rows_read for s in sources), sum(s.duplicates for s in sources)
    aside, loaded = sum(s.set_aside for s in sources), sum(s.loaded for s in sources)
    return Answer(
        headline=say(
            "{read} rows were read: {loaded} loaded, {duplicates} duplicates, {set_aside} set aside.",
            read=Quantity(read),
            loaded=Quantity(loaded),
            duplicates=Quantity(duplicates),
            set_aside=Quantity(aside),
        ),
        lines=(say("Imported at {time} with the mapping {mapping}.",
                   time=reports[-1].imported_at, mapping=reports[-1].mapping),),
        facts=(
            Fact("rows_read", read, "count"),
            Fact("rows_distinct", read - duplicates, "count"),
            Fact("rows_loaded", loaded, "count"),
            Fact("duplicates", duplicates, "count"),
            Fact("set_aside", aside, "count"),
        ),
        table=_sources_table(sources),
        follow_ups=_others("overview"),
        caveats=_whole_import(context, reports),
        provenance=_import_provenance(context),
    )  # fmt: skip


def _without_report(context: Context) -> Answer:
    rows = [(name, _rows(context, name)) for name in sorted(context.warehouse.tables() - {"value_aliases"})]
    total = sum(count for _name, count in rows)
    return Answer(
        headline=say("The tables hold {rows} rows.", rows=Quantity(total)),
        facts=(
            Fact("rows_loaded", total, "count"),
            *(Fact("rows", count, "count", where={"table": name}) for name, count in rows),
        ),
        table=Table((Column("table", say("Table")), Column("rows", say("Rows"), unit="count")), tuple(rows), len(rows)),
        follow_ups=_others("overview"),
        caveats=(say("These tables were not imported from files, so there is no import report."),),
        provenance=Provenance(
            definition=(say("Rows of each table that existed at the end of the day."),),
            tables=tuple(name for name, _count in rows),
            as_of=_last(context),
        ),
    )


def _set_aside(context: Context) -> Answer:
    reports = _reports(context)
    if not reports:
        raise NotEnoughData(say("These tables were not imported from files, so there is no import report."))
    reasons = tuple(reason for report in reports for reason in report.reasons)
    total = sum(report.set_aside for report in reports)
    language = context.user.language
    first = max(reasons, key=lambda reason: reason.rows, default=None)
    return Answer(
        headline=say("No rows were set aside.")
        if first is None
        else say_n(
            "{count} row was set aside, for this reason: {reason}.",
            "{count} rows were set aside, most of them ({rows}) for this reason: {reason}.",
            total,
            rows=Quantity(first.rows),
            reason=first.reason,
        ),
        lines=(say("The rows themselves are kept in the table “set_aside”, with their file and row."),)
        if first
        else (),
        facts=(
            Fact("set_aside", total, "count"),
            *(Fact("set_aside", r.rows, "count", where=_where(r, language)) for r in reasons),
        ),
        table=reasons_table(reasons, language) if reasons else None,
        follow_ups=_others("set_aside"),
        caveats=_whole_import(context, reports),
        provenance=_import_provenance(context),
    )


def _gaps(context: Context) -> Answer:
    lines = _lines(context)
    days = sale_days(lines)
    if not days:
        raise _no_sales(context)
    closed = closed_weekdays(days)
    found = gaps(days, closed)
    total = sum(gap.days for gap in found)
    rows: tuple[tuple[Cell, ...], ...] = tuple((gap.start, gap.end, gap.days) for gap in found)
    return Answer(
        headline=say("There is no gap: every day has sales.")
        if not found
        else say_n(
            "{count} gap in the sales, {days} days in all.",
            "{count} gaps in the sales, {days} days in all.",
            len(found),
            days=Quantity(total),
        ),
        lines=(say("Closing days, which are not counted: {weekdays}.", weekdays=weekdays(closed)),) if closed else (),
        facts=(
            Fact("gaps", len(found), "count"),
            Fact("gap_days", total, "days"),
            Fact("days_with_sales", len(days), "days"),
        ),
        table=Table(
            (
                Column("first_day", say("First day")),
                Column("last_day", say("Last day")),
                Column("days", say("Days without sales"), unit="days", good="down"),
            ),
            rows,
            len(rows),
        )
        if rows
        else None,
        follow_ups=_others("gaps"),
        provenance=Provenance(
            definition=(
                say("A gap is a run of days without any order line; weekdays with sales on at most a tenth of "
                    "their dates are closing days."),
            ),
            sql=(_sql(lines.select(day=lines.sold_at.date()).distinct()),),
            tables=("order_lines",),
            as_of=_last(context),
        ),
    )  # fmt: skip


def _freshness(context: Context) -> Answer:
    lines = _lines(context)
    first, last = time_range(lines)
    if first is None or last is None:
        raise _no_sales(context)
    age = (context.today - last.date()).days
    reports = _reports(context)
    return Answer(
        headline=say("The newest sale is of {last}.", last=last),
        lines=(
            _ago(age, context.today),
            say("The oldest is of {first}.", first=first),
            *((say("The last import was at {time}.", time=reports[-1].imported_at),) if reports else ()),
        ),
        facts=(
            Fact("days_since_last_sale", age, "days"),
            Fact("days_covered", (last.date() - first.date()).days + 1, "days"),
        ),
        follow_ups=_others("freshness"),
        caveats=(say("The data may be stale: there are no sales for {days} days.", days=Quantity(age)),)
        if age > STALE_AFTER_DAYS
        else (),
        provenance=Provenance(
            definition=(say("The time of the last order line, sold or returned, by the end of the day."),),
            sql=(_sql(lines.aggregate(first=lines.sold_at.min(), last=lines.sold_at.max())),),
            tables=("order_lines",),
            as_of=last,
        ),
    )  # fmt: skip


def _missing(context: Context) -> Answer:
    names = sorted(context.warehouse.tables() - {"value_aliases"})
    if not names:
        raise _no_sales(context)
    found = [c for name in names for c in column_profiles(name, context.warehouse.table(name, context.today))]
    lacking = sorted((c for c in found if c.missing), key=lambda c: (-c.missing, c.table, c.column))
    lost = orphans(names, lambda name: context.warehouse.table(name, context.today))
    customers = next((c for c in found if (c.table, c.column) == ("order_lines", "customer_id")), None)
    rows: tuple[tuple[Cell, ...], ...] = tuple((c.table, c.column, c.missing, c.missing / c.rows) for c in lacking)
    return Answer(
        headline=_missing_headline(customers, lacking),
        lines=tuple(
            say("{rows} rows of {table} name a {column} that is not in {parent}.",
                rows=Quantity(o.rows), table=o.table, column=o.column, parent=o.parent)
            for o in lost
        ),
        facts=(
            *(Fact("missing", c.missing, "count", where={"table": c.table, "column": c.column}) for c in lacking),
            *(Fact("missing_share", c.missing / c.rows, "ratio", where={"table": c.table, "column": c.column})
              for c in lacking),
            *(Fact("orphans", o.rows, "count", where={"table": o.table, "column": o.column}) for o in lost),
        ),
        table=Table(
            (
                Column("table", say("Table")),
                Column("column", say("Column")),
                Column("missing", say("Missing"), unit="count", good="down"),
                Column("share", say("Share"), unit="ratio", good="down"),
            ),
            rows,
            len(rows),
        )
        if rows
        else None,
        follow_ups=_others("missing"),
        caveats=(say("Sales without a customer count in sales and orders, and in no figure about customers."),)
        if customers is not None and customers.missing
        else (),
        provenance=Provenance(
            definition=(say("Values that are empty, in columns that hold any at all."),),
            tables=tuple(names),
            as_of=_last(context),
        ),
    )  # fmt: skip


def _missing_headline(customers: ColumnProfile | None, lacking: list[ColumnProfile]) -> Message:
    if customers is not None and customers.missing:
        return say(
            "{missing} order lines ({share}) have no customer.",
            missing=Quantity(customers.missing),
            share=Quantity(customers.missing / customers.rows, "ratio"),
        )
    if not lacking:
        return say("No values are missing.")
    most = lacking[0]
    return say(
        "Most values are missing in {table}.{column}: {missing} ({share}).",
        table=most.table,
        column=most.column,
        missing=Quantity(most.missing),
        share=Quantity(most.missing / most.rows, "ratio"),
    )


def _reports(context: Context) -> tuple[ImportReport, ...]:
    return tuple(stored.report for stored in stored_reports(context.warehouse.backend))


def _ago(age: int, today: date) -> Message:
    if age == 0:
        return say("That is today.")
    return say_n("That is {count} day before {today}.", "That is {count} days before {today}.", age, today=today)


def _lines(context: Context) -> ibis.Table:
    return context.warehouse.table("order_lines", context.today)


def _rows(context: Context, name: str) -> int:
    return int(context.warehouse.table(name, context.today).count().to_pyarrow().as_py())


def _last(context: Context) -> datetime | None:
    return time_range(_lines(context))[1] if context.warehouse.has("order_lines") else None


def _sql(expression: ibis.Table) -> str:
    import ibis

    return str(ibis.to_sql(expression))


def _no_sales(context: Context) -> NotEnoughData:
    return NotEnoughData(say("There are no sales up to {today}.", today=context.today))


def _whole_import(context: Context, reports: tuple[ImportReport, ...]) -> tuple[Message, ...]:
    if any(r.profile.last is not None and r.profile.last.date() > context.today for r in reports):
        return (say("These counts are of the whole import, days after {today} included.", today=context.today),)
    return ()


def _import_provenance(context: Context) -> Provenance:
    return Provenance(
        definition=(
            say("Every row read is loaded, a duplicate, or set aside with its reason; as the import counted them."),
        ),
        tables=("import_reports", "set_aside"),
        as_of=_last(context),
    )


def _sources_table(sources: tuple[SourceReport, ...]) -> Table:
    return Table(
        (
            Column("source", say("Source")),
            Column("rows_read", say("Rows read"), unit="count"),
            Column("loaded", say("Loaded"), unit="count"),
            Column("duplicates", say("Duplicates"), unit="count"),
            Column("set_aside", say("Set aside"), unit="count", good="down"),
        ),
        tuple((s.name, s.rows_read, s.loaded, s.duplicates, s.set_aside) for s in sources),
        len(sources),
    )


def _where(reason: ReasonRows, language: str) -> dict[str, str]:
    table = {"table": reason.table} if reason.table else {}
    return {"source": reason.source, "reason": reason.reason.in_language(language), **table}


def _others(about: About) -> tuple[FollowUp, ...]:
    labels: dict[About, Message] = {
        "overview": say("How good is the data?"),
        "set_aside": say("Why were rows set aside?"),
        "gaps": say("On which days are there no sales?"),
        "freshness": say("How recent is the data?"),
        "missing": say("What is missing?"),
    }
    return tuple(
        FollowUp(label, ToolCall(NAME, {"about": other})) for other, label in labels.items() if other != about
    )[:3]


TOOL = Tool(
    name=NAME,
    title=Label("Data quality", "数据质量"),
    description=(
        "How good the data itself is: rows read, loaded, duplicated and set aside by the import and why, missing "
        "values, days without any sales, how recent the data is."
    ),
    args=QualityArgs,
    run=run,
    cues=(
        Cue(
            (
                "how good is our data",
                "how good is the data",
                "data quality",
                "quality of our data",
                "import report",
                "how many rows were imported",
                "how many rows were read",
                "what was imported",
                "can we trust the data",
                "can i trust the data",
                "is the data reliable",
                "is our data any good",
                "is the data any good",
                "how clean is our data",
                "how clean is the data",
                "can i trust these numbers",
                "can i trust the numbers",
                "can we trust these numbers",
                "are these numbers reliable",
                "is the data accurate",
                "is our data reliable",
                "how reliable is our data",
                "how reliable is the data",
                "is our data clean",
                "can we trust our data",
                "data quality check",
                "how trustworthy is the data",
                "how trustworthy is our data",
                "is the data trustworthy",
            ),
            (
                "数据质量",
                "数据质量怎么样",
                "数据可靠吗",
                "数据可信吗",
                "数据靠谱吗",
                "数据准吗",
                "数据准确吗",
                "数据能信吗",
                "这些数据能信吗",
                "这些数靠谱吗",
                "这些数字靠谱吗",
                "数据干净吗",
                "数据质量如何",
                "数据质量好不好",
                "检查数据质量",
                "检查一下数据质量",
                "数据靠不靠谱",
                "数据准不准",
                "数据可不可靠",
                "这些数据可信吗",
                "这些数据靠谱吗",
                "导入报告",
                "导入了多少行",
                "导入了多少行数据",
                "导入了多少数据",
                "数据质量行不行",
                "数据质量行吗",
            ),
            {"about": "overview"},
        ),
        Cue(
            (
                "rows set aside",
                "set aside",
                "rows left out",
                "why were rows set aside",
                "why were rows set aside in the import",
                "rows excluded from the import",
                "which rows were excluded",
                "which rows were left out",
                "which rows were left out of the import",
                "which rows were rejected",
                "why were some rows rejected",
                "why were some rows rejected on import",
                "why were rows rejected",
                "rejected rows",
                "rows rejected on import",
                "which rows were skipped",
                "why were rows left out",
                "why were some rows left out",
                "rows rejected in the import",
                "rows skipped in the import",
                "rows that were not imported",
                "which rows were not imported",
            ),
            (
                "被搁置",
                "搁置",
                "哪些行被搁置",
                "导入时哪些行被搁置了",
                "导入时哪些行被搁置了，为什么",
                "哪些行被搁置了，为什么",
                "为什么有行被搁置",
                "哪些数据没有导入",
                "哪些行没有导入",
                "哪些行没导进来",
                "哪些行没导进来，为什么",
                "哪些数据没导进来",
                "哪些数据被剔除了",
                "导入的时候哪些数据被剔除了",
                "哪些行被剔除了",
                "哪些行导入失败",
                "哪些行没导入",
                "哪些行没有导进来",
                "哪些数据没有导进来",
                "导入时哪些数据被剔除了",
                "导入时哪些行被剔除了",
                "导入时剔除了哪些数据",
                "导入时剔除了哪些行",
            ),
            {"about": "set_aside"},
        ),
        Cue(
            (
                "gaps in the data",
                "gaps in our data",
                "are there gaps",
                "missing days",
                "days without sales",
                "days without data",
                "which days are missing",
                "which days are missing data",
                "are any days missing",
                "are there any missing days",
                "is any day missing",
                "which days have no data",
                "which days have no sales",
                "on which days do we have no data",
                "are there days without data",
                "do any days lack data",
                "do any days have no data",
                "are there any days without data",
            ),
            (
                "缺口",
                "数据缺口",
                "数据有没有缺口",
                "哪些天没有数据",
                "哪些天没有销售",
                "哪些天没有订单",
                "断档",
                "哪几天没有数据",
                "哪几天没数据",
                "哪几天没有销售",
                "哪些天缺数据",
                "有没有哪天缺数据",
                "有没有哪天没有数据",
                "数据有断档吗",
                "数据有没有断档",
                "数据有缺口吗",
                "数据缺不缺天",
                "有哪些日子没数据",
                "有哪些日子没有数据",
                "哪些日子没有数据",
            ),
            {"about": "gaps"},
        ),
        Cue(
            (
                "how fresh is the data",
                "how fresh is our data",
                "how recent is the data",
                "data freshness",
                "how current is the data",
                "when was the data last updated",
                "how up to date is the data",
                "when does the data end",
                "until when do we have data",
                "how up to date are the numbers",
                "how up to date are our numbers",
                "how old is the data",
                "what is the latest date in the data",
                "what's the latest date in the data",
                "latest date in the data",
                "when was the data last refreshed",
                "when was the data refreshed",
                "when was our data last updated",
                "when was our data last refreshed",
                "how up to date is our data",
                "how recent are the numbers",
                "how fresh are the numbers",
                "what is the last day in the data",
                "until which day does the data go",
                "until when does the data go",
                "how far does the data go",
                "up to which day do we have data",
            ),
            (
                "数据更新到什么时候",
                "数据更新到哪天",
                "数据新鲜度",
                "数据截止到什么时候",
                "数据到哪天",
                "最新数据到什么时候",
                "数据更新到哪天了",
                "数据更新到什么时候了",
                "数据截止到哪天",
                "数据截止到哪一天",
                "数据是什么时候的",
                "数据是哪天的",
                "数据最新到哪天",
                "最新数据是哪天的",
                "最新的数据是哪天的",
                "最新的数据到哪天",
                "数据有多新",
                "上次更新数据是什么时候",
                "数据什么时候更新的",
                "最新的数据是哪一天",
                "数据最后更新时间",
                "数据多久没更新了",
                "数据到几号",
                "数据到几号了",
                "数据更新到几号",
            ),
            {"about": "freshness"},
        ),
        Cue(
            (
                "missing values",
                "missing customers",
                "lines without a customer",
                "order lines have no customer",
                "how many order lines have no customer",
                "orders without a customer",
                "order lines without a customer",
                "how many orders have no customer",
                "how many orders have no customer attached",
                "how many order lines lack a customer",
                "order lines that lack a customer",
                "orders with no customer",
                "order lines with no customer",
                "how many orders lack a customer",
                "how many order lines have no customer attached",
                "how many orders are without a customer",
            ),
            (
                "缺失值",
                "缺少客户",
                "没有客户信息",
                "有多少订单行没有客户",
                "多少订单行没有客户",
                "多少订单没有客户",
                "多少订单没有客户信息",
                "有多少订单没有客户信息",
                "多少订单行没有客户信息",
                "缺失客户的订单行有多少",
                "缺失客户的订单有多少",
                "没有客户的订单有多少",
                "没有客户的订单行有多少",
                "多少订单缺少客户",
                "多少订单行缺少客户",
            ),
            {"about": "missing"},
        ),
    ),
    examples=(
        Example(Label("How good is our data?", "我们的数据质量怎么样？"), {"about": "overview"}),
        Example(Label("How many rows were imported?", "导入了多少行数据？"), {"about": "overview"}),
        Example(
            Label("Why were rows set aside in the import?", "导入时哪些行被搁置了，为什么？"), {"about": "set_aside"}
        ),
        Example(Label("Are there gaps in the data?", "数据有没有缺口？"), {"about": "gaps"}),
        Example(Label("How fresh is the data?", "数据更新到什么时候？"), {"about": "freshness"}),
        Example(Label("How many order lines have no customer?", "有多少订单行没有客户？"), {"about": "missing"}),
    ),
)
