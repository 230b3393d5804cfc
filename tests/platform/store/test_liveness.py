"""A process is told from every other, also from the next one with its number."""

from __future__ import annotations

import os
import subprocess
import sys

from layerwise.platform.store.liveness import here, identity, is_alive


def test_this_process_is_alive_and_an_ended_one_is_not() -> None:
    assert is_alive(identity()) is True
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = identity(child.pid)
    assert is_alive(name) is True
    child.communicate(b"\n")
    assert is_alive(name) is False


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    name = identity(child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(name) is False
    child.wait()


def test_a_number_that_was_given_out_again_is_somebody_else() -> None:
    host, boot, pid, birth = identity().split("/")
    assert is_alive(f"{host}/{boot}/{pid}/{int(birth) - 1}") is False
    assert is_alive(f"{host}/another-boot/{pid}/{birth}") is False


def test_nobody_knows_about_another_host() -> None:
    assert is_alive("another-host/boot/17/1234") is None


def test_what_is_no_identity_belongs_to_nobody_alive() -> None:
    assert is_alive("") is False
    assert is_alive("a/b/c/d") is False
    assert here().count("/") == 1
