"""The chat page and the REST interface.

``render``, ``turns``, ``examples`` and ``repairs`` are pure; everything that came from outside
(questions, notices, a generator's words, what a browser kept) is escaped in ``render``. ``page``
is the only module that needs gradio, ``api`` the only one that needs fastapi.
"""
