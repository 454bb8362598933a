"""Youju: cited answers over Chinese government notices, offline.

from rag import Chatbot
answer = Chatbot.open().ask("人才评价有哪几种方式？")
"""

from rag.answer import Chatbot
from rag.build import build_index
from rag.errors import RagError
from rag.notices import load_notice
from rag.store import Index
from rag.types import Answer, Citation, Hit, Notice, Passage, Repair, Section

__all__ = [
    "Answer",
    "Chatbot",
    "Citation",
    "Hit",
    "Index",
    "Notice",
    "Passage",
    "RagError",
    "Repair",
    "Section",
    "build_index",
    "load_notice",
]
__version__ = "0.1.0"
