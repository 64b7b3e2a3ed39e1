"""Prompts: the texts that go before others, by their names."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from .._checks import mapping, optional_text, text
from .settings import Settings
from .texts import one_text

logger = logging.getLogger(__name__)


def _checked(prompts: Mapping[str, str]) -> dict[str, str]:
    given = mapping("prompts", prompts, "texts by the prompts' names")
    return {text("prompts: a name", name): one_text(prompt, f"prompts[{name!r}]")
            for name, prompt in given.items()}


def _merged(given: Mapping[str, str], of_folder: Mapping[str, str]) -> dict[str, str]:
    """As sentence-transformers 5.3: "query" and "document" are always there, what was given goes
    before what the folder has, and an empty text before none."""
    prompts = {"query": "", "document": "", **given}
    return prompts | {name: prompt for name, prompt in of_folder.items() if not prompts.get(name)}


class Prompts(Settings):
    """A model whose ``encode()`` takes the names of prompts."""

    _prompts: dict[str, str]
    _default_prompt_name: str | None

    def _set_prompts(self, prompts: Mapping[str, str] | None,
                     default_prompt_name: str | None) -> None:
        """Those that were given to the constructor, and the folder's. ValueError for the name of a
        default that is not among them."""
        of_folder, default = self._folders_prompts()
        self.prompts = _merged({} if prompts is None else _checked(prompts), of_folder)
        self.default_prompt_name = default_prompt_name or default
        self._checked_prompts()

    def _folders_prompts(self) -> tuple[dict[str, str], str | None]:
        """What the folder says by itself."""
        return _merged({}, self._settings["prompts"]), self._settings["default_prompt_name"]

    def _checked_prompts(self) -> tuple[dict[str, str], str | None]:
        """``prompts`` and ``default_prompt_name`` as a folder may have them. ValueError where no
        model could be loaded with them."""
        if self.default_prompt_name is not None and self.default_prompt_name not in self.prompts:
            raise ValueError(f"Default prompt name {self.default_prompt_name!r} not found in the "
                             f"configured prompts dictionary with keys {list(self.prompts)!r}.")
        return _checked(self.prompts), self.default_prompt_name

    def _has_prompts_of_its_own(self) -> bool:
        """Whether a model that is loaded from the same folder would have other prompts."""
        return self._checked_prompts() != self._folders_prompts()

    def _puts_its_own_before_documents(self) -> bool:
        """Whether ``encode(is_query=False)`` puts another prompt before texts than the folder's."""
        of_folder, default = self._folders_prompts()
        return self._prompt(None, None) not in (None, of_folder.get(default) if default else None)

    @property
    def prompts(self) -> dict[str, str]:
        """The texts by their names, which ``save_pretrained()`` writes. TypeError for another kind
        of thing."""
        return self._prompts

    @prompts.setter
    def prompts(self, value: Mapping[str, str]) -> None:
        self._prompts = _checked(value)

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

    def _prompt(self, prompt: str | None, prompt_name: str | None) -> str | None:
        """What goes before the texts: ``prompt``, or the one of that name, or of the default's.
        None: what the folder has for all queries or all documents."""
        if prompt is not None:
            if prompt_name is not None:
                logger.warning("both prompt and prompt_name are given: prompt is used")
            return one_text(prompt, "prompt")
        name = self.default_prompt_name if prompt_name is None else text("prompt_name", prompt_name)
        if name is None:  # a folder's own default that was taken away is not to come back
            return None if self._settings["default_prompt_name"] is None else ""
        if name not in self.prompts:
            raise ValueError(f"Prompt name '{name}' not found in the configured prompts "
                             f"dictionary. Available keys are: {list(self.prompts)!r}.")
        return one_text(self.prompts[name], f"prompts[{name!r}]")
