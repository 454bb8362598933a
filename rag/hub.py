"""Models by name: whether one lies on this machine, or the hub has it."""

from __future__ import annotations

CONNECT = 5.0
"""Seconds to wait for the hub."""


def downloaded(name: str) -> bool:
    """Whether a model is in the hub's folder on this machine; else make sure the hub has it.

    Asked first because loading would try for a minute where there is no network.

    Raises:
        Exception: What the hub's client raises where neither has it, or the hub is out of reach.
    """
    from huggingface_hub import model_info, try_to_load_from_cache

    for file in ("config.json", "modules.json"):
        if isinstance(try_to_load_from_cache(name, file), str):
            return True
    model_info(name, timeout=CONNECT)
    return False
