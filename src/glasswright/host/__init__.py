"""The machine: what can be pinned is pinned, what cannot is described, and `doctor` says whether it will do."""

from glasswright.host.describe import describe
from glasswright.host.doctor import doctor
from glasswright.host.pin import pin
from glasswright.host.wanted import kernels_wanted

__all__ = ["describe", "doctor", "kernels_wanted", "pin"]
