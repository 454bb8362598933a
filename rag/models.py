"""Language models that write: any chat model of ``transformers``, any OpenAI-compatible server.

A model turns messages into text, piece by piece, and knows how much it can read. What it is asked
stands in ``prompt.py``; what becomes of its text is for ``citations.py``. Closing the iterator of
``stream`` stops the model.
"""

from __future__ import annotations

import ipaddress
import os
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from rag.errors import GeneratorError, ModelError
from rag.hub import downloaded
from rag.prompt import Message
from rag.text import HAN

LONGEST = 4096
"""Tokens that a model may write at most, its thoughts included."""

ROOM = 1024
"""Tokens that a prompt must leave free; five sentences need fewer."""

WINDOW = 4096
"""Tokens that a server is taken to read at least: what Ollama and llama.cpp give by default."""

CONNECT, SILENCE = 5.0, 120.0
"""Seconds to wait for a connection, and for the next piece (the first may need a model loaded)."""


class Model(Protocol):
    """What writes an answer from a prompt.

    Attributes:
        name: As ``load_generator`` takes it.
    """

    name: str

    def fits(self, messages: Sequence[Message]) -> bool:
        """Whether the model can read the messages and still write an answer."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The answer, piece by piece, always the same for the same messages if the model allows.

        Raises:
            ModelError: While it is read; what came before stands.
        """
        ...


