"""The one form of a log line: ``event=name-with-hyphens key=value key=value``, so that an operator can grep for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

DEVICE = Path(__file__).parent.parent / "device"
SOURCES = {
    path.relative_to(DEVICE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(DEVICE.rglob("*.py"))
}

METHODS = {"debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "log"}
LOGGERS = {"log", "_log", "logger", "_logger", "logging", "LOG", "_LOG", "LOGGER"}
PLACEHOLDER = r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]"
FORM = re.compile(rf"event=[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?: [a-z][a-z0-9]*(?:_[a-z0-9]+)*=(?:{PLACEHOLDER}|[^\s%=])+)*")
KEY = re.compile(r"(?:^| )([^\s=]+)=")
QUIETER = {"setLevel", "addFilter", "removeFilter"}
REASONS = {"why", "error", "cause", "problem", "because", "failure", "fault"}
"""What `reason` is called nowhere."""


def is_call(node: ast.AST, name: str) -> bool:
    """Return whether *node* calls something written as *name*."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def log_calls(tree: ast.AST) -> list[ast.Call]:
    """Return every call of a logger's method; of ``math.log`` and the like none."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in METHODS
        and ast.unparse(node.func.value).rsplit(".", 1)[-1] in LOGGERS
    ]


def faults_of_call(call: ast.Call) -> list[str]:
    """Return what is wrong with one call."""
    assert isinstance(call.func, ast.Attribute)
    arguments = call.args[1:] if call.func.attr == "log" else call.args
    faults = [] if ast.unparse(call.func.value) == "log" else ["the logger is not named log"]
    if not arguments or not isinstance(arguments[0], ast.Constant) or not isinstance(arguments[0].value, str):
        return [*faults, "the first argument is no literal string"]
    text, values = arguments[0].value, arguments[1:]
    if not FORM.fullmatch(text):
        faults.append("not of the form event=name key=value")
    if named := REASONS.intersection(KEY.findall(text)):
        faults.append(f"{', '.join(sorted(named))}= where reason= is meant")
    if any(isinstance(value, ast.Starred) for value in values):
        faults.append("arguments that cannot be counted")
    elif len(re.findall(PLACEHOLDER, text)) != len(values):
        faults.append(f"{len(values)} arguments for {len(re.findall(PLACEHOLDER, text))} placeholders")
    return faults


def faults_in(source: str) -> list[str]:
    """Return what is wrong with the logging of a module, each with its line."""
    tree = ast.parse(source)
    found = [(call.lineno, fault) for call in log_calls(tree) for fault in faults_of_call(call)]
    silenced = {  # another library's logger, only told to be quieter, or counted
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in QUIETER
    }
    named = {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node) == "log = logging.getLogger(__name__)"
    }
    for node in ast.walk(tree):
        if is_call(node, "getLogger") or (is_call(node, "logging.getLogger") and id(node) not in silenced | named):
            assert isinstance(node, ast.Call)
            found.append((node.lineno, "a logger that is not log = logging.getLogger(__name__)"))
    return [f"line {line}: {fault}" for line, fault in sorted(found)]


def test_every_log_line_is_one_event_with_keys_and_values() -> None:
    assert {name: faults for name, source in SOURCES.items() if (faults := faults_in(source))} == {}


def test_the_log_lines_are_found() -> None:
    """Nothing is held by a search that finds nothing."""
    found = {name: len(log_calls(ast.parse(source))) for name, source in SOURCES.items()}
    assert found["eye/parent.py"] >= 4
    assert found["indicator/pins.py"] >= 2
    assert found["decoder/image.py"] == 0


@pytest.mark.parametrize(
    "call",
    [
        'log.warning("event=eye-lost reason=%r", reason)',
        'log.info("event=ready")',
        'log.log(level, "event=size-adjusted size=%dx%d took_ms=%.1f", width, height, took_ms)',
        'log.exception("event=question-failed ask=%s reason=defect", name)',
        "math.log(2)",
        'logging.getLogger("picamera2").setLevel(logging.WARNING)',
        "log = logging.getLogger(__name__)",
    ],
)
def test_a_line_of_the_form_passes(call: str) -> None:
    assert faults_in(call) == []


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ('log.warning("eye lost reason=%r", reason)', "form"),
        ('log.warning("event=eye lost reason=%r", reason)', "form"),
        ('log.warning("event=eyeLost reason=%r", reason)', "form"),
        ('log.warning("event=eye-lost: reason=%r", reason)', "form"),
        ('log.warning("event=eye-lost lostFor=%d", lost_s)', "form"),
        ('log.warning("event=eye-lost lost-for=%d", lost_s)', "form"),
        ('log.warning("event=eye-lost reason=the ribbon is off")', "form"),
        ('log.warning("event=eye-lost  reason=%r", reason)', "form"),
        ('log.warning("event=eye-lost reason=")', "form"),
        ('log.warning("event=eye-lost full=99%")', "form"),
        ('log.warning(f"event=eye-lost reason={reason}")', "no literal"),
        ('log.warning("event=eye-lost" + reason)', "no literal"),
        ("log.warning(text)", "no literal"),
        ("log.warning()", "no literal"),
        ('log.log("event=eye-lost")', "no literal"),
        ('log.warning("event=eye-lost why=%r", reason)', "why="),
        ('log.warning("event=eye-lost error=%s", reason)', "error="),
        ('log.warning("event=eye-lost reason=%r")', "0 arguments for 1"),
        ('log.warning("event=eye-lost", reason)', "1 arguments for 0"),
        ('log.warning("event=size width=%d height=%d", *size)', "counted"),
        ('_log.warning("event=eye-lost")', "not named log"),
        ('self.log.warning("event=eye-lost")', "not named log"),
        ('logging.warning("event=eye-lost")', "not named log"),
        ("_log = logging.getLogger(__name__)", "a logger"),
        ('log = logging.getLogger("gate.eye")', "a logger"),
        ("log = getLogger(__name__)", "a logger"),
    ],
)
def test_a_line_of_another_form_is_seen(call: str, fault: str) -> None:
    (found,) = faults_in(call)
    assert fault in found
