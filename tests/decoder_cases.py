"""Texts to compare our decoding with that of sigs.k8s.io/yaml: every form of scalar, key and document, thousands of them."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "decoder_oracle"
RECORDED = HERE / "expectations.jsonl.gz"

_TEXTS: dict[str, list[str]] = json.loads((HERE / "texts.json").read_text())
WORDS, NUMBERS, QUOTED = _TEXTS["words"], _TEXTS["numbers"], _TEXTS["quoted"]
TAGS, TAGGED, DOCUMENTS, PIECES = _TEXTS["tags"], _TEXTS["tagged"], _TEXTS["documents"], _TEXTS["pieces"]
KEYS = [*WORDS, *NUMBERS, *(text for text in QUOTED if "\n" not in text and "\r" not in text), *_TEXTS["keys"]]


def block_scalars() -> Iterator[str]:
    """Literal and folded scalars with every indicator."""
    bodies = _TEXTS["block bodies"]
    for header, body in product(_TEXTS["block headers"], bodies):
        yield f"a: {header}\n{body}"
    for header, body in product(["|", ">", "|-", "|+", "|2", ">1-"], bodies):
        yield f"a: {header}\n{body}b: 1\n"
        yield f"- {header}\n{body}- b\n"
        yield f"{header}\n{body}"
        yield f"a:\n  b: {header}\n{body.replace('  ', '    ')}  c: 1\n"


def scalars() -> Iterator[str]:
    """Each plain and quoted scalar as value, item, in brackets, tagged, and as a key."""
    for text in (*WORDS, *NUMBERS, *QUOTED):
        for template in ("a: %s", "- %s", "a: [%s]", "a: {b: %s}", "%s", "a: &x %s\nb: *x", "a:   %s   # c\n"):
            yield template % text
    for tag, text in product(TAGS, TAGGED):
        yield f"a: {tag} {text}"
    for tag, text in product(TAGS, TAGGED[:14]):
        yield f"a: [{tag} {text}]"
        yield f"- &x {tag} {text}"
    for text in KEYS:
        for template in ("%s: v", "a: {%s: v}", "? %s\n: v", "- %s: v"):
            yield template % text


def documents(seed: int, count: int) -> Iterator[str]:
    """Texts put together at random, most of them nearly right."""
    choose = random.Random(seed)
    for _ in range(count):
        if choose.random() < 0.5:
            yield "".join(choose.choices(PIECES, k=choose.randint(1, 12)))
        else:
            yield mutated(choose, tree(choose, choose.choice(["", "", "---\n", "# c\n"]), 0))


def tree(choose: random.Random, prefix: str, depth: int) -> str:
    """A well-formed document in block style with a bit of everything."""
    indent = "  " * depth
    lines = []
    for _ in range(choose.randint(1, 4)):
        key = choose.choice(["a", "b1", "c", "name", "on", "1", "1.5", '"q"', "'r'", "<<", "x y", "&k k", "010", "~a"])
        kind = choose.randrange(9) if depth < 3 else choose.randrange(5)
        scalar = choose.choice(choose.choice([WORDS, NUMBERS, QUOTED, ["text", "*k", "&k v", "!t w", "[1, {a: b}]", "{c: [d]}"]]))
        if kind < 4:
            lines.append(f"{indent}{key}: {scalar}\n")
        elif kind == 4:
            header = choose.choice(["|", ">", "|-", ">+", "|2", "|+"])
            body = (f"{indent}  {choose.choice(['x', ' y', '', '# z', 'k: v'])}\n" for _ in range(choose.randint(0, 3)))
            lines.append(f"{indent}{key}: {header}\n" + "".join(body))
        elif kind == 5:
            lines.append(f"{indent}{key}:{choose.choice(['', ' ', ' # c', ' &k', ' !t'])}\n{tree(choose, '', depth + 1)}")
        elif kind == 6:
            lines.append(f"{indent}{key}:\n" + "".join(f"{indent}- {scalar}\n" for _ in range(choose.randint(1, 3))))
        elif kind == 7:
            inner = tree(choose, "", depth + 2)
            lines.append(f"{indent}{key}:\n{indent}  - {inner.lstrip(' ')}")
        else:
            lines.append(choose.choice([f"{indent}# c\n", "\n", f"{indent}\n", "---\n", "...\n", "--- # c\n"]))
    return prefix + "".join(lines)


def mutated(choose: random.Random, text: str) -> str:
    """The text with up to three small changes."""
    for _ in range(choose.choice([0, 0, 0, 1, 1, 2, 3])):
        place = choose.randint(0, len(text))
        if choose.random() < 0.4:
            text = text[:place] + text[place + choose.randint(1, 3) :]
        else:
            text = text[:place] + choose.choice(PIECES) + text[place:]
    return text


def cases() -> list[str]:
    """What is recorded: every systematic case and some of chance, each once."""
    return list(dict.fromkeys([*scalars(), *block_scalars(), *DOCUMENTS, *documents(20, 2_500)]))


def build_oracle(folder: Path, *, offline: bool = True) -> Path:
    """The compiled Go program. Raises LookupError with the reason if it cannot be had; `offline`, its modules must have been
    fetched before (`go mod download` in its folder)."""
    go = shutil.which("go")
    if go is None:
        raise LookupError("the Go tool chain is not installed")
    program = folder / "oracle"
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", **({"GOPROXY": "off"} if offline else {})}
    command = [go, "build", "-o", str(program), "."]
    try:
        built = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=240)
    except subprocess.TimeoutExpired:
        raise LookupError("the Go program took too long to build") from None
    if built.returncode:
        raise LookupError(f"the Go program cannot be built: {built.stderr.strip()[-300:]}")
    return program


def answers(program: Path, texts: Iterable[str]) -> list[dict[str, Any]]:
    """What the Go program says of each text, see main.go."""
    asked = "".join(json.dumps(text) + "\n" for text in texts)
    printed = subprocess.run([str(program)], input=asked, capture_output=True, encoding="utf-8", check=True, timeout=240).stdout
    return [json.loads(line) for line in printed.split("\n") if line]


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each recorded text, and what the Go program said of it."""
    for line in gzip.decompress(RECORDED.read_bytes()).decode().split("\n"):
        if line:
            text, answer = json.loads(line)
            yield text, answer


def record() -> None:
    """Write down what the Go program says of every case: `python tests/decoder_cases.py`."""
    import tempfile

    texts = cases()
    with tempfile.TemporaryDirectory() as folder:
        program = build_oracle(Path(folder), offline=False)
        found, *others = (answers(program, texts) for _ in range(80))
    # Which of two keys wins that become the same string, Go decides by chance.
    settled = [each for each in zip(texts, found, *others, strict=True) if all(answer == each[1] for answer in each[2:])]
    texts, found = [each[0] for each in settled], [each[1] for each in settled]
    for answer in found:
        # The words are those of Go; only whether there are any counts.
        if "error" in answer:
            answer["error"] = True
            del answer["documents"]
        if "strict" in answer:
            answer["strict"] = "already set" in answer["strict"]
    lines = (json.dumps([text, answer], ensure_ascii=True, separators=(",", ":")) + "\n" for text, answer in zip(texts, found, strict=True))
    RECORDED.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    print(f"{len(texts)} cases, {RECORDED.stat().st_size} bytes")


if __name__ == "__main__":
    record()
