"""A run's loss as it went: what the steps say, smoothed, and drawn as a picture or in plain text."""

from glasswright.curve.curve import Curve, smoothed
from glasswright.curve.svg import svg
from glasswright.curve.text import text_plot

__all__ = ["Curve", "smoothed", "svg", "text_plot"]
