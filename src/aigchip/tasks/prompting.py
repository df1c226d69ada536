"""How prompts are written, as the arguments say: format, selection strategy, number of demonstrations."""

from __future__ import annotations

from dataclasses import replace

from aigchip.core.errors import InputError
from aigchip.generate.nearness import EmbeddingSelector
from aigchip.generate.ranking import RankingSelector
from aigchip.llm.client import Client
from aigchip.llm.embedding import Embedder
from aigchip.llm.replay import Replay
from aigchip.prompt.render import PromptWriter
from aigchip.prompt.selection import DissimilarSelector, LexicalSelector, NoSelector, RandomSelector, Selector
from aigchip.tasks.arguments import Arguments

PLAIN: dict[str, type[Selector]] = {
    "lexical": LexicalSelector,
    "random": RandomSelector,
    "dissimilar": DissimilarSelector,
    "none": NoSelector,
}


def prompt_writer(given: Arguments, client: Client | Replay) -> PromptWriter:
    """Return how prompts are written.

    Without `selection=` a model that can be asked ranks the demonstrations itself, as in the paper; recorded replies
    belong to demonstrations that were chosen by text.

    Raises:
        InputError: A strategy lacks what it needs.
    """
    limit = client.settings.context_tokens if isinstance(client, Client) else None
    return PromptWriter(
        selector=_selector(given, client),
        demonstrations=given.number("demonstrations"),
        format=given.text("prompt_format"),
        limit_tokens=limit,
    )


def selection_of(given: Arguments) -> str:
    """Return the name of the strategy."""
    default = "llm-ranked" if given.text("generator") == "llm" else "lexical"
    return str(given.given.get("selection", default))


def words_of(given: Arguments) -> dict[str, str]:
    """Return what a study's settings say of its prompts; nothing where everything is as usual."""
    if given.text("generator") == "expert":
        return {}
    names = ("selection", "demonstrations", "prompt_format")
    return {name: str(given.given[name]) for name in names if name in given.given}


def _selector(given: Arguments, client: Client | Replay) -> Selector:
    name = selection_of(given)
    if name in PLAIN:
        return PLAIN[name]()
    if name == "llm-ranked":
        return RankingSelector(client=client)
    if not isinstance(client, Client):
        raise InputError("selection=embeddings", "recorded replies hold no embeddings", "Use selection=lexical.")
    model = client.settings.embedding_model
    if model is None:
        raise InputError(
            "selection=embeddings",
            "no embedding model is named",
            "Set embedding_model in the llm section of aigchip.yaml, or use selection=lexical.",
        )
    return EmbeddingSelector(embedder=Embedder(client=replace(client, settings=replace(client.settings, model=model))))
