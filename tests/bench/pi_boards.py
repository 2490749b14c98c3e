"""How quick a Raspberry Pi is: instructions into milliseconds. An estimate; no board was at hand.

What is published, of the boards themselves:

- A Pi 4 does 0.88 instructions a cycle in a short program, its start and the kernel included (``perf stat /bin/ls``,
  github.com/SE-Processor-Fuzzing/control-hazard-analyzer, issue 65). Its front end can do 3; long loops do more.
- sysbench's primes on one core, events a second: Pi 3+ at 1.4 GHz (the Zero 2 W's Cortex-A53) 687, Pi 4 at 1.5 GHz
  1,478, Pi 5 at 2.4 GHz 2,737 (leoncode.co.uk/articles/raspberry-pi-benchmarks): by cycle 0.50, 1 and 1.16.

Others see both further ahead: 7-zip on all cores a Zero 2 W at 0.79 of a Pi 4 by cycle (3,030 at 1.0 GHz, 5,750 at 1.5
GHz: github.com/ThomasKaiser/sbc-bench, Results.md), Arm an A76 for servers at 1.6 to 1.7 of an A72 in SPEC's integers
(AnandTech on the Neoverse N1, 2019). Of each the lower one is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from device.eye.pace import SIZES, Costs, choose

_A72: Final = 0.88


@dataclass(frozen=True, slots=True)
class Board:
    """One Raspberry Pi.

    Attributes:
        name: as its maker says.
        processor: which cores it has, four of them.
        ghz: its clock, as it comes.
        per_cycle: instructions a cycle, an estimate (see above).
    """

    name: str
    processor: str
    ghz: float
    per_cycle: float

    @property
    def per_ms(self) -> float:
        """Million instructions that one core does in a millisecond."""
        return self.ghz * self.per_cycle

    def ms(self, million: float) -> float:
        """Return the milliseconds that so many million instructions take one core."""
        return million / self.per_ms

    def share(self, million: float, frame_rate: int) -> float:
        """Return the share of one core that frames of so many million instructions take at a rate."""
        return self.ms(million) * frame_rate / 1000

    def pace(self, busy: float) -> tuple[tuple[int, int], int]:
        """Return the size and rate that its gate chooses, by the million instructions of a busy frame."""
        return choose(Costs(self.ms(busy) / 1000, 0.0, 1), SIZES[0], 0, fixed_size=False)


PI_4: Final = Board("Pi 4", "Cortex-A72", 1.5, _A72)
PI_5: Final = Board("Pi 5", "Cortex-A76", 2.4, round(1.16 * _A72, 2))
ZERO_2_W: Final = Board("Zero 2 W", "Cortex-A53", 1.0, round(0.50 * _A72, 2))
BOARDS: Final = (PI_4, PI_5, ZERO_2_W)
