"""What every model of the contract's documents is: closed, or open to more fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from device.strict_json import MOST_INT

Milliseconds = Annotated[int, Field(ge=-MOST_INT, le=MOST_INT, description="milliseconds")]


class Closed(BaseModel):
    """A document to which nothing may be added within this version of the contract."""

    model_config = ConfigDict(extra="forbid")


class Extensible(BaseModel):
    """A document that may carry more fields than these; readers pass them over."""

    model_config = ConfigDict(extra="allow")
