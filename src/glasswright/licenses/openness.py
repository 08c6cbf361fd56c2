"""Whether a license is open, by which list, and for which kind of work it was made.

A license is open if the Open Source Initiative approved it, or the Free Software Foundation calls it free, or it is on
the Model Openness Framework's list of open-data licenses, or it is OpenMDW. An open license made for another kind of
work (a software license on a text) is open and passes with a warning.

The two lists are facts, taken from the flags that the SPDX license list publishes; `only`, `or-later` and the bare name
of a GNU license share one entry.
"""

import re
from dataclasses import dataclass
from typing import Literal

from glasswright.licenses.names import normalize_expression

Kind = Literal["code", "data", "document", "weights"]

OSI_APPROVED_NAMES = """
    0BSD AAL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-3.0 APL-1.0 APSL-1.0 APSL-1.1 APSL-1.2 APSL-2.0 Apache-1.1
    Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-1.0-cl8 Artistic-2.0 BSD-1-Clause BSD-2-Clause
    BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-LBNL BSL-1.0 BlueOak-1.0.0 CAL-1.0
    CAL-1.0-Combined-Work-Exception CATOSL-1.1 CDDL-1.0 CECILL-2.1 CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0
    CNRI-Python CPAL-1.0 CPL-1.0 CUA-OPL-1.0 ECL-1.0 ECL-2.0 EFL-1.0 EFL-2.0 EPL-1.0 EPL-2.0 EUDatagrid EUPL-1.1
    EUPL-1.2 Entessa Fair Frameworx-1.0 GPL-2.0 GPL-3.0 HPND ICU IPA IPL-1.0 ISC Intel JAM Jam LGPL-2.0 LGPL-2.1
    LGPL-3.0 LPL-1.0 LPL-1.02 LPPL-1.3c LiLiQ-P-1.1 LiLiQ-R-1.1 LiLiQ-Rplus-1.1 MIT MIT-0 MIT-Modern-Variant MPL-1.0
    MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MirOS Motosoto MulanPSL-2.0 Multics NASA-1.3 NCSA NGPL
    NPOSL-3.0 NTP Naumen Nokia OCLC-2.0 OFL-1.1 OFL-1.1-RFN OFL-1.1-no-RFN OGTSL OLDAP-2.8 OLFL-1.3 OSC-1.0 OSET-PL-2.1
    OSL-1.0 OSL-2.0 OSL-2.1 OSL-3.0 PHP-3.0 PHP-3.01 PostgreSQL Python-2.0 QPL-1.0 RPL-1.1 RPL-1.5 RPSL-1.0 RSCPL
    SISSL SPL-1.0 SimPL-2.0 Sleepycat UCL-1.0 UPL-1.0 Unicode-3.0 Unicode-DFS-2016 Unlicense VSL-1.0 W3C Watcom-1.0 WordNet
    Xnet ZPL-2.0 ZPL-2.1 Zlib
    """
OSI_APPROVED = frozenset(OSI_APPROVED_NAMES.split())

FSF_LIBRE_NAMES = """
    AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-3.0 APSL-2.0 Apache-1.0 Apache-1.1 Apache-2.0 Artistic-2.0
    BSD-2-Clause BSD-2-Clause-FreeBSD BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BitTorrent-1.1 CC-BY-4.0
    CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CECILL-2.0 CECILL-B CECILL-C CPAL-1.0 CPL-1.0 ClArtistic Condor-1.1 ECL-2.0 EFL-2.0
    EPL-1.0 EPL-2.0 EUDatagrid EUPL-1.1 EUPL-1.2 FSFAP FTL GFDL-1.1 GFDL-1.2 GFDL-1.3 GPL-2.0 GPL-3.0 HPND IJG IPA IPL-1.0
    ISC Imlib2 Intel LGPL-2.1 LGPL-3.0 LPL-1.02 LPPL-1.2 LPPL-1.3a MIT MPL-1.1 MPL-2.0 MS-PL MS-RL NCSA NOSL NPL-1.0
    NPL-1.1 Nokia ODbL-1.0 OFL-1.0 OFL-1.1 OLDAP-2.3 OLDAP-2.7 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 OpenSSL PHP-3.01
    Python-2.0 QPL-1.0 RPSL-1.0 Ruby SGI-B-2.0 SISSL SMLNJ SPL-1.0 Sleepycat StandardML-NJ UPL-1.0 Unlicense Vim W3C WTFPL
    X11 XFree86-1.1 YPL-1.1 ZPL-2.0 ZPL-2.1 Zend-2.0 Zimbra-1.3 Zlib gnuplot iMatix xinetd
    """
FSF_LIBRE = frozenset(FSF_LIBRE_NAMES.split())

# Approved as a part of another license: the first of the four texts that make up Python-2.0.
PART_OF_APPROVED = {"PSF-2.0": "OSI-approved, as part of Python-2.0"}

# The framework's list of open licenses for data and documents, by family.
OPEN_DATA = re.compile(
    r"(CC0-1\.0|CC-BY-\d\.\d(-[A-Z]+)*|CC-BY-SA-\d\.\d(-[A-Z]+)*|CDLA-(Permissive|Sharing)-\d\.\d|ODC-By-1\.0|PDDL-1\.0"
    r"|ODbL-1\.0|OGL-(UK|Canada)-[\d.]+|GFDL-1\.\d)"
)
OPENMDW = re.compile(r"OpenMDW-1\.\d")
FOR_DATA_OR_TEXT = re.compile(r"CC|CDLA|ODC|ODbL|PDDL|OGL|GFDL")


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether a license is open: by which list, and whether it was made for this kind of work."""

    is_open: bool
    by: str | None = None
    fits_kind: bool = True


def openness(expression: str | None, kind: Kind) -> Openness:
    """Judge a license expression. AND needs every part open, OR needs one; no expression is not open."""
    if (normal := normalize_expression(expression)) is None:
        return Openness(False)
    alternatives = [_every_part(part, kind) for part in re.split(r"\bOR\b", normal.strip("()"))]
    return max(alternatives, key=lambda found: (found.is_open, found.fits_kind))


def is_open(expression: str | None, kind: Kind) -> bool:
    """True if the license expression is open; an unknown license is not."""
    return openness(expression, kind).is_open


def _every_part(conjunction: str, kind: Kind) -> Openness:
    parts = [part.split(" WITH ")[0].strip(" ()") for part in re.split(r"\bAND\b", conjunction)]
    judged = [_single(part, kind) for part in parts]
    return next((found for found in judged if not found.is_open), judged[0])


def _single(spdx: str, kind: Kind) -> Openness:
    bare = re.sub(r"(-only|-or-later|\+)$", "", spdx)
    made_for_text = bool(FOR_DATA_OR_TEXT.match(bare))
    fits = kind == "weights" or made_for_text != (kind == "code")
    if OPENMDW.fullmatch(bare):
        return Openness(True, "OpenMDW", True)
    if bare in OSI_APPROVED:
        return Openness(True, "OSI-approved", fits)
    if bare in PART_OF_APPROVED:
        return Openness(True, PART_OF_APPROVED[bare], fits)
    if OPEN_DATA.fullmatch(bare):
        return Openness(True, "open-data list", fits)
    if bare in FSF_LIBRE:
        return Openness(True, "FSF-libre", fits)
    return Openness(False)
