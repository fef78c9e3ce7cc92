"""Made-up people: no name, number or address here is anybody's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Thạch", "Lâm", "Sơn", "Kim", "Võ", "Đặng", "Bùi", "Danh", "Lý")
_MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Hữu", "Thị Kim", "Quốc", "Hoàng", "Thị Mỹ")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Hà", "Hiền", "Khánh", "Lan", "Long", "Mai", "Nam", "Phúc", "Sương", "Tâm", "Út")
_PLAIN = ("an", "binh", "chi", "dung", "ha", "hien", "khanh", "lan", "long", "mai", "nam", "phuc", "suong", "tam", "ut")


def mixed(numbers: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.uint64]:
    """Numbers well mixed with the seed (splitmix64): the same for a row whenever and wherever it is asked for."""
    with np.errstate(over="ignore"):
        mix = numbers.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
        mix = (mix ^ (mix >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mix = (mix ^ (mix >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mix ^ (mix >> np.uint64(31))


NAMES = tuple(f"{family} {middle} {given}" for given in _GIVEN for middle in _MIDDLE for family in _FAMILY)


def person(mix: int) -> tuple[str, str, str, str]:
    """(name, identity number, e-mail, telephone) of an applicant."""
    name = mix % len(NAMES)
    number = mix >> 20
    email = f"{_PLAIN[name // 140]}{number % 99_991}@example.com" if number % 3 else ""
    return NAMES[name], f"094{number % 10**9:09d}", email, f"09{number // 7 % 10**8:08d}"
