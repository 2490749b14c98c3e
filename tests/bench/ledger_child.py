"""The gate that gets killed: records visitors and lights the green lamp for each, as fast as it can.

Run as ``python -m tests.bench.ledger_child`` by `tests.bench.kills`, once: each line it gets is the words of one gate,
a process of its own that has everything imported already. Ledger, sealing, indicator and pins are the real ones, on
gpiozero's mock pins. A gate tells what happens, one line each, written straight to the pipe of that name, so that a
line is out before the next step begins::

    recorded SEQ NUMBER     `record` has returned
    holding SEQ NUMBER      the lamp comes next; waits here for ever (only with --hold)
    lit SEQ NUMBER          the pin of the green lamp reads high
"""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import signal
import sys
from itertools import count
from pathlib import Path

from device.clock import SystemClock
from device.crypto.sealing import Sealer, SealingKey
from device.indicator.pins import GpioPins, OutputPin, PinPlan, open_pins
from device.indicator.player import LampIndicator
from device.model import Cue, Output
from device.policy.cues import PATTERNS
from device.threads import ServiceThread
from tests.support.visitors import visitor

DEVICE_ID = "gate-of-the-benchmark"
_PINS = {Output.GREEN: OutputPin(17), Output.RED: OutputPin(27), Output.BUZZER: OutputPin(22)}


class ToldPins:
    """The gate's outputs; tells whenever the green lamp goes on."""

    def __init__(self, pins: GpioPins, pipe: int) -> None:
        self._pins = pins
        self._pipe = pipe
        self._green = False
        self.answering = (0, 0)

    def set(self, lines: frozenset[Output]) -> None:
        """Set the pins, read the green one back, tell."""
        self._pins.set(lines)
        was, self._green = self._green, Output.GREEN in self._pins.lit()
        if self._green and not was:
            _tell(self._pipe, "lit", *self.answering)

    def close(self) -> None:
        """Let the pins go."""
        self._pins.close()


def main() -> int:
    """Start a gate for each line, say its process, and once it has ended how (as `subprocess` counts it)."""
    while line := sys.stdin.readline():
        gate = os.fork()
        if not gate:
            return live(shlex.split(line))
        _tell(1, gate)
        _tell(1, os.waitstatus_to_exitcode(os.waitpid(gate, 0)[1]))
    return 0


def live(words: list[str]) -> int:
    """Record and light until killed."""
    parser = argparse.ArgumentParser(description="The gate that `gate-scanner bench ledger` kills.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tells", type=Path, required=True, help="the pipe that what happens is told to")
    parser.add_argument("--key", required=True, help="ID:HEX of the sealing key")
    parser.add_argument("--ledger", required=True, help="MODULE:CLASS with an `open` like SqliteLedger's")
    parser.add_argument("--first", type=int, required=True, help="number of the first visitor")
    parser.add_argument("--hold", type=int, default=0, help="stop before the lamp of this one, counted from 1")
    asked = parser.parse_args(words)
    pipe = os.open(asked.tells, os.O_WRONLY)
    key_id, _, public = asked.key.partition(":")
    module, _, name = asked.ledger.partition(":")
    ledger_class = getattr(importlib.import_module(module), name)
    clock = SystemClock()
    pins = ToldPins(open_pins(PinPlan("mock", _PINS)), pipe)
    indicator = LampIndicator(pins, PATTERNS, clock)
    ServiceThread("indicator", indicator, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    ledger = ledger_class.open(asked.folder, DEVICE_ID, Sealer(DEVICE_ID, [SealingKey(key_id, bytes.fromhex(public))]))
    for turn in count(1):
        number = asked.first + turn - 1
        indicator.show(Cue.READY)
        seq = ledger.record(visitor(number, clock))
        _tell(pipe, "recorded", seq, number)
        if turn == asked.hold:
            _tell(pipe, "holding", seq, number)
            signal.pause()
        pins.answering = (seq, number)
        indicator.show(Cue.GRANTED)
    return 0


def _tell(pipe: int, *words: object) -> None:
    os.write(pipe, f"{' '.join(map(str, words))}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
