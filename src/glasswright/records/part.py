"""What every section of a recipe is, and the kinds of its values."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationInfo, model_validator

from glasswright.records.canonical import MAX_EXACT_INTEGER

MAX_DIGITS = 28  # what Decimal keeps without rounding under its default context
AS_WRITTEN = {"as_written": True}  # validation context of a recipe that a release carries
MAX_PLACES = 60  # places a decimal may reach from the point, on either side: more than binary32 can tell apart


def digits(value: Decimal) -> str:
    """One spelling per value: 0.10 and 1E-1 are both "0.1"."""
    text = format(value.normalize(), "f")
    return text if text != "-0" else "0"


def _spelled_out(value: Decimal) -> Decimal:
    """Refuse a decimal that `digits` would round, or write at any length."""
    _, figures, exponent = value.as_tuple()
    if len(figures) > MAX_DIGITS:
        raise ValueError(f"expected at most {MAX_DIGITS} digits, found {len(figures)}")
    if not isinstance(exponent, int) or abs(exponent) > MAX_PLACES:
        raise ValueError(f"expected at most {MAX_PLACES} places before or after the point, found {value}")
    return value


Exact = Annotated[Decimal, AfterValidator(_spelled_out), PlainSerializer(digits, return_type=str)]
Fraction01 = Annotated[Exact, Field(ge=0, lt=1)]
Positive = Annotated[Exact, Field(gt=0)]
NotNegative = Annotated[Exact, Field(ge=0)]
Count = Annotated[int, Field(ge=1, le=MAX_EXACT_INTEGER, strict=True)]


class Part(BaseModel):
    """A section of the recipe: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _written_out(self, info: ValidationInfo) -> Self:
        """Every default counts as written, unless the recipe is read as it was written."""
        if info.context is not AS_WRITTEN:
            self.model_fields_set.update(type(self).model_fields)
        return self
