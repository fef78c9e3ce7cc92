"""A mail's subject arrives as it was written."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import pytest

from expectations.mail import compose

TEXT = "[CCHC] UBND huyện Trần Đề: 1 báo cáo quá hạn, 2 biểu cần sửa; Sở Nội vụ, Ban Dân tộc plain words"


def sent(subject: str) -> bytes:
    return compose(
        subject=subject, text="x", html="<p>x", sender="cchc@soctrang.gov.vn", recipient="snv@soctrang.gov.vn",
        composed_at=datetime(2021, 12, 20, tzinfo=UTC), message_key="a",
    ).as_bytes()  # fmt: skip


@pytest.mark.parametrize("seed", range(200))
def test_no_space_is_lost_where_a_line_ends(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    subject = " ".join(chance.choices(TEXT.split(), k=chance.randint(1, 40)))
    content = sent(subject)
    assert message_from_bytes(content, policy=SMTP)["Subject"] == subject
    again = message_from_bytes(content, policy=SMTP).as_bytes(policy=SMTP)
    assert message_from_bytes(again, policy=SMTP)["Subject"] == subject
    assert max(map(len, content.split(b"\r\n"))) <= 78
