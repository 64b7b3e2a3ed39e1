"""Prompts: the texts that go before others, by their names."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from .._checks import mapping, optional_text, text
from .settings import Settings
from .texts import one_text

logger = logging.getLogger(__name__)


class Prompts(Settings):
    """A model whose ``encode()`` takes the names of prompts."""

    _prompts: dict[str, str]
    _default_prompt_name: str | None

    @property
    def prompts(self) -> dict[str, str]:
        """The texts by their names. TypeError for another kind of thing."""
        return self._prompts

    @prompts.setter
    def prompts(self, value: Mapping[str, str]) -> None:
        given = mapping("prompts", value, "texts by the prompts' names")
        self._prompts = {text("prompts: a name", name): one_text(prompt, f"prompts[{name!r}]")
                         for name, prompt in given.items()}

    @property
    def default_prompt_name(self) -> str | None:
        """The one that is put before texts where none is named."""
        return self._default_prompt_name

    @default_prompt_name.setter
    def default_prompt_name(self, value: str | None) -> None:
        self._default_prompt_name = optional_text("default_prompt_name", value)

    def encode_query(self, sentences: Any, prompt_name: str | None = None,
                     prompt: str | None = None, batch_size: int = 32,
                     show_progress_bar: bool | None = None, **options: Any) -> Any:
        """``encode(is_query=True)``; where no prompt is named, with the one called "query"."""
        return self.encode(sentences, self._first_prompt(prompt_name, prompt, "query"), prompt,
                           batch_size, show_progress_bar, **options, is_query=True)

    def encode_document(self, sentences: Any, prompt_name: str | None = None,
                        prompt: str | None = None, batch_size: int = 32,
                        show_progress_bar: bool | None = None, **options: Any) -> Any:
        """``encode(is_query=False)``; where no prompt is named, with the one called "document",
        "passage" or "corpus"."""
        names = ("document", "passage", "corpus")
        return self.encode(sentences, self._first_prompt(prompt_name, prompt, *names), prompt,
                           batch_size, show_progress_bar, **options, is_query=False)

    def _first_prompt(self, name: str | None, prompt: str | None, *names: str) -> str | None:
        if name is not None or prompt is not None:
            return name
        return next((known for known in names if known in self.prompts), None)

    def _prompt(self, prompt: str | None, prompt_name: str | None) -> str:
        """What goes before the texts: ``prompt``, or the one of that name, or of the default's."""
        if prompt is not None:
            if prompt_name is not None:
                logger.warning("both prompt and prompt_name are given: prompt is used")
            return one_text(prompt, "prompt")
        name = self.default_prompt_name if prompt_name is None else text("prompt_name", prompt_name)
        if name is None:
            return ""
        if name not in self.prompts:
            raise ValueError(f"Prompt name '{name}' not found in the configured prompts "
                             f"dictionary. Available keys are: {list(self.prompts)!r}.")
        return one_text(self.prompts[name], f"prompts[{name!r}]")
