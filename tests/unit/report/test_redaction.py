"""Nothing private leaves in a bundle, and what a report needs stays."""

from __future__ import annotations

import pytest

from aigchip.report.redaction import redact, secrets_of


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("OPENAI_API_KEY=sk-abcdef1234567890", "OPENAI_API_KEY=<key>"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer <key>"),
        ("password: hunter22, next", "password: <key>, next"),
        ("LM_LICENSE_FILE 2100@lic.example.com", "LM_LICENSE_FILE <licence server>"),
        ("mail to a.b@example.org now", "mail to <address> now"),
        ("connect to 192.168.2.99:22", "connect to <ip>:22"),
        ("lock 00:0a:35:01:02:03", "lock <mac>"),
        ("/home/anna/work/x.cpp:3: error", "/home/<user>/work/x.cpp:3: error"),
        (r"C:\Users\anna\x.cpp(3)", r"C:\Users\<user>\x.cpp(3)"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----", "<private key>"),
    ],
)
def test_what_is_private_is_named_by_its_kind(text: str, redacted: str) -> None:
    assert redact(text, {}) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "vitis_hls v2022.2 (64-bit)",
        "127.0.0.1",
        "xczu7ev-ffvc1156-2-e at 300 MHz",
        "ERROR: [HLS 207-3776] use of undeclared identifier 'x' (src/a.cpp:75:8)",
        "0x00010000 2026-11-26 12:30:59",
    ],
)
def test_what_a_report_needs_stays(text: str) -> None:
    assert redact(text, {}) == text


def test_values_of_secret_variables_and_named_hosts_go_wherever_they_stand() -> None:
    secrets = secrets_of({"MY_TOKEN": "s3cr3t-value", "PATH": "/usr/bin"}, names=["board-17"])
    assert redact("GET /s3cr3t-value from board-17 (board-178) in /usr/bin", secrets) == (
        "GET /<MY_TOKEN> from <target> (board-178) in /usr/bin"
    )


def test_short_names_do_not_eat_words() -> None:
    assert "abc" not in secrets_of({"A_KEY": "abc"})
