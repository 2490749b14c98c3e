"""How a gate stands, in words: one for its state, a few for what is wrong, a line on what to do about it."""

from __future__ import annotations

from typing import Final

from device.hub.db.gate_state import SILENT_S, SILENT_WITHOUT_REPORTS_S, Standing
from device.model import BUNDLE_NAMES
from device.words import say, sentence

STATES: Final = {
    "well": sentence("well"),
    "trouble": sentence("trouble"),
    "silent": sentence("silent"),
    "revoked": sentence("REVOKED"),
    "never": sentence("never"),
}
TROUBLES: Final = {
    "fault": sentence("out of service"),
    "enrolment": sentence("its code fails"),
    "lamps": sentence("lamps fail"),
    "camera": sentence("camera lost"),
    "camera-slow": sentence("camera slow"),
    "engine-left-out": sentence("a decoder crashes"),
    "queue": sentence("ledger unreadable"),
    "parked": sentence("check-ins refused"),
    "link": sentence("hub refuses it"),
    "offline": sentence("nothing delivered for a day"),
    "sealing-key": sentence("no key for today"),
    "clock": sentence("clock wrong"),
    "bundles": sentence("gets no rules"),
    "under-voltage": sentence("power too weak"),
    "hot": sentence("too hot"),
    "disk": sentence("card nearly full"),
    "watchdog": sentence("watchdog off"),
}
"""What stands in a list for the words of `device.monitor.alerts`; those of a bundle are made of its name."""
_OF_A_BUNDLE: Final = {"refused": sentence("{kind} refused"), "old": sentence("{kind} out of date")}
ADVICE: Final = {
    "silent": sentence("Look whether it has power and its network, and read on it: gate-scanner status"),
    "never": sentence("Enrol it with its code, and let it reach the hub; on it: gate-scanner status"),
    "revoked": sentence("It stays out. To take it back, make a code and enrol it anew."),
    "fault": sentence("Look at its camera and its card; on it: journalctl -u gate-scanner"),
    "enrolment": sentence("Make a new code here, and enrol it anew with that."),
    "lamps": sentence("Check pins and wires of the lamps, then restart it: systemctl restart gate-scanner"),
    "camera": sentence("Check the camera's cable and that nothing else uses it; on it: gate-scanner doctor"),
    "camera-slow": sentence("Check the ribbon cable and the power supply."),
    "engine-left-out": sentence("It reads on with its other decoder. Bring its software up to date."),
    "queue": sentence("Its card may be worn out: copy what is on it, and put in a new one."),
    "parked": sentence("Look at what was refused; on it: gate-scanner queue parked"),
    "link": sentence("Make a code here and enrol it anew; where that does not help, compare hub.url of its site file."),
    "offline": sentence("Check the network between the gate and the hub; nothing is lost meanwhile."),
    "sealing-key": sentence("Let it reach the hub once today: it fetches the key by itself."),
    "clock": sentence("Check its time server, or let it reach the hub, which tells it the time."),
    "bundles": sentence("Look at the hub's log; where the root is new, enrol the gate anew."),
    "under-voltage": sentence("Use a power supply of 5.1 V and 3 A, and a short cable."),
    "hot": sentence("Give it air, and take it out of the sun."),
    "disk": sentence("Put in a larger card, or let it deliver what waits."),
    "watchdog": sentence("Run setup.sh install on it again: that arms the machine's watchdog."),
}
"""What to do, for the words of `TROUBLES` and the states that are no trouble of the gate's own telling."""
_OF_A_BUNDLE_TO_DO: Final = {
    "refused": sentence("Publish the {kind} again here; on the gate: gate-scanner status"),
    "old": sentence("Publish a new {kind} here, or check the network of the gate."),
}
_UNKNOWN_TO_DO: Final = sentence("This hub does not know what that is: bring the hub up to date.")


def state_of(gate: Standing, now_ms: int) -> str:
    """Return how a gate stands in one word: ``well``, ``trouble``, ``silent``, ``revoked`` or ``never`` (heard)."""
    if gate.revoked:
        return "revoked"
    if gate.heard_ms is None:
        return "never"
    silent_s = SILENT_WITHOUT_REPORTS_S if gate.reported_ms is None else SILENT_S
    if now_ms - gate.heard_ms > silent_s * 1000:
        return "silent"
    return "trouble" if gate.troubles else "well"


def trouble_words(trouble: str) -> str:
    """Return what a word of a state report means, in few words; itself when nobody knows it here."""
    kind, _, what = trouble.rpartition("-")
    if kind in BUNDLE_NAMES and what in _OF_A_BUNDLE:
        return say(_OF_A_BUNDLE[what], kind=say(BUNDLE_NAMES[kind]))
    return say(TROUBLES[trouble]) if trouble in TROUBLES else trouble


def advice(trouble: str) -> str:
    """Return what to do about a word of a state report, or about a state, in one line."""
    kind, _, what = trouble.rpartition("-")
    if kind in BUNDLE_NAMES and what in _OF_A_BUNDLE_TO_DO:
        return say(_OF_A_BUNDLE_TO_DO[what], kind=say(BUNDLE_NAMES[kind]))
    return say(ADVICE[trouble]) if trouble in ADVICE else say(_UNKNOWN_TO_DO)


def ago(seconds: int) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(0, seconds)
    if seconds < 3_600:
        return say("{count} min", count=seconds // 60)
    if seconds < 2 * 86_400:
        return say("{count} h", count=seconds // 3_600)
    return say("{count} days", count=seconds // 86_400)
