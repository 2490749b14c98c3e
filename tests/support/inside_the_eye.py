"""What hostile code in the eye would try: each attempt by name, and whether it was reached or refused.

``python inside_the_eye.py TARGETS`` tries each in a process of its own; `report` tries them all in this one, where
a decoder that was taken over would. TARGETS is the JSON of `Targets`. The report is a line of JSON an attempt::

    {"attempt": "read-signing-key", "reached": false, "error": "EACCES"}

``error`` is null where it was reached. Some system calls are given nothing to work on (a null pointer, a wrong
number): an error other than EPERM, EACCES and ENOSYS then means that the kernel went to work, and that is reached too.
What is reached breaks nothing, but for the file that asks for a reboot. The standard library alone: it is copied into
other machines.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import sys
import termios
import textwrap
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS}
ABSENT = {errno.ENOENT, errno.ENODEV, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ENOTTY, errno.ENXIO}


@dataclass(frozen=True)
class Targets:
    """What is attacked.

    Attributes:
        store: the ledger's folder, with ``enrolment.json`` and ``ledger.db``.
        runtime: folder of the control socket and of the file that asks for a reboot.
        hub: host and port of something that listens.
        gate: process id of the gate.
        address: of something in the gate's memory that may be written; any number where it is refused before.
        abstract: name of an abstract unix socket that somebody listens on; empty: none.
        device: a device node that is no camera's.
    """

    store: str
    runtime: str
    hub: tuple[str, int]
    gate: int
    address: int = 4096
    abstract: str = ""
    device: str = "/dev/gpiochip0"

    def to_json(self) -> str:
        """Return the argument TARGETS."""
        return json.dumps(asdict(self))


_TAKEN_OVER = """
import os, sys, time
sys.path.append({checkout!r})
from device.eye import child
from tests.support.inside_the_eye import Targets, report

class Hostile:
    name = "zbar"
    tried = False

    def read(self, luma):
        from device.decoder.engines import Zbar
        found = Zbar().read(luma)
        if not self.tried and not found.symbols:
            self.tried = True
{does}
        return found

sys.exit(child.main((("zbar", Hostile),)))
"""


def eye_taken_over(checkout: str, does: str) -> str:
    """Return the program of an eye whose decoder is taken over by the first picture in which there is no code.

    Args:
        checkout: where this package is found.
        does: the statements of the code that takes it over; ``os``, ``time``, `Targets` and `report` are there.
    """
    return _TAKEN_OVER.format(checkout=checkout, does=textwrap.indent(does, " " * 12))


def reporting(targets: Targets) -> str:
    """Return the statement that tries everything at *targets*."""
    return f"report(Targets(**{asdict(targets)}))"


_libc = ctypes.CDLL(None, use_errno=True)
_seccomp = ctypes.CDLL("libseccomp.so.2")  # it knows the numbers of this architecture


def call(name: str, *arguments: object) -> int:
    """Make a system call by its name; OSError for what it answers, but for errors that show that it went to work."""
    number = _seccomp.seccomp_syscall_resolve_name(name.encode())
    code = _libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if code < 0 and ctypes.get_errno() in REFUSED | ABSENT:
        raise OSError(ctypes.get_errno(), name)
    return int(code)


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _across(name: str, targets: Targets, held: ctypes.Array[ctypes.c_char]) -> None:
    """Call process_vm_readv or process_vm_writev on one byte."""
    ours, theirs = _Iovec(ctypes.addressof(held), 1), _Iovec(targets.address, 1)
    call(name, targets.gate, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)


def _write_memory(targets: Targets) -> None:
    held = ctypes.create_string_buffer(1)
    with suppress(OSError):
        _across("process_vm_readv", targets, held)
    _across("process_vm_writev", targets, held)


def _memory_file(targets: Targets, flags: int) -> None:
    opened = os.open(f"/proc/{targets.gate}/mem", flags)
    held = os.pread(opened, 1, targets.address)
    if flags == os.O_RDWR:
        os.pwrite(opened, held, targets.address)


def _rewrite(path: Path) -> None:
    """Write the first byte of a file again."""
    opened = os.open(path, os.O_RDWR)
    os.pwrite(opened, os.pread(opened, 1, 0), 0)


def _map_shared(path: Path) -> None:
    _libc.mmap.restype = ctypes.c_void_p
    opened = os.open(path, os.O_RDWR)
    if _libc.mmap(None, ctypes.c_size_t(4096), 3, 1, opened, ctypes.c_long(0)) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


def _lock(path: Path) -> None:
    """Take a lock that keeps whoever writes waiting; for reading alone that needs no more than a file to read."""
    opened = os.open(path, os.O_RDONLY)
    fcntl.lockf(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    os.close(opened)


def _name_a_socket(path: Path) -> None:
    """Make a file by naming a socket: another one, or where there is none to be had the eye's own connection."""
    try:
        own, _ = socket.socketpair()
        number = own.fileno()
    except PermissionError:
        number = 0
    family = socket.AF_UNIX.to_bytes(2, sys.byteorder)
    for name in (os.fsencode(path)[:107], b"%d" % os.getpid()):
        address = family + name.ljust(10, b"\0")
        if _libc.bind(number, address, len(address)) == 0:
            return
    raise OSError(ctypes.get_errno() if ctypes.get_errno() in REFUSED else errno.EACCES, "bind")  # it has a name


