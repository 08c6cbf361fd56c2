"""The same small build as in tests/pipeline."""

from tests.pipeline.conftest import recipe, setting, whole

__all__ = ["recipe", "setting", "whole"]
