"""The chat page and the REST interface.

``page`` lays the page out and joins the browser's events to ``actions``; ``actions`` says what
each of them changes; ``render`` makes HTML and escapes whatever came from outside (questions,
notices, a generator's words, what a browser kept); ``turns``, ``examples`` and ``repairs`` are
pure. ``desk`` is what the page and ``api`` share. Only ``page`` needs gradio, only ``api`` fastapi.
"""
