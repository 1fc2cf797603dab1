"""The demo store: a bilingual retailer that never was, with truths planted in its figures."""

from __future__ import annotations

from tools.warehouse.demo.store import DemoStore, make_demo_store

__all__ = ["DemoStore", "make_demo_store"]