class TransformersModel:
    """A chat model on this machine, through ``transformers``; writes one answer at a time."""

    def __init__(self, spec: str) -> None:
        """Load a model: bfloat16 on a GPU, float32 on a CPU.

        Args:
            spec: A folder, or the name of a model that is in reach.

        Raises:
            GeneratorError: It is not there, cannot be loaded, or is no chat model.
        """
        path = Path(spec).expanduser() if spec[:2] in ("~", "~/") else Path(spec)
        named = spec.strip() and not path.is_absolute() and not spec.startswith((".", "~"))
        if not named and not (spec.strip() and path.is_dir()):
            raise GeneratorError(
                f"There is no model folder {spec!r}: give the folder of a chat model as saved by "
                "transformers, or the name of one that is in reach."
            )
        import torch
        import transformers

        gpu = torch.accelerator.is_available()
        device = torch.accelerator.current_accelerator() if gpu else torch.device("cpu")
        if not gpu:
            # The default counts the machine's cores, not those this process may use.
            torch.set_num_threads(min(torch.get_num_threads(), _cores()))
        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        source = str(path) if path.is_dir() else spec
        try:
            local = path.is_dir() or downloaded(spec)
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                source, local_files_only=local
            )
            model: Any = transformers.AutoModelForCausalLM.from_pretrained(
                source, dtype=torch.bfloat16 if gpu else torch.float32, local_files_only=local
            )
            self._model = model.to(device).eval()
        except Exception as error:  # whatever the hub client, torch or transformers raise
            raise GeneratorError(
                f"The model {spec!r} cannot be loaded ({_first_line(error)}). Give the folder of a "
                "chat model, the name of one that is in reach, or a smaller one; `--generator "
                "extractive` needs none."
            ) from error
        if not self._tokenizer.chat_template:
            raise GeneratorError(
                f"The model {spec!r} has no chat template, so it cannot be asked; give a chat "
                "model (its name often ends in -Instruct or -it)."
            )
        self._settings = transformers.GenerationConfig.from_dict(
            self._model.generation_config.to_dict()
            | {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
            | {"max_new_tokens": LONGEST, "max_length": None}
        )
        self._one_at_a_time = threading.Lock()
        self.name = f"transformers:{spec}"

    def fits(self, messages: Sequence[Message]) -> bool:
        """Whether prompt and answer lie within the model's positions."""
        positions = getattr(
            self._model.config.get_text_config(), "max_position_embeddings", None
        ) or int(self._tokenizer.model_max_length)
        return int(self._encoded(messages)["input_ids"].shape[1]) + ROOM <= positions

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The answer as ``transformers`` decodes it, greedily."""
        import transformers

        streamer: Any = transformers.TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, skip_special_tokens=True
        )
        stop = threading.Event()
        outcome: list[Any] = []

        def write() -> None:
            try:
                outcome.append(
                    self._model.generate(
                        **inputs,
                        generation_config=self._settings,
                        streamer=streamer,
                        stopping_criteria=[lambda ids, scores: _stopped(ids, stop)],
                    )
                )
            except Exception as error:  # handed over to the reader
                outcome.append(error)
                streamer.text_queue.put(streamer.stop_signal)

        with self._one_at_a_time:
            inputs = self._encoded(messages).to(self._model.device)
            if self._thinks_first(inputs["input_ids"][0]):
                yield "<think>"
            writer = threading.Thread(target=write, daemon=True)
            writer.start()
            try:
                yield from streamer
            finally:
                stop.set()
                writer.join()
        self._judge(outcome[0], inputs["input_ids"].shape[1])

    def _judge(self, outcome: Any, read: int) -> None:
        """Raise what went wrong, if anything did."""
        if isinstance(outcome, Exception):
            full = isinstance(outcome, MemoryError) or "memory" in str(outcome).lower()
            kind = "memory" if full else "model"
            raise ModelError(kind, f"{type(outcome).__name__}: {outcome}") from outcome
        if outcome.shape[1] - read >= LONGEST:
            raise ModelError("length")

    def _encoded(self, messages: Sequence[Message]) -> Any:
        """Tokens of the prompt; for a template without a system role, rules and question in one."""
        import jinja2

        options = {"add_generation_prompt": True, "return_dict": True, "return_tensors": "pt"}
        try:
            # Templates that know no enable_thinking pay no heed to it.
            return self._tokenizer.apply_chat_template(
                list(messages), enable_thinking=False, **options
            )
        except jinja2.TemplateError:
            joined = "\n\n".join(message["content"] for message in messages)
            return self._tokenizer.apply_chat_template(
                [{"role": "user", "content": joined}], **options
            )

    def _thinks_first(self, tokens: Any) -> bool:
        """Whether the template has already opened the model's thoughts."""
        return str(self._tokenizer.decode(tokens[-8:])).rstrip().endswith("<think>")


def _stopped(ids: Any, stop: threading.Event) -> Any:
    import torch

    return torch.full((ids.shape[0],), stop.is_set(), dtype=torch.bool, device=ids.device)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class OpenAIModel:
    """A model behind an OpenAI-compatible server: Ollama, llama.cpp, vLLM, ``transformers serve``.

    A key is taken from ``OPENAI_API_KEY``; a server on this machine needs none.
    """

    def __init__(self, model: str, base_url: str) -> None:
        """Look the model up. A server that cannot be reached now may be reached when asked.

        Args:
            model: Its name on the server.
            base_url: Address of the server's API, such as ``http://127.0.0.1:11434/v1``.

        Raises:
            GeneratorError: The address is none, the server lacks the model, or it wants a key.
        """
        import openai

        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise GeneratorError(
                f"{base_url!r} is no address of a server; give one with --base-url, such as "
                "http://127.0.0.1:11434/v1 (Ollama) or http://127.0.0.1:8080/v1 (llama.cpp)."
            )
        if not model:
            raise GeneratorError("Name the server's model: --generator openai:MODEL.")
        self.name = f"openai:{model}"
        self._model, self._url = model, base_url
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            timeout=openai.Timeout(SILENCE, connect=CONNECT),
            max_retries=2,
            # A proxy set for the internet must not be asked for this machine's own address.
            http_client=openai.DefaultHttpxClient(trust_env=not _is_here(address.hostname)),
        )
        self._look_up()

    def fits(self, messages: Sequence[Message]) -> bool:
        """Whether the messages fit the smallest usual window, by a cautious count.

        A token for each Chinese character, one for three others.
        """
        text = "".join(message["content"] for message in messages)
        chinese = len(re.findall(f"[{HAN}]", text))
        return chinese + (len(text) - chinese) / 3 + ROOM <= WINDOW

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The answer as the server sends it, at temperature 0."""
        import openai

        finish = None
        try:
            with self._create(messages, LONGEST) as chunks:
                for chunk in chunks:
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        yield choice.delta.content or ""  # nothing while it thinks
        except openai.APITimeoutError as error:
            raise ModelError("time", str(error)) from error
        except openai.APIConnectionError as error:
            raise ModelError("connection", str(error)) from error
        except openai.APIStatusError as error:
            raise ModelError("status", str(error)) from error
        except Exception as error:  # a reply that is no reply fails in many ways
            raise ModelError("reply", f"{type(error).__name__}: {error}") from error
        if finish == "length":
            raise ModelError("length")
        if finish is None:
            raise ModelError("reply", "the reply broke off")

    def _create(self, messages: Sequence[Message], longest: int) -> Any:
        return self._client.chat.completions.create(
            model=self._model,
            messages=list(messages),  # type: ignore[arg-type]
            stream=True,
            temperature=0,
            max_tokens=longest,
        )

    def _look_up(self) -> None:
        """Find the model's name on the server; where it does not list it, try it."""
        import openai

        listed: list[str] = []
        try:
            client = self._client.with_options(timeout=CONNECT, max_retries=0)
            listed = [str(model.id) for model in client.models.list()]
            if {self._model, f"{self._model}:latest"} & set(listed):
                return
            with self._create([{"role": "user", "content": "1"}], 1):
                return
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise GeneratorError(
                f"The server {self._url} wants another key; set it in OPENAI_API_KEY."
            ) from error
        except (openai.NotFoundError, openai.BadRequestError) as error:
            known = f"it has {', '.join(sorted(listed)[:8])}" if listed else "see what it has"
            raise GeneratorError(
                f"The server {self._url} has no model {self._model!r} ({_first_line(error)}); "
                f"{known}."
            ) from error
        except Exception:  # not up, or busy: told when it is asked
            return


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
