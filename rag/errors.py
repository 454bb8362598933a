"""Errors a user can do something about; each message says what is wrong and what to do."""

from __future__ import annotations


class RagError(Exception):
    """Base of every error this package raises on purpose."""


class SourceError(RagError):
    """A source file that cannot be read as a notice."""


class IndexFolderError(RagError):
    """An index folder that is missing, damaged, or made for something else."""


class EncoderError(RagError):
    """An encoder that cannot be found, loaded or used."""


class EvidenceError(RagError):
    """An evidence scorer that cannot be loaded."""


class GeneratorError(RagError):
    """A generator that cannot be found or loaded."""


class ModelError(RagError):
    """A language model that failed while it wrote; the answer is then quoted instead.

    Attributes:
        kind: ``memory``, ``connection``, ``time``, ``status``, ``reply`` (not to be understood),
            ``empty``, ``context`` (not even the best evidence fits), ``instruction`` (no evidence
            that it may see), ``length`` (no end in sight) or ``model`` (anything else).
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        """With what happened, for a log."""
        super().__init__(detail or kind)
        self.kind = kind


class QuestionError(RagError, ValueError):
    """A question that cannot be asked: empty, too long, or not text."""
