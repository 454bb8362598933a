"""What the chat page shows, as HTML: answers, refusals, the notice with its quotes. Pure functions.

Everything that came from outside (questions, notices, a generator's words) is escaped here.
"""

from rag.web.examples import example_questions
from rag.web.render import CSS, answer_html, error_html, panel_html, question_html

__all__ = ["CSS", "answer_html", "error_html", "example_questions", "panel_html", "question_html"]
