"""The shape of the house: what imports what, what stays light, what the wheel holds."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "bm25s", "scipy", "sklearn")
HEAVY += ("openai", "cn2an", "text_to_num")


def loaded_by(code: str) -> set[str]:
    check = f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import rag",
        "from rag import Chatbot; Chatbot.open().ask('工资怎么涨？')",
        "from rag import Chatbot; Chatbot.open().ask('How are wages raised?')",
    ],
)
def test_the_light_path_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code).isdisjoint(HEAVY)


def imports(path: Path) -> set[str]:
    """Modules of ``rag`` that a file imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    modules = {p.stem for p in (ROOT / "rag").glob("*.py")}
    return {m.split(".")[1] for m in found if m.startswith("rag.") and m.split(".")[1] in modules}


GRAPH = {p.stem: imports(p) for p in (ROOT / "rag").glob("*.py")}


def test_imports_point_one_way() -> None:
    def reach(module: str, seen: frozenset[str] = frozenset()) -> None:
        assert module not in seen, f"imports in a circle: {[*seen, module]}"
        for other in GRAPH[module] - {"__init__"}:
            reach(other, seen | {module})

    for module in GRAPH:
        reach(module)
    for ground in ("types", "errors"):
        assert GRAPH[ground] == set()
    assert "build" not in GRAPH["answer"] and "answer" not in GRAPH["build"]


def test_only_the_two_lines_wire_stages_together() -> None:
    stages = {"repair", "notices", "passages", "store", "dialogue", "evidence", "generator"}
    offline, online = {"notices", "passages", "store"}, {"store", "dialogue", "evidence"}
    for module, imported in GRAPH.items():
        if module not in ("build", "answer", "__main__", "__init__"):
            assert not offline <= imported and not online <= imported, module
    assert offline <= GRAPH["build"]
    assert online <= GRAPH["answer"]
    assert stages <= set(GRAPH)


def test_nothing_imports_the_programs() -> None:
    for path in (ROOT / "rag").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for program in ("app", "eval", "train", "index"):
            assert f"import {program}\n" not in text and f"from {program} " not in text, path


def test_no_pickle_and_no_print() -> None:
    for path in (ROOT / "rag").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        assert "print" not in names and "pickle" not in names, path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_rag_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"rag"}
    assert "rag/py.typed" in names
    assert "rag/embedded/index/manifest.json" in names
    assert not any("__pycache__" in name for name in names)


def test_the_wheel_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, capture_output=True)
    ask = (
        "import rag, json; a = rag.Chatbot.open().ask('文号是多少？'); print(rag.__file__, a.text)"
    )
    run = subprocess.run(
        [sys.executable, "-c", ask],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(target), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert str(target) in run.stdout
    assert "人社部函〔2021〕49号" in run.stdout
