"""Losses, as settings of a training run (``training``): what is minimised, and its parameters."""

from .losses import CachedContrastive, Contrastive, Distillation

__all__ = ["CachedContrastive", "Contrastive", "Distillation"]
