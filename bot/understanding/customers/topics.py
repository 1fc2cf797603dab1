"""The tools' own readings, in the order in which they are tried."""

from __future__ import annotations

from bot.understanding.customers.churning import Churning
from bot.understanding.customers.cohorts import Cohorts
from bot.understanding.customers.profile import Profile
from bot.understanding.customers.recommending import Recommending
from bot.understanding.customers.segments import Groups, Kept, Rules
from bot.understanding.customers.topic import Topic
from bot.understanding.customers.worth import Worth

TOPICS: tuple[type[Topic], ...] = (Kept, Recommending, Cohorts, Worth, Churning, Profile, Groups, Rules)
