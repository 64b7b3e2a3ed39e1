"""Indexes of token vectors. A retriever (``retrieve.ColBERT``) searches them."""

from .base import Base
from .exact import Exact
from .plaid import PLAID
from .voyager import Voyager

__all__ = ["Base", "Exact", "PLAID", "Voyager"]
