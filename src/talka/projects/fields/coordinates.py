"""Field types `coordinates` and `array_coordinates`."""

from __future__ import annotations

import re
from typing import Any

from talka.kit.errors import FieldError
from talka.projects.fields.base import ArraySpec, Check, FieldSpec, Problem, wrong_type

_NUMBER = r"([-+]?[0-9]{1,20}(?:\.[0-9]{0,30})?(?:[eE][-+]?[0-9]{1,3})?)"
_POINT = re.compile(rf" ?{_NUMBER} ?, ?{_NUMBER} ?")


class CoordinatesSpec(FieldSpec):
    """A point on the earth, `"latitude,longitude"` in degrees."""

    current_location: bool | None = None

    def check(self) -> Check:
        """Values are strings of two numbers with a comma; a space beside it is tolerated."""

        def check(value: Any) -> Problem | None:
            if type(value) is not str:
                return wrong_type(value, "STRING_EXPECTED", "coordinates such as 38.71,-9.14")
            point = _POINT.fullmatch(value)
            if point is None:
                return FieldError("INVALID_COORDINATES_SYNTAX", "Must be coordinates such as 38.71,-9.14")
            if abs(float(point[1])) > 90 or abs(float(point[2])) > 180:
                message = "Latitudes are between -90 and 90, longitudes between -180 and 180"
                return FieldError("VALUE_OUT_OF_BOUNDS", message)
            return None

        return check


class CoordinatesArraySpec(ArraySpec, CoordinatesSpec):
    """An array of points."""
