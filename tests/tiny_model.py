"""A tiny chat model, made here: whatever it is asked, it gives one reply, token by token.

A real Llama with a real tokenizer, saved as transformers saves them. Its weights are written, not
trained: the state of a token is its own direction, attention and MLP add nothing, and the head
leads from each token of the reply to the next one.
"""

from __future__ import annotations

from pathlib import Path

CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def save_tiny_model(
    folder: Path,
    reply: str,
    *,
    chat_template: str = CHAT_TEMPLATE,
    endless: bool = False,
    positions: int = 8192,
) -> Path:
    """Make the model and save it; ``endless`` leads from the reply's end to its beginning."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    pieces: list[str] = []
    for ch in reply:  # each piece leads to one other, so no two are the same
        if not pieces or (len(pieces[-1]) >= 3 and pieces[-1] not in pieces[:-1]):
            pieces.append("")
        pieces[-1] += ch
    if pieces[-1] in pieces[:-1]:
        pieces[-2:] = ["".join(pieces[-2:])]
    special = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(letters)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(special)
    raw.add_tokens(pieces)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|end|>")
    if chat_template:
        tokenizer.chat_template = chat_template

    said = [tokenizer.convert_tokens_to_ids(t) for t in ("<|assistant|>", *pieces)]
    said.append(said[1] if endless else tokenizer.eos_token_id)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=4 * (len(said) // 4 + 1),
            intermediate_size=4,
            num_hidden_layers=1,
            num_attention_heads=1,
            max_position_embeddings=positions,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=None,
            tie_word_embeddings=False,
        )
    )
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.zero_()
        for place, (token, following) in enumerate(zip(said, said[1:], strict=False)):
            model.get_input_embeddings().weight[token, place] = 1
            model.get_output_embeddings().weight[following, place] = 1
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
