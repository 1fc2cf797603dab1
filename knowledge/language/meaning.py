"""What of a text a model of meaning is given: itself, or its gloss where the model knows English alone."""

from __future__ import annotations

from collections.abc import Collection

from knowledge.document import Language
from knowledge.language.glossary import Glossary


def in_model_language(text: str, language: Language, languages: Collection[Language], glossary: Glossary) -> str | None:
    """A text as a model that tells the meaning of these languages can take it; None where it cannot.

    A Chinese text is given to a model of English as its terms in English. Measured on questions about the playbooks,
    that finds far more than words alone, across the languages and within Chinese.
    """
    if language in languages:
        return text
    if language == "zh" and "en" in languages:
        return glossary.gloss(text) or text
    return None


def embedded_languages(languages: Collection[Language]) -> frozenset[Language]:
    """The languages of the passages that have a vector from a model that tells the meaning of these languages."""
    return frozenset(languages) | ({"zh"} if "en" in languages else set())
