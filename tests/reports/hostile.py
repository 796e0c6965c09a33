"""Texts that somebody could send to hurt whoever reads or renders them."""

BIDI = "\u202egnp.exe\u2066\u2069\u200f"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="40" height="20" onload="alert(1)"><script>alert(1)</script>'
    '<image href="{out}" width="9" height="9"/><use xlink:href="{file}#x"/>'
    '<style>@import "{out}"; rect {{ fill: url({out}) }}</style>'
    '<foreignObject><iframe src="{out}"/></foreignObject>'
    '<rect width="20" height="10" fill="#123456"/></svg>'
)
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + ']><svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>'
)
OUTSIDE = '<!DOCTYPE s [<!ENTITY x SYSTEM "{file}">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'


def texts(*, out: str, file: str) -> dict[str, str]:
    """Name to text; ``out`` is an address that must never be asked, ``file`` one never read."""
    return {
        "markup": f"</p></td></table><h1>Mine</h1><script src='{out}'></script>",
        "picture": f'<img src="{out}" onerror="alert(1)"><link rel=stylesheet href="{out}">',
        "file": f'<object data="{file}"></object><a rel="attachment" href="{file}">x</a>',
        "title": f"</title></style><style>@import url({out}); *{{display:none}}</style>",
        "css": f'";}} body{{background:url({file})}} @page{{size:9999cm}} content:url({out})',
        "wide": '"><table><td colspan="1000000000" rowspan="65534">x',
        "deep": "<div>" * 300,
        "template": "{{ report }}{% include 'x' %}{% load x %}{0.__class__} %(x)s %s $\\frac{1}{0}$",
        "long": "supercalifragilistic" * 1000,
        "spaced": "a b " * 5000,
        "directions": BIDI + "שלום עולם 123 العربية",
        "emoji": "💳👨‍👩‍👧‍👦🏳️‍🌈\ufe0f é̶͓͔" + "\u0301" * 500,
        "control": "a\x00b\x1b[31m\x07\r\n\t\x85\u2028\ufffe\U0010ffff\ud800".encode(
            "utf-8", "surrogatepass"
        ).decode("utf-8", "replace"),
        "entity": "&lt;b&gt;&#0;&#x202e;&nbsp;]]><![CDATA[x]]><!--",
        "nothing": "",
        "blank": "\u200b \u00a0\u2003",
    }
