"""Ways to group customers: RFM segments, lifecycle stages, value tiers, and clusters of like behaviour."""

from __future__ import annotations

from collections.abc import Mapping

from tools.customers.schemes.clusters import CLUSTER
from tools.customers.schemes.lifecycle import LIFECYCLE
from tools.customers.schemes.rfm import RFM
from tools.customers.schemes.scheme import Group, Scheme
from tools.customers.schemes.tiers import TIER

SCHEMES: Mapping[str, Scheme] = {scheme.id: scheme for scheme in (RFM, LIFECYCLE, TIER, CLUSTER)}

__all__ = ["SCHEMES", "Group", "Scheme"]