def _ask(targets: Targets, **question: object) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.connect(str(Path(targets.runtime) / "gate.sock"))
        asking.sendall(json.dumps(question).encode() + b"\n")
        asking.recv(10)


def _connect(family: int, kind: int, address: str | tuple[object, ...]) -> None:
    with socket.socket(family, kind) as opened:
        opened.settimeout(5)
        opened.connect(address)


def _send_to(targets: Targets) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendto(b"key", tuple(targets.hub))


def _listen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()


def _fork_a_daemon() -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _run_a_program() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)


def _exec_in_place() -> None:
    os.execv("/bin/true", ["true"])


def _exec_memory() -> None:
    opened = os.memfd_create("program", 0)
    os.write(opened, b"#")
    call("execveat", opened, b"", None, None, 0x1000)


def _by_handle(targets: Targets) -> None:
    handle = (ctypes.c_int * 34)(128)
    mount = ctypes.c_int()
    path = os.fsencode(Path(targets.store) / "enrolment.json")
    call("name_to_handle_at", -100, path, handle, ctypes.byref(mount), 0)
    at = os.open("/usr", os.O_RDONLY)
    call("open_by_handle_at", at, handle, os.O_RDONLY)


def _signal_by_descriptor(targets: Targets) -> None:
    ours, _ = os.pipe()
    fcntl.fcntl(ours, fcntl.F_SETOWN, targets.gate)
    fcntl.fcntl(ours, 10, signal.SIGURG)  # F_SETSIG


def _descriptors_of_the_gate(targets: Targets) -> None:
    Path(f"/proc/{targets.gate}/fd/0").readlink()


def _steal_a_descriptor(targets: Targets) -> None:
    pidfd = call("pidfd_open", targets.gate, 0)
    call("pidfd_getfd", pidfd, 0, 0)


def _set_the_clock() -> None:
    time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_REALTIME))


def _write_and_run_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _attach(targets: Targets) -> None:
    call("ptrace", 0x4206, targets.gate, 0, 0)  # PTRACE_SEIZE
    call("ptrace", 17, targets.gate, 0, 0)  # PTRACE_DETACH; of a target that runs: ESRCH


def _own(path: str) -> Callable[[Targets], object]:
    return lambda _: Path(path).read_bytes()


def _in_store(name: str) -> Callable[[Targets], Path]:
    """Return a path there; of what is made, another one in each process."""
    return lambda targets: Path(targets.store) / name.replace("%", str(os.getpid()))


_KEY, _LEDGER, _NEW = _in_store("enrolment.json"), _in_store("ledger.db"), _in_store("put-there-%")

NINE: dict[str, Callable[[Targets], object]] = {
    "read-signing-key": lambda to: _KEY(to).read_bytes(),
    "write-ledger": lambda to: _rewrite(_LEDGER(to)),
    "ask-control-socket": lambda to: _ask(to, ask="status"),
    "open-the-door": lambda to: _ask(to, ask="lights", cue="granted", relay=True),
    "connect-to-the-hub": lambda to: _connect(socket.AF_INET, socket.SOCK_STREAM, tuple(to.hub)),
    "read-memory": lambda to: _across("process_vm_readv", to, ctypes.create_string_buffer(1)),
    "write-memory": _write_memory,
    "ask-for-a-reboot": lambda to: (Path(to.runtime) / "reboot").touch(),
    "signal-the-gate": lambda to: os.kill(to.gate, signal.SIGURG),
}
"""What would cost a check-in, a key or the door."""

