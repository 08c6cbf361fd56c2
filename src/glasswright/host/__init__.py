"""The machine: what can be pinned is pinned, what cannot is described, and `doctor` says whether it will do."""

from glasswright.host.describe import describe
from glasswright.host.doctor import doctor
from glasswright.host.pin import pin

__all__ = ["describe", "doctor", "pin"]
