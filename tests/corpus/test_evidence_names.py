"""How licenses are written: in other languages, with ports, with and without versions."""

import pytest

from glasswright.licenses.mentions import mentions


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("Creative Commons Namensnennung - Weitergabe unter gleichen Bedingungen 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution - Pas d'Utilisation Commerciale 4.0", "CC-BY-NC-4.0"),
        ("Licencia Creative Commons Atribución-NoComercial-SinDerivadas 3.0", "CC-BY-NC-ND-3.0"),
        ("Creative Commons Attribuzione - Non commerciale 4.0", "CC-BY-NC-4.0"),
        ("Creative Commons Atribuição-NãoComercial-CompartilhaIgual 4.0", "CC-BY-NC-SA-4.0"),
        ("知识共享署名-非商业性使用-相同方式共享 4.0 国际许可协议", "CC-BY-NC-SA-4.0"),
        ("クリエイティブ・コモンズ 表示 - 非営利 - 継承 4.0", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO"),
        ("http://creativecommons.org/licenses/by-sa/2.5/scotland/", "CC-BY-SA-2.5"),
        ("Creative Commons Attribution 3.0 United States License", "CC-BY-3.0-US"),
        ("Creative Commons License: Attribution-NonCommercial 4.0", "CC-BY-NC-4.0"),
        ("Creative Commons 4.0 Attribution", "CC-BY-4.0"),
        ("CC BY-NC-ND", "LicenseRef-CC-BY-NC-ND"),
        ("the GNU General Public License as published by the Free Software Foundation, version 3", "GPL-3.0-only"),
        ("the GNU GPLv2+", "GPL-2.0-or-later"),
        ("GNU LGPL 2.1 or (at your option) any later version", "LGPL-2.1-or-later"),
        ("the GNU GPL", "LicenseRef-GPL"),
        ("GFDL 1.3 or later, with no Invariant Sections", "GFDL-1.3-no-invariants-or-later"),
        ("GFDL version 1.3 with the Invariant Sections being X", "GFDL-1.3-only"),
        ("released as EPL-2.0", "EPL-2.0"),
        ("the W3C Document License", "LicenseRef-W3C-Document"),
        ("the W3C Software and Document License", "W3C-20150513"),
        ("subject to BCP 78", "LicenseRef-IETF-Trust"),
        ("the Open Publication\nLicense", "OPUBL-1.0"),
        ("not subject to copyright protection within the United States", "LicenseRef-PD-US"),
    ],
)
def test_a_name_is_read(text: str, license: str):
    assert [mention.license for mention in mentions(text)] == [license]


def test_the_name_of_a_family_is_no_license():
    assert mentions("a Creative Commons license") == []