FILES: dict[str, Callable[[Targets], object]] = {
    "read-ledger": lambda to: _LEDGER(to).read_bytes(),
    "map-ledger": lambda to: _map_shared(_LEDGER(to)),
    "list-the-store": lambda to: list(Path(to.store).iterdir()),
    "put-a-file": lambda to: _NEW(to).write_bytes(b""),
    "make-a-folder": lambda to: _in_store("folder-%")(to).mkdir(),
    "make-a-link": lambda to: _in_store("link-%")(to).symlink_to("/etc"),
    "make-a-hard-link": lambda to: _in_store("hard-%")(to).hardlink_to(_KEY(to)),
    "make-a-pipe": lambda to: os.mkfifo(_in_store("fifo-%")(to)),
    "make-an-unnamed-file": lambda to: os.open(to.store, os.O_TMPFILE | os.O_WRONLY),
    "rename": lambda to: _LEDGER(to).rename(_LEDGER(to)),
    "remove": lambda to: _in_store("removable")(to).unlink(),
    "make-a-socket-file": lambda to: _name_a_socket(_in_store("socket-%")(to)),
    "lock-the-ledger": lambda to: _lock(_LEDGER(to)),
    "truncate": lambda to: os.truncate(_LEDGER(to), _LEDGER(to).stat().st_size),
    "append": lambda to: os.open(_LEDGER(to), os.O_WRONLY | os.O_APPEND),
    "change-the-mode": lambda to: _LEDGER(to).chmod(0o600),
    "change-the-owner": lambda to: os.chown(_LEDGER(to), -1, -1),
    "change-the-time": lambda to: os.utime(_LEDGER(to)),
    "set-an-attribute": lambda to: os.setxattr(_LEDGER(to), "user.a", b"1"),
    "open-with-openat2": lambda to: call("openat2", -100, os.fsencode(_KEY(to)), (ctypes.c_uint64 * 3)(), 24),
    "open-by-handle": _by_handle,
    "open-a-device": lambda to: os.open(to.device, os.O_RDWR),
    "read-the-password-file": _own("/etc/passwd"),
    "write-to-tmp": lambda to: Path(f"/tmp/{to.gate}-put-there").write_bytes(b""),
}

PROCESSES: dict[str, Callable[[Targets], object]] = {
    "memory-file": lambda to: _memory_file(to, os.O_RDONLY),
    "write-memory-file": lambda to: _memory_file(to, os.O_RDWR),
    "environment-of-the-gate": lambda to: Path(f"/proc/{to.gate}/environ").read_bytes(),
    "command-line-of-the-gate": lambda to: Path(f"/proc/{to.gate}/cmdline").read_bytes(),
    "descriptors-of-the-gate": _descriptors_of_the_gate,
    "steal-a-descriptor": _steal_a_descriptor,
    "attach": _attach,
    "compare": lambda to: call("kcmp", os.getpid(), to.gate, 0, 0, 0),
    "open-a-pidfd": lambda to: call("pidfd_open", to.gate, 0),
    "signal-by-pidfd": lambda _: call("pidfd_send_signal", 0, 0, None, 0),
    "signal-a-thread": lambda to: call("tgkill", to.gate, to.gate, signal.SIGURG),
    "signal-with-a-value": lambda to: call("rt_sigqueueinfo", to.gate, signal.SIGURG, None),
    "signal-by-a-descriptor": _signal_by_descriptor,
    "fork": lambda _: _fork_a_daemon(),
    "run-a-program": lambda _: _run_a_program(),
    "become-a-program": lambda _: _exec_in_place(),
    "run-a-program-from-memory": lambda _: _exec_memory(),
    "outlive-the-gate": lambda _: call("prctl", 1, 0, 0, 0, 0),  # PR_SET_PDEATHSIG
    "slow-the-gate-down": lambda to: os.sched_setaffinity(to.gate, os.sched_getaffinity(0)),
    "limit-the-gate": lambda to: resource.prlimit(to.gate, resource.RLIMIT_CORE),
    "write-and-run-memory": lambda _: _write_and_run_memory(),
    "type-into-the-terminal": lambda _: _terminal(termios.TIOCSTI),
    "switch-the-console": lambda _: _terminal(0x5606),  # VT_ACTIVATE
    "change-the-flags-of-the-log": lambda _: fcntl.fcntl(2, fcntl.F_SETFL, fcntl.fcntl(2, fcntl.F_GETFL)),
}

