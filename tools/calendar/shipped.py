"""The promotions and holidays that ship with the product, by rule.

Promotions are those of the trade's public record: Double 11 since 2009, Double 12 since 2012, 618 across the country
since 2010, Black Friday outside America from the years in which its large retailers took it up, Prime Day by the dates
that Amazon published (none for years not published here). Their phases are the usual ones of recent years; platforms
move single days, and a team that knows better writes its own, which then counts instead.
"""

from __future__ import annotations

from tools.calendar import moving
from tools.calendar.occasions import Occasion, Rule, around, around_each, dated, fixed, places
from tools.calendar.trade_days import (
    AUTUMN_PRIME_DAYS,
    BLACK_FRIDAY,
    CHINESE,
    FATHERS_DAY,
    MOTHERS_DAY,
    MUSLIM,
    PRIME_DAYS,
    SOUTHEAST,
    WEST,
    black_friday,
    cyber_monday,
    first_sunday_of_may,
    french_mothers_day,
    mothering_sunday,
    second_sunday_of_may,
    swedish_mothers_day,
    third_sunday_of_june,
)
from tools.messages import Label

OCCASIONS: tuple[Occasion, ...] = (
    Occasion(
        "new-year",
        Label("New Year's Day", "元旦"),
        "holiday",
        (Rule(fixed((None, (1, 1), (1, 1)))),),
        ("New Year", "New Years Day", "新年", "阳历新年"),
        worldwide=True,
    ),
    Occasion(
        "spring-festival-shopping",
        Label("Spring Festival shopping season", "年货节"),
        "promotion",
        (
            Rule(
                around(moving.lunar_new_year, ("warm-up", -28, -15), ("burst", -14, -7), ("refill", -6, -2)),
                places("CN:2016 SG:2016 MY:2016 HK:2016"),
            ),
        ),
        ("Chinese New Year shopping season", "Chinese New Year sale", "Lunar New Year sale", "CNY sale", "年货"),
    ),
    Occasion(
        "spring-festival",
        Label("Spring Festival", "春节"),
        "holiday",
        (
            Rule(around(moving.lunar_new_year, (None, -1, 1)), places("KR HK MO ID PH")),
            Rule(around(moving.lunar_new_year, (None, -1, 2)), places("SG MY")),
            Rule(around(moving.lunar_new_year, (None, -1, 4)), places("TW VN")),
            Rule(around(moving.lunar_new_year, (None, -1, 6), ("extension", 7, 14)), places("CN")),
        ),
        ("Chinese New Year", "Lunar New Year", "CNY", "Seollal", "Tet", "农历新年", "过年", "新春", "大年初一"),
    ),
    Occasion(
        "valentines",
        Label("Valentine's Day", "情人节"),
        "holiday",
        (
            Rule(
                fixed(("warm-up", (2, 1), (2, 11)), ("burst", (2, 12), (2, 14))),
                places(f"{WEST} {CHINESE} {SOUTHEAST} JP KR IN".replace(" BR", "").replace(" CO", "")),
            ),
        ),
        ("Saint Valentine's Day", "St Valentine's Day", "Valentines Day", "Valentine", "2月14日"),
        worldwide=True,
    ),
    Occasion(
        "womens-day",
        Label("Women's Day", "三八女神节"),
        "promotion",
        (Rule(fixed(("warm-up", (3, 1), (3, 4)), ("burst", (3, 5), (3, 8))), places("CN:2013")),),
        (
            "International Women's Day",
            "38",
            "3.8",
            "三八节",
            "三八",
            "妇女节",
            "女王节",
            "女神节",
            "38节",
            "38女王节",
            "Queen's Day sale",
        ),
    ),
    Occasion(
        "ramadan",
        Label("Ramadan", "斋月"),
        "holiday",
        (Rule(around_each(moving.ramadan, (None, 0, 28)), places(MUSLIM)),),
        ("Ramadhan", "Ramazan"),
    ),
    Occasion(
        "eid-al-fitr",
        Label("Eid al-Fitr", "开斋节"),
        "holiday",
        (Rule(around_each(moving.eid_al_fitr, (None, 0, 2)), places(f"{MUSLIM} SG")),),
        ("Eid", "Hari Raya", "Hari Raya Puasa", "Hari Raya Aidilfitri", "Lebaran"),
    ),
    Occasion(
        "eid-al-adha",
        Label("Eid al-Adha", "宰牲节"),
        "holiday",
        (Rule(around_each(moving.eid_al_adha, (None, 0, 3)), places(f"{MUSLIM} SG")),),
        ("Hari Raya Haji", "古尔邦节", "Bakrid"),
    ),
    Occasion(
        "easter",
        Label("Easter", "复活节"),
        "holiday",
        (
            Rule(
                around(moving.easter, ("warm-up", -14, -3), (None, -2, 1)),
                places(WEST.replace(" RO", "").replace(" BG", "").replace(" GR", "").replace(" CY", "")),
            ),
        ),
        ("Easter holidays", "Easter weekend", "复活节假期"),
    ),
    Occasion(
        "mothers-day",
        Label("Mother's Day", "母亲节"),
        "holiday",
        (
            Rule(
                around(second_sunday_of_may, *MOTHERS_DAY),
                places(
                    "US CA AU NZ DE AT CH IT NL BE DK FI IS JP BR ZA IN GR CY CZ SK HR MT TR EE LV CL CO PE "
                    f"{CHINESE} SG MY PH"
                ),
            ),
            Rule(around(mothering_sunday, *MOTHERS_DAY), places("GB IE")),
            Rule(around(french_mothers_day, *MOTHERS_DAY), places("FR")),
            Rule(around(swedish_mothers_day, *MOTHERS_DAY), places("SE")),
            Rule(around(first_sunday_of_may, *MOTHERS_DAY), places("ES PT HU LT RO")),
            Rule(fixed(("warm-up", (5, 12), (5, 23)), ("burst", (5, 24), (5, 26))), places("PL")),
            Rule(fixed(("warm-up", (4, 26), (5, 7)), ("burst", (5, 8), (5, 10))), places("MX")),
        ),
        ("Mothering Sunday", "Mothers Day"),
    ),
    Occasion(
        "golden-week",
        Label("Golden Week", "黄金周"),
        "holiday",
        (Rule(fixed((None, (4, 29), (5, 5))), places("JP")),),
        ("Golden Week Japan", "日本黄金周", "ゴールデンウィーク"),
    ),
    Occasion(
        "labour-day",
        Label("Labour Day", "劳动节"),
        "holiday",
        (
            Rule(fixed((None, (5, 1), (5, 3))), places("CN")),
            Rule(fixed((None, (5, 1), (5, 5))), places("CN:2020")),
        ),
        ("Labor Day", "May Day", "五一", "五一假期", "五一黄金周", "May Day holiday"),
    ),
    Occasion(
        "520",
        Label("520", "520表白日"),
        "promotion",
        (Rule(fixed(("burst", (5, 18), (5, 20))), places("CN:2015")),),
        ("520 Valentine's Day", "5.20", "520礼遇季", "表白日", "网络情人节"),
    ),
    Occasion(
        "618",
        Label("618", "618"),
        "promotion",
        (
            Rule(fixed(("burst", (6, 16), (6, 18))), places("CN:2010")),
            Rule(
                fixed(("warm-up", (6, 1), (6, 14)), ("burst", (6, 15), (6, 18)), ("extension", (6, 19), (6, 20))),
                places("CN"),
                since=2014,
            ),
            Rule(
                fixed(
                    ("warm-up", (5, 24), (5, 31)),
                    ("burst", (6, 1), (6, 3)),
                    ("refill", (6, 4), (6, 14)),
                    ("burst", (6, 15), (6, 18)),
                    ("extension", (6, 19), (6, 20)),
                ),
                places("CN SG MY"),
                since=2020,
            ),
        ),
        ("6.18", "618 sale", "618 shopping festival", "618年中大促", "年中大促", "六一八", "618购物节", "618大促"),
    ),
    Occasion(
        "dragon-boat",
        Label("Dragon Boat Festival", "端午节"),
        "holiday",
        (Rule(around(moving.dragon_boat, (None, 0, 0)), places("CN:2008 HK MO TW")),),
        ("Duanwu", "端午"),
    ),
    Occasion(
        "fathers-day",
        Label("Father's Day", "父亲节"),
        "holiday",
        (
            Rule(
                around(third_sunday_of_june, *FATHERS_DAY),
                places("US CA GB IE FR NL JP IN SG MY PH HK MO CN MX ZA CZ SK GR CY HU TR AR CL CO PE"),
            ),
        ),
        ("Fathers Day",),
    ),
    Occasion(
        "prime-day",
        Label("Prime Day", "Prime会员日"),
        "promotion",
        (
            Rule(
                dated("burst", PRIME_DAYS),
                places(
                    "US:2015 GB:2015 DE:2015 AT:2015 FR:2015 IT:2015 ES:2015 CA:2015 BE:2016 MX:2017 CN:2017 AU:2018 "
                    "NL:2018 LU:2018 SG:2018 AE:2019 TR:2020 BR:2020 PT:2021 SA:2021 SE:2021 PL:2021 EG:2022"
                ),
            ),
            Rule(
                dated("burst", {**PRIME_DAYS, 2025: ("2025-07-11", "2025-07-14")}),
                places("JP:2015"),
            ),
            Rule(
                dated(
                    "burst",
                    {
                        2017: ("2017-07-10", "2017-07-11"),
                        2018: ("2018-07-16", "2018-07-17"),
                        2019: ("2019-07-15", "2019-07-16"),
                        2020: ("2020-08-06", "2020-08-07"),
                        2021: ("2021-07-26", "2021-07-27"),
                        2022: ("2022-07-23", "2022-07-24"),
                        2023: ("2023-07-15", "2023-07-16"),
                        2024: ("2024-07-20", "2024-07-21"),
                        2025: ("2025-07-12", "2025-07-14"),
                    },
                ),
                places("IN:2017"),
            ),
            # Postponed there that year, and not made up for.
            Rule(lambda year: () if year == 2021 else dated("burst", PRIME_DAYS)(year), places("CA:2021")),
        ),
        ("Amazon Prime Day", "Prime Days", "亚马逊会员日", "亚马逊Prime Day", "Prime日"),
    ),
    Occasion(
        "back-to-school",
        Label("Back to School", "开学季"),
        "promotion",
        (
            Rule(
                fixed(("warm-up", (8, 15), (8, 24)), ("burst", (8, 25), (9, 3))),
                places("GB IE FR BE NL LU DE AT CH ES PT IT PL CZ CN"),
            ),
            Rule(fixed(("warm-up", (7, 15), (7, 31)), ("burst", (8, 1), (8, 25))), places("US CA")),
            Rule(fixed(("warm-up", (1, 8), (1, 17)), ("burst", (1, 18), (1, 31))), places("AU NZ")),
            Rule(fixed(("warm-up", (1, 5), (1, 17)), ("burst", (1, 18), (2, 5))), places("BR")),
        ),
        ("Back-to-School season", "返校季", "秋季开学", "rentrée"),
    ),
    Occasion(
        "99",
        Label("9.9", "9.9大促"),
        "promotion",
        (Rule(fixed(("warm-up", (9, 5), (9, 8)), ("burst", (9, 9), (9, 9))), places(SOUTHEAST, 2016)),),
        ("9.9 sale", "9.9 Super Shopping Day", "Double 9", "99大促"),
    ),
    Occasion(
        "mid-autumn",
        Label("Mid-Autumn Festival", "中秋节"),
        "holiday",
        (
            Rule(around(moving.mid_autumn, ("warm-up", -14, -1), (None, 0, 0)), places("SG MY VN HK MO TW CN")),
            Rule(around(moving.mid_autumn, ("warm-up", -14, -2), (None, -1, 1)), places("KR")),
        ),
        ("Mid Autumn", "Moon Festival", "Mooncake Festival", "Chuseok", "中秋", "月饼节"),
    ),
    Occasion(
        "national-day",
        Label("National Day", "国庆节"),
        "holiday",
        (Rule(fixed((None, (10, 1), (10, 7))), places("CN:2000")),),
        (
            "China National Day",
            "National Day Golden Week",
            "国庆",
            "国庆黄金周",
            "十一",
            "十一黄金周",
            "国庆假期",
            "十一长假",
        ),
    ),
    Occasion(
        "prime-big-deal-days",
        Label("Prime Big Deal Days", "Prime秋季会员大促"),
        "promotion",
        (
            Rule(
                dated("burst", AUTUMN_PRIME_DAYS),
                places(
                    "US:2022 GB:2022 CA:2022 DE:2022 AT:2022 FR:2022 IT:2022 ES:2022 PT:2022 NL:2022 LU:2022 PL:2022 "
                    "SE:2022 TR:2022 CN:2022 BE:2023 AU:2023 BR:2023 SG:2023"
                ),
            ),
            Rule(
                dated(
                    "burst",
                    {
                        2023: ("2023-10-14", "2023-10-15"),
                        2024: ("2024-10-19", "2024-10-20"),
                        2025: ("2025-10-07", "2025-10-10"),
                    },
                ),
                places("JP:2023"),
            ),
        ),
        ("Prime Early Access Sale", "October Prime Day", "Fall Prime Day", "Big Deal Days"),
    ),
    Occasion(
        "diwali",
        Label("Diwali", "排灯节"),
        "holiday",
        (Rule(around(moving.diwali, ("warm-up", -21, -2), (None, -1, 1)), places("IN")),),
        ("Deepavali", "Divali"),
    ),
    Occasion(
        "halloween",
        Label("Halloween", "万圣节"),
        "holiday",
        (
            Rule(
                fixed(("warm-up", (10, 10), (10, 24)), ("burst", (10, 25), (10, 31))),
                places("US CA GB IE DE AT FR BE NL ES IT AU NZ JP MX"),
            ),
        ),
        ("万圣夜",),
    ),
    Occasion(
        "double-11",
        Label("Double 11", "双11"),
        "promotion",
        (
            Rule(fixed(("burst", (11, 11), (11, 11))), places("CN:2009")),
            Rule(
                fixed(("warm-up", (10, 21), (11, 9)), ("burst", (11, 10), (11, 11)), ("extension", (11, 12), (11, 14))),
                places(f"CN:2012 {SOUTHEAST}", 2013),
                since=2012,
            ),
            Rule(
                fixed(
                    ("warm-up", (10, 21), (10, 31)),
                    ("burst", (11, 1), (11, 3)),
                    ("refill", (11, 4), (11, 9)),
                    ("burst", (11, 10), (11, 11)),
                    ("extension", (11, 12), (11, 14)),
                ),
                places(f"CN HK MO TW {SOUTHEAST}"),
                since=2020,
            ),
        ),
        (
            "Singles' Day",
            "Singles Day",
            "Singles' Day (Double 11)",
            "Double 11 (Singles' Day)",
            "Double Eleven",
            "11.11",
            "1111",
            "双十一",
            "光棍节",
            "天猫双11",
            "双11购物狂欢节",
            "双11全球狂欢节",
        ),
    ),
    Occasion(
        "thanksgiving",
        Label("Thanksgiving", "感恩节"),
        "holiday",
        (Rule(around(moving.thanksgiving, (None, 0, 0)), places("US")),),
        ("Thanksgiving Day",),
    ),
    Occasion(
        "black-friday",
        Label("Black Friday", "黑色星期五"),
        "promotion",
        (
            Rule(around(black_friday, ("burst", 0, 0), ("refill", 1, 2)), places(BLACK_FRIDAY)),
            Rule(
                around(black_friday, ("warm-up", -7, -1), ("burst", 0, 0), ("refill", 1, 2)),
                places(BLACK_FRIDAY),
                since=2014,
            ),
        ),
        ("Black Friday sale", "黑五", "黑色星期五大促", "Black Week", "Black Friday week", "BFCM"),
        worldwide=True,
    ),
    Occasion(
        "cyber-monday",
        Label("Cyber Monday", "网络星期一"),
        "promotion",
        (
            Rule(around(cyber_monday, ("burst", 0, 0)), places(BLACK_FRIDAY.replace("US ", "US:2005 "))),
            Rule(
                around(cyber_monday, ("burst", 0, 0), ("extension", 1, 3)),
                places(BLACK_FRIDAY),
                since=2014,
            ),
        ),
        ("Cyber Week", "网一", "剁手星期一"),
        worldwide=True,
    ),
    Occasion(
        "double-12",
        Label("Double 12", "双12"),
        "promotion",
        (
            Rule(fixed(("warm-up", (12, 8), (12, 11)), ("burst", (12, 12), (12, 12))), places("CN:2012")),
            Rule(
                fixed(("warm-up", (12, 8), (12, 9)), ("burst", (12, 10), (12, 12))),
                places(f"CN {SOUTHEAST}"),
                since=2015,
            ),
        ),
        ("Double Twelve", "12.12", "1212", "双十二", "12.12 sale"),
    ),
    Occasion(
        "christmas",
        Label("Christmas season", "圣诞季"),
        "promotion",
        (
            Rule(
                fixed(("warm-up", (12, 1), (12, 14)), ("burst", (12, 15), (12, 23))),
                places(f"{WEST} SG PH HK JP"),
            ),
        ),
        ("Christmas", "Xmas", "Christmas shopping season", "Christmas sale", "圣诞", "圣诞节", "圣诞大促"),
        worldwide=True,
    ),
    Occasion(
        "christmas-holidays",
        Label("Christmas holidays", "圣诞假期"),
        "holiday",
        (
            Rule(fixed((None, (12, 24), (12, 26))), places(WEST)),
            Rule(fixed((None, (12, 25), (12, 25))), places("SG PH HK IN MY ID KR")),
        ),
        ("Christmas holiday", "Christmas Day", "圣诞节假期", "Xmas holidays"),
        worldwide=True,
    ),
    Occasion(
        "boxing-day",
        Label("Boxing Day sales", "节礼日大促"),
        "promotion",
        (Rule(fixed(("burst", (12, 26), (12, 27)), ("extension", (12, 28), (12, 31))), places("GB IE CA AU NZ ZA")),),
        ("Boxing Day", "Boxing Day sale", "After-Christmas sale", "节礼日"),
    ),
)
BY_KEY: dict[str, Occasion] = {occasion.key: occasion for occasion in OCCASIONS}
# One event under two names covers both.
COMBINED: dict[str, tuple[str, ...]] = {
    "Black Friday and Cyber Monday": ("black-friday", "cyber-monday"),
    "Black Friday & Cyber Monday": ("black-friday", "cyber-monday"),
    "Black Friday Cyber Monday": ("black-friday", "cyber-monday"),
    "BFCM": ("black-friday", "cyber-monday"),
    "黑色星期五与网络星期一": ("black-friday", "cyber-monday"),
    "黑五网一": ("black-friday", "cyber-monday"),
}
