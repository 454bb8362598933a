"""What ``eval/run.py`` measures with; nothing that answers questions imports it."""