KERNEL: dict[str, Callable[[Targets], object]] = {
    "send-a-datagram": _send_to,
    "listen": lambda _: _listen(),
    "ipv6": lambda to: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close(),
    "unix-socket": lambda to: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
    "unix-pair": lambda to: socket.socketpair()[0].close(),
    "abstract-socket": lambda to: _connect(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{to.abstract}"),
    "vsock": lambda to: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close(),
    "packets": lambda to: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3).close(),
    "routes": lambda to: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
    "crypto-socket": lambda to: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close(),
    "io-uring": lambda _: call("io_uring_setup", 1, None),
    "bpf": lambda _: call("bpf", 0, None, 0),
    "perf": lambda _: call("perf_event_open", None, 0, -1, -1, 0),
    "userfaultfd": lambda _: call("userfaultfd", 1),
    "keys": lambda _: call("keyctl", 0, -3, 0),  # KEYCTL_GET_KEYRING_ID
    "add-a-key": lambda _: call("add_key", None, None, None, 0, 0),
    "mount": lambda _: call("mount", None, None, None, 0, None),
    "new-mount": lambda _: call("fsopen", None, 0),
    "unmount": lambda _: call("umount2", None, 0),
    "change-the-root": lambda _: call("chroot", None),
    "new-namespace": lambda _: call("unshare", 0x10000000),  # CLONE_NEWUSER
    "enter-a-namespace": lambda _: call("setns", -1, 0),
    "personality": lambda _: call("personality", 0xFFFFFFFF),
    "set-the-clock": lambda _: _set_the_clock(),
    "shared-memory": lambda _: call("shmget", 0, 4096, 0o1600),  # IPC_PRIVATE, IPC_CREAT
    "semaphores": lambda _: call("semget", 0, 1, 0o1600),
    "message-queue": lambda _: call("mq_open", None, 0, 0, None),
    "watch-files": lambda _: call("fanotify_init", 0, 0),
    "load-a-module": lambda _: call("finit_module", -1, b"", 0),
    "hostname": lambda _: call("sethostname", None, 1),
    "another-filter": lambda _: call("seccomp", 1, 0, None),
    "become-somebody-else": lambda _: os.setuid(os.getuid()),
}

ATTEMPTS = {**NINE, **FILES, **PROCESSES, **KERNEL}


def _terminal(request: int) -> None:
    try:
        fcntl.ioctl(2, request, b"x")
    except OSError as error:
        if error.errno != errno.ENOTTY:  # standard error is no terminal here: the kernel has looked
            raise


def outcome(name: str, targets: Targets) -> dict[str, object]:
    """Try one; return its line of the report."""
    try:
        ATTEMPTS[name](targets)
    except OSError as error:
        return {"attempt": name, "reached": False, "error": errno.errorcode.get(error.errno or 0, str(error))}
    return {"attempt": name, "reached": True, "error": None}


def report(targets: Targets, names: Iterable[str] = ATTEMPTS, to: int = 2) -> None:
    """Try them in this process, and write a line for each to a descriptor."""
    for name in names:
        os.write(to, json.dumps(outcome(name, targets)).encode() + b"\n")


def _apart(name: str, targets: Targets) -> None:
    """Try one in a process of its own, which may become another program."""
    sys.stdout.flush()
    read_end, write_end = os.pipe()
    if (child := os.fork()) == 0:
        os.set_inheritable(write_end, False)  # noqa: FBT003 - its shape
        report(targets, [name], write_end)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as told:
        line = told.read()
    os.waitpid(child, 0)
    gone = json.dumps({"attempt": name, "reached": True, "error": None}).encode() + b"\n"  # it is another program now
    sys.stdout.buffer.write(line or gone)
    sys.stdout.flush()


def main() -> None:
    """Try each that is named, or all."""
    terms = json.loads(sys.argv[1])
    targets = Targets(**{**terms, "hub": tuple(terms["hub"])})
    for name in sys.argv[2:] or ATTEMPTS:
        _apart(name, targets)


if __name__ == "__main__":
    main()
