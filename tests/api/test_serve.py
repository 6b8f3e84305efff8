"""The socket that browsers reach: answers leave at once, a taken port is one sentence."""

from __future__ import annotations

import socket

import pytest

from vitruvian.api.serve import Address, PortTaken, listen


def test_a_port_in_use__is_refused_with_what_to_do() -> None:
    with listen(Address(port=0)) as first:
        taken = first.getsockname()[1]
        with pytest.raises(PortTaken, match="Choose another with --port"):
            listen(Address(port=taken))


def test_the_body_of_an_answer__does_not_wait_for_its_head_to_be_confirmed() -> None:
    with (
        listen(Address(port=0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
